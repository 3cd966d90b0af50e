package render

import (
	"slices"
	"strconv"

	"trunkstat/report"
)

// A reportColumn is a column of a report, and how its cells are filled. The row is one of the
// report's, or it stands for the total or for what --top cut off; those have no keys.
type reportColumn struct {
	Column
	cell func(row *report.Row) Cell
}

// The order in which columns are left out of a table that is too wide, the highest first. Values
// of a pivot are below all of them.
const (
	dropEmail = 1<<20 + iota
	dropBar
	dropLast
	dropFirst
)

// dataColumns are the columns of CSV and JSON.
func dataColumns(res *report.Result) []reportColumn {
	return append(keyColumns(res), valueColumns(res)...)
}

// keyColumns say what a row is about.
func keyColumns(res *report.Result) []reportColumn {
	var columns []reportColumn
	for i, dimension := range res.By {
		columns = append(columns, reportColumn{
			Column: Column{Name: string(dimension), Elastic: !dimension.IsTime()},
			cell: func(row *report.Row) Cell {
				if i >= len(row.Keys) {
					return Cell{}
				}
				return Text(row.Keys[i])
			},
		})
		if dimension == report.AuthorDim {
			columns = append(columns, reportColumn{
				Column: Column{Name: "email", Elastic: true, DropOrder: dropEmail, faint: true},
				cell:   func(row *report.Row) Cell { return Text(row.Email) },
			})
		}
	}
	return columns
}

// valueColumns are what is counted of a row.
func valueColumns(res *report.Result) []reportColumn {
	if res.Pivot == "" {
		return append(countColumns(res), compareColumns(res)...)
	}
	total := numberColumn("total", 0, func(row *report.Row) int { return row.Counts.Commits })
	return append(pivotColumns(res), total)
}

func numberColumn(name string, dropOrder int, number func(*report.Row) int) reportColumn {
	return reportColumn{
		Column: Column{Name: name, Number: true, DropOrder: dropOrder},
		cell:   func(row *report.Row) Cell { return Number(number(row)) },
	}
}

func countColumns(res *report.Result) []reportColumn {
	return []reportColumn{
		numberColumn("commits", 0, func(row *report.Row) int { return row.Counts.Commits }),
		numberColumn("merges", 0, func(row *report.Row) int { return row.Counts.Merges }),
		numberColumn("authors", 0, func(row *report.Row) int { return row.Counts.Authors }),
		{
			Column: Column{Name: "first_commit", DropOrder: dropFirst, faint: true},
			cell:   func(row *report.Row) Cell { return Date(row.Counts.First) },
		},
		{
			Column: Column{Name: "last_commit", DropOrder: dropLast, faint: true},
			cell:   func(row *report.Row) Cell { return Date(row.Counts.Last) },
		},
	}
}

// compareColumns are the counts of the range before and the difference to them, where a report
// compares.
func compareColumns(res *report.Result) []reportColumn {
	if res.PreviousTotal == nil {
		return nil
	}
	return []reportColumn{
		numberColumn("previous_commits", 0, previousCommits),
		{
			Column: Column{Name: "change", Number: true},
			cell: func(row *report.Row) Cell {
				return difference(row.Counts.Commits - previousCommits(row))
			},
		},
	}
}

// previousCommits is 0 where a row was not there before.
func previousCommits(row *report.Row) int {
	if row.Previous == nil {
		return 0
	}
	return row.Previous.Commits
}

// pivotColumns are one column for each value of the pivot. Where a table is too narrow, the oldest
// columns go first, or the last ones where the pivot is not a time.
func pivotColumns(res *report.Result) []reportColumn {
	taken := map[string]bool{"total": true}
	for _, c := range keyColumns(res) {
		taken[c.Name] = true
	}
	columns := make([]reportColumn, len(res.PivotValues))
	for i, value := range res.PivotValues {
		order := i + 1
		if res.Pivot.IsTime() {
			order = len(res.PivotValues) - i
		}
		columns[i] = reportColumn{
			Column: Column{
				Name: uniqueName(withoutNUL(value), taken), Number: true, DropOrder: order,
				pivot: true, verbatim: true,
			},
			cell: func(row *report.Row) Cell {
				if i >= len(row.Cells) {
					return Cell{}
				}
				return Number(row.Cells[i])
			},
		}
	}
	return columns
}

