package render

import (
	"bufio"
	"fmt"
	"io"
)

// manyRows is where a terminal gets a plain table as well: tablewriter takes some 20 µs a row, and
// nobody reads so many.
const manyRows = 2000

// Table writes the grid for people. On a terminal it has lines, fits the width, and has colour
// where that is wanted. Elsewhere it is plain: columns two blanks apart, no lines, and a - where
// a cell is empty, so that awk finds each column.
func Table(w io.Writer, g Grid, term Terminal) error {
	b := bufio.NewWriter(w)
	s := newSheet(g, term.Width == 0)
	if term.Width == 0 {
		s.writePlain(b)
		return b.Flush()
	}
	left := s.fit(term.Width)
	if err := s.writeFitted(b, term); err != nil {
		return err
	}
	if left > 0 {
		said := fmt.Sprintf("… %s columns do not fit here; --format csv or html has them", Count(left))
		b.WriteString(shorten(said, term.Width) + "\n")
	}
	return b.Flush()
}

// writeFitted writes a sheet that was fitted to the terminal.
func (s *sheet) writeFitted(b *bufio.Writer, term Terminal) error {
	if s.total() > term.Width {
		s.clip(term.Width)
	}
	if s.rows > manyRows {
		s.writePlain(b)
		return nil
	}
	return s.writeLined(b, term.Color)
}

// clip is for terminals too narrow for anything else: it drops columns from the right, and cuts
// the one that is left.
func (s *sheet) clip(width int) {
	for len(s.columns) > 1 && s.total() > width {
		s.columns = s.columns[:len(s.columns)-1]
	}
	if s.total() > width {
		s.columns[0].width, s.columns[0].cut = width, true
	}
}
