package render

import (
	"bufio"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/report"
)

// gap stands between two columns.
const gap = "  "

// A sheet is a grid on its way to a table. Its lines are made twice, once to measure them and once
// to write them, cut as the width wants it: a report may have more rows than should be kept.
type sheet struct {
	grid    Grid
	columns []column
	rows    int
	dashes  bool // empty cells are shown as -
}

// A column is one of a sheet.
type column struct {
	Column
	from  int // which one of the grid it is; -1: it stands for those that were left out
	width int
	cut   bool // what is wider is shortened
	most  int  // of a bar: the highest number
}

func newSheet(g Grid, dashes bool) *sheet {
	s := &sheet{grid: g, columns: make([]column, len(g.Columns)), dashes: dashes}
	for i, c := range g.Columns {
		s.columns[i] = column{Column: c, from: i}
		if c.bar {
			s.columns[i].width = minBar
		}
	}
	s.measure(s.head())
	cells := make([]string, len(s.columns))
	for row := range g.rows() {
		s.rows++
		for i := range s.columns {
			if c := &s.columns[i]; c.bar {
				c.most = max(c.most, numberIn(at(row, i)))
			}
		}
		s.measure(s.cells(row, cells))
	}
	if g.Footer != nil {
		s.measure(s.cells(g.Footer, cells))
	}
	return s
}

// measure widens the columns for a line. A bar is drawn as wide as there is room for.
func (s *sheet) measure(cells []string) {
	for i, cell := range cells {
		if c := &s.columns[i]; !c.bar {
			c.width = max(c.width, width(cell))
		}
	}
}

func (s *sheet) head() []string {
	head := make([]string, len(s.columns))
	for i, c := range s.columns {
		head[i] = c.fit(c.heading())
	}
	return head
}

// cells makes a row of the grid a line of the table, in the memory of the last one.
func (s *sheet) cells(row, into []string) []string {
	into = into[:0]
	for i := range s.columns {
		c, cell := &s.columns[i], moreColumns
		switch {
		case c.bar:
			cell = bar(numberIn(at(row, c.from)), c.most, c.width)
		case c.from >= 0:
			cell = c.text(at(row, c.from))
		}
		if cell == "" && s.dashes {
			cell = "-"
		}
		into = append(into, c.fit(cell))
	}
	return into
}

// body yields the lines of the rows, each good until the next one.
func (s *sheet) body() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		var cells []string
		for row := range s.grid.rows() {
			if cells = s.cells(row, cells); !yield(cells) {
				return
			}
		}
	}
}

// foot is the last line; nil where there is none.
func (s *sheet) foot() []string {
	if s.grid.Footer == nil {
		return nil
	}
	return s.cells(s.grid.Footer, nil)
}

// fit shortens a cell that is to be cut.
func (c *column) fit(cell string) string {
	if c.cut {
		return shorten(cell, c.width)
	}
	return cell
}

// width is that of text on a terminal.
func width(s string) int {
	if isPlain(s) {
		return len(s)
	}
	return displaywidth.String(s)
}

// writePlain writes the sheet with nothing but blanks between the columns. The caller sees an
// error of the writer when it flushes b.
func (s *sheet) writePlain(b *bufio.Writer) {
	s.writeLine(b, s.head())
	for cells := range s.body() {
		s.writeLine(b, cells)
	}
	if foot := s.foot(); foot != nil {
		s.writeLine(b, foot)
	}
}

// writeLine writes one line. Blanks are written only before something else, so none ends in one.
func (s *sheet) writeLine(b *bufio.Writer, cells []string) {
	blanks := 0
	for i, cell := range cells {
		room := s.columns[i].width - width(cell)
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
	if width(cell) == 0 {
		return "" // marks and joiners with nothing to join
	}
	return strings.TrimSpace(cell)
}

// Count writes n with thousands separators: 1,234,567.
func Count(n int) string { return report.Separated(strconv.Itoa(n)) }
