package render

import (
	"slices"
	"strconv"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/report"
)

// The order in which columns are dropped from a table that is too wide, the highest first: dates say the
// least about volume, and a name mostly tells who it is without the e-mail. Values of a pivot are below all
// of them.
const (
	dropEmail = 1<<20 + iota
	dropBar
	dropLast
	dropFirst
)

// dataColumns are the columns of CSV and JSON.
func dataColumns(res *report.Result) []Column {
	return append(keyColumns(res), valueColumns(res)...)
}

// keyColumns say what a row is about. The total has no keys.
func keyColumns(res *report.Result) (columns []Column) {
	for i, dimension := range res.By {
		key := func(row *report.Row) Cell {
			if i >= len(row.Keys) {
				return Cell{}
			}
			return Text(row.Keys[i])
		}
		columns = append(columns, Column{Name: string(dimension), Elastic: !dimension.IsTime(), cell: key})
		if dimension == report.AuthorDim {
			columns = append(columns, Column{
				Name: "email", Elastic: true, DropOrder: dropEmail, faint: true,
				cell: func(row *report.Row) Cell { return Text(row.Email) },
			})
		}
	}
	return columns
}

// valueColumns are what is counted of a row.
func valueColumns(res *report.Result) []Column {
	if res.Pivot == "" {
		return append(countColumns(res), compareColumns(res)...)
	}
	total := numberColumn("total", func(row *report.Row) int { return row.Counts.Commits })
	return append(pivotColumns(res), total)
}

// numberColumn is a column of counts.
func numberColumn(name string, number func(*report.Row) int) Column {
	return Column{Name: name, Number: true, cell: func(row *report.Row) Cell { return Number(number(row)) }}
}

// countColumns are the counts that a report was asked for.
func countColumns(res *report.Result) (columns []Column) {
	for _, name := range res.Columns {
		column := columnOf[name]
		column.Name = string(name)
		columns = append(columns, column)
	}
	return columns
}

// columnOf has the column of each count, without its name.
var columnOf = map[report.Column]Column{
	report.Commits: numberColumn("", func(row *report.Row) int { return row.Counts.Commits }),
	report.Merges:  numberColumn("", func(row *report.Row) int { return row.Counts.Merges }),
	report.Authors: numberColumn("", func(row *report.Row) int { return row.Counts.Authors }),
	report.FirstCommit: {DropOrder: dropFirst, faint: true,
		cell: func(row *report.Row) Cell { return Date(row.Counts.First) }},
	report.LastCommit: {DropOrder: dropLast, faint: true,
		cell: func(row *report.Row) Cell { return Date(row.Counts.Last) }},
	report.Days:        numberColumn("", func(row *report.Row) int { return row.Counts.Days }),
	report.NewAuthors:  numberColumn("", func(row *report.Row) int { return row.Counts.NewAuthors }),
	report.HalfAuthors: numberColumn("", func(row *report.Row) int { return row.Counts.HalfAuthors }),
}

// compareColumns are the counts of the range before and the difference to them. There are none
// where a report does not compare.
func compareColumns(res *report.Result) []Column {
	if res.PreviousTotal == nil {
		return nil
	}
	return []Column{
		numberColumn("previous_commits", previousCommits),
		{Name: "change", Number: true, cell: func(row *report.Row) Cell {
			return difference(row.Counts.Commits - previousCommits(row))
		}},
	}
}

// previousCommits are those of the range before, 0 for a row that had none in it.
func previousCommits(row *report.Row) int {
	if row.Previous == nil {
		return 0
	}
	return row.Previous.Commits
}

// pivotColumns are one column for each value of the pivot. Where a table is too narrow, the oldest
// columns are dropped first, or the last ones where the pivot is not a time.
func pivotColumns(res *report.Result) []Column {
	taken := map[string]bool{"total": true}
	for _, c := range keyColumns(res) {
		taken[c.Name] = true
	}
	columns := make([]Column, len(res.PivotValues))
	for i, value := range res.PivotValues {
		columns[i] = Column{
			Name: uniqueName(value, taken), Number: true, DropOrder: i + 1, pivot: true,
			cell: func(row *report.Row) Cell { return Number(row.Cells[i]) },
		}
		if res.Pivot.IsTime() {
			columns[i].DropOrder = len(columns) - i
		}
	}
	return columns
}

// uniqueName makes a value a column's name that no other column has, as JSON needs it.
func uniqueName(value string, taken map[string]bool) string {
	value = WithoutNUL(value)
	if value == "" {
		value = "(none)"
	}
	name := value
	for n := 2; taken[name]; n++ {
		name = value + " (" + strconv.Itoa(n) + ")"
	}
	taken[name] = true
	return name
}

