package render

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

const (
	gap        = "  " // stands between two columns
	minElastic = 32   // most names are whole in it: it is not cut shorter while another column can be dropped
	leastWidth = 8    // and never shorter than this
	minBar     = 8    // a shorter bar tells too few numbers apart
	maxBar     = 24   // a longer one tells no more apart
)

// A tableLayout is a grid that was measured for a table: which columns it shows, and how wide they
// are. Its rows are made twice, once to measure and once to write them, as a report may have more
// rows than should be kept. All widths are in columns of a terminal.
type tableLayout struct {
	grid    Grid
	columns []layoutColumn
	rows    int
	dashes  bool // empty cells are shown as -
	color   bool
}

// A layoutColumn is a column of the grid as it is shown. What is wider than the column is cut.
type layoutColumn struct {
	Column
	index   int // of the grid's column
	width   int
	dropped bool // the terminal is too narrow for it
	more    bool // stands for columns of the pivot that were dropped
	highest int  // of a bar's numbers
}

// measure lays a grid out at its full width.
func measure(g Grid) *tableLayout {
	l := &tableLayout{grid: g, columns: make([]layoutColumn, len(g.Columns))}
	for i, c := range g.Columns {
		l.columns[i] = layoutColumn{Column: c, index: i}
	}
	l.widen(g.head())
	for row := range g.rows() {
		l.rows++
		l.widen(row)
	}
	l.widen(g.Total)
	l.columns = slices.DeleteFunc(l.columns, func(c layoutColumn) bool { return c.bar && c.highest == 0 })
	return l
}

// widen makes the columns as wide as a row needs them. A bar is as wide as there is room for.
func (l *tableLayout) widen(row []Cell) {
	for i := range l.columns {
		c, cell := &l.columns[i], at(row, i)
		if c.bar {
			c.width, c.highest = minBar, max(c.highest, cell.number)
			continue
		}
		c.width = max(c.width, width(cell.display()))
	}
}

// fit makes the layout no wider than a terminal and returns how many values of a pivot it leaves
// out. Elastic columns are cut, but before they get short other columns are dropped; what room is
// left widens the bar. A terminal that is too narrow for that gets columns from the left.
func (l *tableLayout) fit(width int) (dropped int) {
	dropped = l.drop(width)
	l.squeeze(width)
	for i := range l.columns {
		if c := &l.columns[i]; c.bar {
			c.width = max(min(c.width+width-l.total(math.MaxInt), maxBar), minBar)
		}
	}
	for len(l.columns) > 1 && l.total(math.MaxInt) > width {
		l.columns = l.columns[:len(l.columns)-1]
	}
	l.columns[0].width = min(l.columns[0].width, width)
	return dropped
}

// total is the width of the columns and of the gaps between them, if elastic columns were cut to a width.
func (l *tableLayout) total(elasticWidth int) int {
	total := -len(gap)
	for _, c := range l.columns {
		total += c.cut(elasticWidth) + len(gap)
	}
	return total
}

// cut is how wide the column is if elastic columns are cut to a width.
func (c *layoutColumn) cut(elasticWidth int) int {
	if c.Elastic {
		return min(c.width, elasticWidth)
	}
	return c.width
}

// drop takes columns out, the highest DropOrder first, until the rest fits with its elastic columns at
// minElastic. The first value of a pivot that is dropped leaves a … in its place. It returns how many
// values those are. There may be as many values as authors.
func (l *tableLayout) drop(width int) (pivots int) {
	var inOrder []int
	for i, c := range l.columns {
		if c.DropOrder > 0 {
			inOrder = append(inOrder, i)
		}
	}
	slices.SortStableFunc(inOrder, func(i, j int) int {
		return l.columns[j].DropOrder - l.columns[i].DropOrder
	})
	over := l.total(minElastic) - width
	for _, i := range inOrder {
		if over <= 0 {
			break
		}
		c := &l.columns[i]
		over -= c.cut(minElastic) + len(gap)
		c.dropped = true
		if c.pivot {
			pivots++
		}
		if c.pivot && pivots == 1 {
			*c = layoutColumn{width: 1, more: true}
			over += c.width + len(gap)
		}
	}
	l.columns = slices.DeleteFunc(l.columns, func(c layoutColumn) bool { return c.dropped })
	return pivots
}

// squeeze takes from the widest elastic column, again and again, until the layout fits or all of
// them are down to leastWidth. So short names stay whole while long ones are cut.
func (l *tableLayout) squeeze(width int) {
	for over := l.total(math.MaxInt) - width; over > 0; over-- {
		var widest *layoutColumn
		for i := range l.columns {
			c := &l.columns[i]
			if c.Elastic && c.width > leastWidth && (widest == nil || c.width > widest.width) {
				widest = c
			}
		}
		if widest == nil {
			return
		}
		widest.width--
	}
}

// line is a row with each cell as wide as its column, in a style or in those of its cells.
func (l *tableLayout) line(row []Cell, style string) []string {
	line := make([]string, len(l.columns))
	for i := range l.columns {
		c, cell := &l.columns[i], at(row, l.columns[i].index)
		text := cell.display()
		switch {
		case c.more:
			text = "…"
		case c.bar:
			text = drawBar(cell.number, c.highest, c.width)
		}
		if text == "" && l.dashes {
			text = "-"
		}
		line[i] = l.pad(c, text, cmp.Or(style, c.style(cell)))
	}
	return line
}

// Styles are the parameters of the escape sequence that selects them.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

// style is how a cell of a row is shown where there is colour.
func (c *layoutColumn) style(cell Cell) string {
	switch value := float64(cell.number) + cell.percent; { // a cell has one of the two
	case c.bar:
		return cyan
	case cell.signed && value > 0:
		return green
	case cell.signed && value < 0:
		return red
	case c.faint:
		return faint
	}
	return ""
}

// pad brings a text to the width of its column. Colour comes last: its escape sequences have no width, and
// must not be cut.
func (l *tableLayout) pad(c *layoutColumn, text, style string) string {
	if width(text) > c.width {
		text = displaywidth.TruncateString(text, c.width, "…")
	}
	blanks := strings.Repeat(" ", c.width-width(text))
	if l.color && style != "" && text != "" {
		text = "\x1b[" + style + "m" + text + "\x1b[0m"
	}
	if c.Number {
		return blanks + text
	}
	return text + blanks
}
