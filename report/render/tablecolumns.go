package render

import (
	"slices"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/report"
)

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
