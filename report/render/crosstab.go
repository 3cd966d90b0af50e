package render

import (
	"slices"
	"strings"

	"trunkstat/report"
)

// A crosstab is the numbers of a report as they are drawn. Without a pivot it has one column without a name,
// which in a report over time becomes the only row.
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

// legend is legendOf for marks of columns. Where no column is lighter, since the periods that are not whole are
// rows, the legend names them without the class.
func (t crosstab) legend(res *report.Result, class string) []key {
	legend := legendOf(res, class)
	if slices.ContainsFunc(t.columns, func(v value) bool { return v.partial }) {
		return legend
	}
	for i := range legend {
		if legend[i].Class == class {
			legend[i].Class = ""
		}
	}
	return legend
}