// tableColumns are the columns that people get: those of the data that tell rows apart, and after
// them the share of all commits or the change in percent; on a terminal also a bar, or how the
// values of a pivot went.
func tableColumns(res *report.Result, terminal bool) []Column {
	columns := slices.DeleteFunc(dataColumns(res), func(c Column) bool {
		return !c.pivot && isAlwaysSame(res, c.Name)
	})
	for i, c := range columns {
		if c.Name == "previous_commits" && !c.pivot {
			columns[i].Name = "previous"
		}
	}
	switch {
	case res.Pivot == "" && slices.Contains(res.Columns, report.Commits):
		columns = append(columns, Column{Name: "%", Number: true, cell: percentOf(res)})
		if terminal {
			columns = append(columns, barColumn)
		}
	case terminal && hasTrend(res):
		trend := func(row *report.Row) Cell { return Text(drawSparkline(row.Cells)) }
		columns = append(columns, Column{Name: "trend", cell: trend})
	}
	return columns
}

// barColumn has a bar for each row, but not for what is a sum: beside it, the others would be too short.
var barColumn = Column{bar: true, DropOrder: dropBar, cell: func(row *report.Row) Cell {
	if row.Keys == nil {
		return Cell{}
	}
	return Number(row.Counts.Commits)
}}

// isAlwaysSame reports whether a column has the same in every row: one author where rows are
// authors, the ends of the whole range where rows are weekdays or hours, no e-mail in an anonymous
// report.
func isAlwaysSame(res *report.Result, name string) bool {
	switch name {
	case "authors":
		return slices.Contains(res.By, report.AuthorDim)
	case "first_commit", "last_commit":
		return slices.Contains(res.By, report.Weekday) || slices.Contains(res.By, report.Hour)
	case "email":
		for row := range res.Rows.All() {
			if row.Email != "" {
				return false
			}
		}
		return true
	}
	return false
}

// percentOf gives a row's part of all commits in percent, or its change to the range before. What
// repositories share is in each of their rows, so the parts may add up to more than 100.
func percentOf(res *report.Result) func(row *report.Row) Cell {
	return func(row *report.Row) Cell {
		commits, all, before := row.Counts.Commits, res.Total.Commits, previousCommits(row)
		switch {
		case res.PreviousTotal != nil && before != 0:
			return percentage(100*float64(commits-before)/float64(before), true)
		case res.PreviousTotal == nil && all != 0:
			return percentage(100*float64(commits)/float64(all), false)
		}
		return Cell{}
	}
}

// hasTrend reports whether there is a pivot whose values can be read as a sparkline: two points are no trend,
// and a line of more than 30 takes the room of the columns.
func hasTrend(res *report.Result) bool {
	n := len(res.PivotValues)
	return res.Pivot.IsTime() && n >= 3 && n <= 30
}

// trendScale is the line about the sparklines of a table; empty where it has none.
func trendScale(res *report.Result, width int) string {
	if !hasTrend(res) {
		return ""
	}
	const sentence = "trend: each row has its own scale, from 0 to its highest value"
	return displaywidth.TruncateString(sentence, width, "…") + "\n"
}

// dataGrid is the report for programs: its rows as they are, and no total.
func dataGrid(res *report.Result) Grid { return Grid{Columns: dataColumns(res), counted: res.Rows} }

// tableGrid is the report for people in some columns, with what --top cut off as its last row, and the total.
// A script that adds up a column needs neither, so CSV has neither.
func tableGrid(res *report.Result, columns []Column) Grid {
	g := Grid{Columns: columns, counted: res.Rows, Total: withCaption("Total", columns, totalRow(res))}
	if res.Others != nil {
		caption := "(others: " + Count(res.Others.Rows) + ")"
		g.Rows = append(g.Rows, withCaption(caption, columns, othersRow(res)))
	}
	return g
}

// appendCells appends what the columns have of a row.
func appendCells(cells []Cell, columns []Column, row *report.Row) []Cell {
	for _, c := range columns {
		cells = append(cells, c.cell(row))
	}
	return cells
}

// withCaption makes the cells of a row that has no keys, with a caption in the first column, which is always
// one of keys.
func withCaption(caption string, columns []Column, row report.Row) []Cell {
	cells := appendCells(nil, columns, &row)
	cells[0] = Text(caption)
	return cells
}

// totalRow has the counts of all rows.
func totalRow(res *report.Result) report.Row {
	return report.Row{Counts: res.Total, Previous: res.PreviousTotal, Cells: res.TotalCells}
}

// othersRow has the counts of what --top cut off; there is something.
func othersRow(res *report.Result) report.Row {
	return report.Row{Counts: res.Others.Counts, Previous: res.Others.Previous, Cells: res.Others.Cells}
}
