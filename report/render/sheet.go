package render

import (
	"bufio"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/report"
)

// gap stands between two columns.
const gap = "  "

// A sheet is a grid made ready to be written as a table: every cell clean and as it is shown,
// and the width of every column.
type sheet struct {
	columns []Column
	head    []string
	rows    [][]string
	foot    []string // nil: none
	widths  []int
	dashes  bool // empty cells are shown as -
}

func newSheet(g Grid, dashes bool) *sheet {
	s := &sheet{columns: g.Columns, widths: make([]int, len(g.Columns)), dashes: dashes}
	s.head = make([]string, len(g.Columns))
	for i, c := range g.Columns {
		s.head[i] = c.heading()
		if c.bar {
			s.widths[i] = minBar
		}
	}
	s.measure(s.head)
	s.rows = make([][]string, len(g.Rows))
	for i, row := range g.Rows {
		s.rows[i] = s.cells(row)
	}
	if g.Footer != nil {
		s.foot = s.cells(g.Footer)
	}
	return s
}

// cells makes a row of the grid a row of the sheet, and widens the columns for it.
func (s *sheet) cells(row []string) []string {
	cells := make([]string, len(s.columns))
	for i, c := range s.columns {
		cells[i] = c.text(at(row, i))
		if cells[i] == "" && s.dashes {
			cells[i] = "-"
		}
	}
	s.measure(cells)
	return cells
}

// measure widens the columns for a row. A bar is drawn later, as wide as there is room for.
func (s *sheet) measure(cells []string) {
	for i, cell := range cells {
		if !s.columns[i].bar {
			s.widths[i] = max(s.widths[i], displaywidth.String(cell))
		}
	}
}

// all calls f with every line of the sheet.
func (s *sheet) all(f func(cells []string)) {
	f(s.head)
	for _, row := range s.rows {
		f(row)
	}
	if s.foot != nil {
		f(s.foot)
	}
}

// writePlain writes the sheet with nothing but blanks between the columns. The caller sees an
// error of the writer when it flushes b.
func (s *sheet) writePlain(b *bufio.Writer) {
	s.all(func(cells []string) { s.writeLine(b, cells) })
}

// writeLine writes one line. Blanks are written only before something else, so none ends in one.
func (s *sheet) writeLine(b *bufio.Writer, cells []string) {
	blanks := 0
	for i, cell := range cells {
		room := s.widths[i] - displaywidth.String(cell)
		if s.columns[i].Number {
			blanks += room
			room = 0
		}
		if cell != "" {
			writeBlanks(b, blanks)
			b.WriteString(cell)
			blanks = 0
		}
		blanks += room + len(gap)
	}
	b.WriteByte('\n')
}

func writeBlanks(b *bufio.Writer, n int) {
	const some = "                                "
	for n > len(some) {
		b.WriteString(some)
		n -= len(some)
	}
	b.WriteString(some[:n])
}

// heading is the column's name as a table shows it.
func (c Column) heading() string {
	if c.verbatim {
		return detached(strings.TrimSpace(Clean(c.Name)))
	}
	return Clean(strings.ToUpper(strings.ReplaceAll(c.Name, "_", " ")))
}

// text is a cell of the column as a table shows it.
func (c Column) text(cell string) string {
	switch {
	case c.Number:
		return Clean(report.Separated(cell))
	case c.Date:
		day, _, _ := strings.Cut(cell, "T")
		return Clean(day)
	}
	return detached(strings.TrimSpace(Clean(cell)))
}

// detached takes from the ends of a cell what would join the blanks beside it and so change the
// width of the line: a combining mark at the beginning, say.
func detached(cell string) string {
	for cell != "" && cell[0] >= utf8.RuneSelf &&
		displaywidth.String(" "+cell) != 1+displaywidth.String(cell) {
		_, n := utf8.DecodeRuneInString(cell)
		cell = cell[n:]
	}
	for cell != "" && cell[len(cell)-1] >= utf8.RuneSelf &&
		displaywidth.String(cell+" ") != displaywidth.String(cell)+1 {
		_, n := utf8.DecodeLastRuneInString(cell)
		cell = cell[:len(cell)-n]
	}
	if displaywidth.String(cell) == 0 {
		return "" // marks and joiners with nothing to join
	}
	return strings.TrimSpace(cell)
}

// Count writes n with thousands separators: 1,234,567.
func Count(n int) string { return report.Separated(strconv.Itoa(n)) }
