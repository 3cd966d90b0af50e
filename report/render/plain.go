package render

import (
	"bufio"

	"github.com/clipperhouse/displaywidth"
)

// A sheet is a grid made ready to be written as a table: every cell clean and as it is shown,
// and the width of every column.
type sheet struct {
	columns []Column
	head    []string
	rows    [][]string
	foot    []string // nil: none
	widths  []int
}

// newSheet lays the grid out. With dashes, empty cells are shown as -.
func newSheet(g Grid, dashes bool) *sheet {
	s := &sheet{columns: g.Columns, widths: make([]int, len(g.Columns))}
	s.head = make([]string, len(g.Columns))
	for i, c := range g.Columns {
		s.head[i] = c.heading()
	}
	s.measure(s.head)
	s.rows = make([][]string, len(g.Rows))
	for i, row := range g.Rows {
		s.rows[i] = s.cells(row, dashes)
	}
	if g.Footer != nil {
		s.foot = s.cells(g.Footer, dashes)
	}
	return s
}

// cells makes a row of the grid a row of the sheet, and widens the columns for it.
func (s *sheet) cells(row []string, dashes bool) []string {
	cells := make([]string, len(s.columns))
	for i, c := range s.columns {
		cells[i] = c.text(at(row, i))
		if cells[i] == "" && dashes {
			cells[i] = "-"
		}
	}
	s.measure(cells)
	return cells
}

func (s *sheet) measure(cells []string) {
	for i, cell := range cells {
		s.widths[i] = max(s.widths[i], displaywidth.String(cell))
	}
}

// writePlain writes the sheet with nothing but blanks between the columns. The caller sees an
// error of the writer when it flushes b.
func (s *sheet) writePlain(b *bufio.Writer) {
	s.writeLine(b, s.head)
	for _, row := range s.rows {
		s.writeLine(b, row)
	}
	if s.foot != nil {
		s.writeLine(b, s.foot)
	}
}

// writeLine writes one row. Blanks are written only before something else, so no line ends in one.
func (s *sheet) writeLine(b *bufio.Writer, cells []string) {
	blanks := 0
	for i, cell := range cells {
		gap := s.widths[i] - displaywidth.String(cell)
		if s.columns[i].Number {
			blanks += gap
			gap = 0
		}
		if cell != "" {
			writeBlanks(b, blanks)
			b.WriteString(cell)
			blanks = 0
		} else {
			gap = s.widths[i]
		}
		blanks += gap + len("  ")
	}
	b.WriteByte('\n')
}

const blank = "                                                                "

func writeBlanks(b *bufio.Writer, n int) {
	for n > len(blank) {
		b.WriteString(blank)
		n -= len(blank)
	}
	b.WriteString(blank[:n])
}
