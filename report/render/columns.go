package render

import (
	"strconv"

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
