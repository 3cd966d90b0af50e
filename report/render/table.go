package render

import (
	"bufio"
	"io"
	"strings"
)

// Table writes the grid for people. On a terminal it has lines, fits the width, and has colour
// where that is wanted. Elsewhere it is plain: columns two blanks apart, no lines, and a - where
// a cell is empty, so that awk finds each column.
func Table(w io.Writer, g Grid, term Terminal) error {
	b := bufio.NewWriter(w)
	s := newSheet(g, term.Width == 0)
	s.writePlain(b)
	return b.Flush()
}

// heading is the column's name as a table shows it.
func (c Column) heading() string {
	if c.verbatim {
		return Clean(c.Name)
	}
	return Clean(strings.ToUpper(strings.ReplaceAll(c.Name, "_", " ")))
}

// text is a cell of the column as a table shows it.
func (c Column) text(cell string) string {
	switch {
	case c.Number:
		return Clean(separated(cell))
	case c.Date && len(cell) > len("2025-03-31"):
		return Clean(cell[:len("2025-03-31")])
	}
	return strings.TrimSpace(Clean(cell))
}