// uniqueName makes a value a column's name that no other column has, as JSON needs it.
func uniqueName(value string, taken map[string]bool) string {
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

// totalRow has the counts of all rows.
func totalRow(res *report.Result) report.Row {
	return report.Row{Counts: res.Total, Previous: res.PreviousTotal, Cells: res.TotalCells}
}

// othersRow has the counts of what --top cut off.
func othersRow(res *report.Result) report.Row {
	return report.Row{Counts: res.Others.Counts, Previous: res.Others.Previous, Cells: res.Others.Cells}
}

// tableColumns are the columns that people get: those of the data that say something, and after
// them the share of all commits or the change in percent; on a terminal also a bar, or how the
// values of a pivot went.
func tableColumns(res *report.Result, terminal bool) []reportColumn {
	columns := slices.DeleteFunc(dataColumns(res), func(c reportColumn) bool {
		return !c.pivot && saysNothing(res, c.Name)
	})
	for i := range columns {
		if columns[i].Name == "previous_commits" && !columns[i].pivot {
			columns[i].Name = "previous"
		}
	}
	if res.Pivot == "" {
		columns = append(columns, percentColumn(res))
	}
	if terminal {
		columns = append(columns, pictureColumns(res)...)
	}
	return columns
}

// saysNothing tells whether a column has the same in every row: one author in a row that is one,
// the ends of the whole range in a weekday or an hour, no e-mail in an anonymous report.
func saysNothing(res *report.Result, name string) bool {
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

// percentColumn is the change to the range before, in percent of that, or the row's part of all
// commits. What repositories share is in each of their rows, so the parts may add up to more than
// 100.
func percentColumn(res *report.Result) reportColumn {
	return reportColumn{
		Column: Column{Name: "%", Number: true},
		cell: func(row *report.Row) Cell {
			commits, of := float64(row.Counts.Commits), float64(res.Total.Commits)
			if res.PreviousTotal != nil {
				of = float64(previousCommits(row))
			}
			switch {
			case of == 0:
				return Cell{}
			case res.PreviousTotal != nil:
				return percentChange(100 * (commits - of) / of)
			}
			return percentage(100 * commits / of)
		},
	}
}

// pictureColumns are what only a terminal gets: a bar for each row, or with a pivot over time a
// sparkline, as far as one can be read.
func pictureColumns(res *report.Result) []reportColumn {
	if res.Pivot == "" {
		return []reportColumn{{
			Column: Column{bar: true, DropOrder: dropBar, verbatim: true},
			cell: func(row *report.Row) Cell {
				if row.Keys == nil { // the bar of a sum would dwarf those of the rows
					return Cell{}
				}
				return bar(row.Counts.Commits)
			},
		}}
	}
	if n := len(res.PivotValues); !res.Pivot.IsTime() || n < 3 || n > 30 {
		return nil
	}
	return []reportColumn{{
		Column: Column{Name: "trend"},
		cell:   func(row *report.Row) Cell { return sparkline(row.Cells) },
	}}
}

// dataGrid is the report for programs: its rows as they are, and no total.
func dataGrid(res *report.Result) Grid {
	columns := dataColumns(res)
	return Grid{Columns: gridColumns(columns), stream: func(yield func([]Cell) bool) {
		var cells []Cell
		for row := range res.Rows.All() {
			if cells = appendCells(cells[:0], columns, row); !yield(cells) {
				return
			}
		}
	}}
}

// tableGrid is the report for people, with what --top cut off as its last row, and the total.
func tableGrid(res *report.Result, terminal bool) Grid {
	columns := tableColumns(res, terminal)
	total := totalRow(res)
	return Grid{
		Columns: gridColumns(columns),
		Total:   withCaption("Total", columns, &total),
		stream: func(yield func([]Cell) bool) {
			var cells []Cell
			for row := range res.Rows.All() {
				if cells = appendCells(cells[:0], columns, row); !yield(cells) {
					return
				}
			}
			if res.Others != nil {
				others := othersRow(res)
				yield(withCaption("(others: "+Count(res.Others.Rows)+")", columns, &others))
			}
		},
	}
}

func gridColumns(columns []reportColumn) []Column {
	plain := make([]Column, len(columns))
	for i, c := range columns {
		plain[i] = c.Column
	}
	return plain
}

func appendCells(cells []Cell, columns []reportColumn, row *report.Row) []Cell {
	for _, c := range columns {
		cells = append(cells, c.cell(row))
	}
	return cells
}

// withCaption makes the cells of a sum, with its name in the first column.
func withCaption(name string, columns []reportColumn, row *report.Row) []Cell {
	cells := appendCells(nil, columns, row)
	if len(cells) > 0 && !columns[0].Number {
		cells[0] = Text(name)
	}
	return cells
}
