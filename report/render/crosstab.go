package render

import (
	"fmt"
	"slices"
	"strings"

	"trunkstat/report"
)

// A crosstab is the numbers of a report as they are drawn. Without a pivot it has one column without a name;
// of a report over time, the two are then exchanged.
type crosstab struct {
	rows         []series
	columns      []value          // with their totals
	down, across report.Dimension // of rows, empty where they are of several, and of columns
}

// A series is a row of a crosstab, with its total.
type series struct {
	value
	class string // its colour in a stack; "rest" is what --top cut off
	cells []int
}

const (
	mostSeries = 8  // more rows are a matrix: a stack has no more colours that can be told apart
	mostRows   = 30 // of a matrix, which would else hide the table below; the page says how many there are
)

// noValues are the names of what has no value. They are grey, as the others are: colours stand for values.
var noValues = []string{"(none)", "(no team)", "(no group)"}

// crosstabOf has the rows in the order of the table, and as the last one what --top cut off.
func crosstabOf(res *report.Result) crosstab {
	t := crosstab{across: res.Pivot, rows: make([]series, 0, res.Rows.Len())}
	if len(res.By) == 1 {
		t.down = res.By[0]
	}
	if res.Pivot == "" {
		t.columns = make([]value, 1)
	}
	for j, name := range res.PivotValues {
		t.columns = append(t.columns, newValue(res, name, res.TotalCells[j], 0))
	}
	for row := range res.Rows.All() {
		total := newValue(res, strings.Join(row.Keys, " / "), row.Counts.Commits, previousCommits(row))
		cells := []int{total.commits}
		if res.Pivot != "" {
			cells = slices.Clone(row.Cells)
		}
		t.rows = append(t.rows, series{total, "", cells})
	}
	if o := res.Others; o != nil {
		total := value{name: "others (" + Count(o.Rows) + ")", commits: o.Counts.Commits}
		t.rows = append(t.rows, series{total, "rest", o.Cells})
	}
	return t
}

// transposed makes the columns rows, the highest first: in a stack, the largest part stands on the axis,
// where its changes can be read best.
func (t crosstab) transposed() crosstab {
	other := crosstab{down: t.across, across: t.down, rows: make([]series, len(t.columns))}
	for j, v := range t.columns {
		other.rows[j].value = v
	}
	for _, row := range t.rows {
		other.columns = append(other.columns, row.value)
		for j, n := range row.cells {
			other.rows[j].cells = append(other.rows[j].cells, n)
		}
	}
	slices.SortStableFunc(other.rows, func(a, b series) int { return byCommits(b.value, a.value) })
	return other
}

// sortInTime puts rows that are times in their own order.
func (t crosstab) sortInTime() {
	slices.SortStableFunc(t.rows, func(a, b series) int { return inTime(a.name, b.name) })
}

// setColors gives each row of a stack its colour.
func (t crosstab) setColors() {
	colors := 0
	for i := range t.rows {
		switch row := &t.rows[i]; {
		case row.class == "rest":
		case row.name == "": // of a report without a pivot
			row.class = "mark"
		case slices.Contains(noValues, row.name):
			row.class = "none"
		default:
			row.class = fmt.Sprint("s", colors)
			colors++
		}
	}
}

// combinations are the cells of all rows but the others, with the names of their rows and columns, and what
// stands between the two. Cells without commits are left out: there may be as many as rows times columns.
// Without a pivot they are the rows, also those without commits.
func (t crosstab) combinations(between string) (values []value) {
	for _, row := range t.rows {
		if row.class == "rest" {
			continue
		}
		if t.across == "" {
			values = append(values, row.value)
			continue
		}
		for j, n := range row.cells {
			name := t.columns[j].name
			if t.across == report.Hour {
				name += ":00 to " + name + ":59"
			}
			if row.name != "" {
				name = row.name + between + name
			}
			if n > 0 {
				values = append(values, value{name: name, commits: n})
			}
		}
	}
	return values
}

// title is what a browser shows when the pointer is on a cell.
func (t crosstab) title(i, j int) string {
	v := t.columns[j]
	v.commits = t.rows[i].cells[j]
	if t.rows[i].name == "" {
		return v.title()
	}
	return t.rows[i].name + ", " + v.title()
}

// levels are the sums of the first rows of each column: of none, of one, and so on up to all. A row is drawn
// from one level to the next. The last may be higher than the columns' totals, which count each commit once.
func (t crosstab) levels() [][]int {
	levels := [][]int{make([]int, len(t.columns))}
	for i, row := range t.rows {
		level := slices.Clone(levels[i])
		for j, n := range row.cells {
			level[j] += n
		}
		levels = append(levels, level)
	}
	return levels
}

// matrixChart draws a cell for each number, the darker the higher, with the totals of the columns above them
// and those of the rows to their right.
func matrixChart(res *report.Result, t crosstab) picture {
	const totals, top, rowHeight = 60.0, 68.0, 20.0 // pixels: where totals stand and rows begin
	p := picture{Desc: t.describe(res), Cells: true}
	if len(t.rows) > mostRows {
		p.Desc += fmt.Sprintf(" The first %d of %s rows are drawn.", mostRows, Count(len(t.rows)))
		t.rows = t.rows[:mostRows]
	}
	var numbers []int
	for _, row := range t.rows {
		numbers = append(numbers, row.cells...)
	}
	shades, columns := newShadeScale(numbers), bands(len(t.columns))
	for i, row := range t.rows {
		y := top + rowHeight*float64(i)
		text := baseline(y, rowHeight)
		p.name(row.name, text)
		p.value(100, text, row.commits)
		// One rectangle stands for all the cells without commits, of which there may be many: they would be
		// most of the file.
		p.bar(box{0, y, 100, rowHeight}, "d0", "")
		for j, n := range row.cells {
			if n > 0 {
				p.bar(columns.cell(j, y, rowHeight), shades.class(n), t.title(i, j))
			}
		}
	}
	p.totals(t.columns, columns, totals)
	p.columnAxis(t, top+rowHeight*float64(len(t.rows))+2)
	p.Legend = append(shades.legend(), legendOf(res, "rest light")...)
	return p
}

// totals draws the totals of columns as bars that stand on y, with their numbers where these have room. All
// else that has labels beside the plot is drawn already.
func (p *picture) totals(values []value, columns bands, y float64) {
	p.name("Total", y-textMiddle)
	const top, space = 18, 6 // pixels: above the highest bar is its number; between two numbers is some space
	up := valueScale{y, top, highest(values)}
	wide, _ := p.plotWidths()
	hasRoom := (textWidth(Count(up.most))+space)*float64(columns) < wide
	for i, v := range values {
		at := up.at(v.commits)
		if v.commits > 0 {
			p.bar(columns.cell(i, at, up.length(v.commits)), v.class("rest"), v.title())
		}
		if hasRoom {
			x := columns.middle(i)
			p.label(label{X: x, Y: at - 4, Anchor: "middle", Class: "wide", Text: Count(v.commits)})
		}
	}
}
