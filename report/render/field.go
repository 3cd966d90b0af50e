package render

import (
	"slices"
	"strconv"
	"time"

	"trunkstat/report"
)

// A line is what the columns of a report are filled from: one of its rows, what was cut off, or
// the total.
type line struct {
	keys     []string // nil for all but rows
	email    string
	counts   *report.Counts
	previous *report.Counts // nil: none
	cells    []int          // nil: none
}

// A field is one column of a report: its name and what stands in it, which is one of text, count
// and date. Numbers are digits, dates RFC 3339, and what there is none of is empty.
type field struct {
	Column
	text  func(*line) string
	count func(*line) (n int, ok bool)
	date  func(*line) time.Time

	res *report.Result
}

// append appends the cell of a line.
func (f *field) append(b []byte, l *line) []byte {
	switch {
	case f.text != nil:
		return append(b, f.text(l)...)
	case f.date != nil:
		if when := f.date(l); !when.IsZero() {
			return f.res.AppendTime(b, when)
		}
	default:
		if n, ok := f.count(l); ok {
			return strconv.AppendInt(b, int64(n), 10)
		}
	}
	return b
}

// cell is the cell of a line.
func (f *field) cell(l *line) string {
	if f.text != nil {
		return f.text(l)
	}
	var b [32]byte
	return string(f.append(b[:0], l))
}

// fields are the columns of a report, the same ones under the same names in every format.
func fields(res *report.Result) []field {
	var all []field
	for i, d := range res.By {
		all = append(all, keyField(i, d))
		if d == report.AuthorDim {
			all = append(all, field{
				Column: Column{Name: "email", Elastic: true, Spare: spareEmail, faint: true},
				text:   func(l *line) string { return l.email },
			})
		}
	}
	if res.Pivot != "" {
		return append(all, pivotFields(res, all)...)
	}
	all = append(all, countFields(res)...)
	if res.PreviousTotal != nil {
		all = append(all, compareFields()...)
	}
	return all
}

// The order in which columns are left out of a table that is too wide, the highest first. Values
// of a pivot are below all of them.
const (
	spareEmail = 1<<20 + iota
	spareBar
	spareLast
	spareFirst
	spareAuthors
)

func keyField(i int, d report.Dimension) field {
	return field{
		Column: Column{Name: string(d), Elastic: !d.IsTime()},
		text:   func(l *line) string { return at(l.keys, i) },
	}
}

// number is a field of whole numbers.
func number(name string, spare int, n func(*line) int) field {
	return field{
		Column: Column{Name: name, Number: true, Spare: spare},
		count:  func(l *line) (int, bool) { return n(l), true },
	}
}

func countFields(res *report.Result) []field {
	spare := 0
	if slices.Contains(res.By, report.AuthorDim) {
		spare = spareAuthors // 1 in every row
	}
	date := func(name string, spare int, t func(*line) time.Time) field {
		return field{
			Column: Column{Name: name, Date: true, Spare: spare, faint: true}, date: t, res: res,
		}
	}
	return []field{
		number("commits", 0, func(l *line) int { return l.counts.Commits }),
		number("merges", 0, func(l *line) int { return l.counts.Merges }),
		number("authors", spare, func(l *line) int { return l.counts.Authors }),
		date("first_commit", spareFirst, func(l *line) time.Time { return l.counts.First }),
		date("last_commit", spareLast, func(l *line) time.Time { return l.counts.Last }),
	}
}

// compareFields are the range before, and the difference to it.
func compareFields() []field {
	previous := func(of func(*line) int) func(*line) (int, bool) {
		return func(l *line) (int, bool) {
			if l.previous == nil {
				return 0, false
			}
			return of(l), true
		}
	}
	return []field{
		{
			Column: Column{Name: "previous_commits", Number: true},
			count:  previous(func(l *line) int { return l.previous.Commits }),
		},
		{
			Column: Column{Name: "change", Number: true},
			count:  previous(func(l *line) int { return l.counts.Commits - l.previous.Commits }),
		},
	}
}

// pivotFields are one column for each value of the pivot, and the total. Where a table is too
// narrow, the oldest columns go first, or the last ones where the pivot is not a time.
func pivotFields(res *report.Result, before []field) []field {
	taken := map[string]bool{"total": true}
	for _, f := range before {
		taken[f.Name] = true
	}
	var all []field
	for i, value := range res.PivotValues {
		spare := i + 1
		if res.Pivot.IsTime() {
			spare = len(res.PivotValues) - i
		}
		all = append(all, field{
			Column: Column{
				Name: own(value, taken), Number: true, Spare: spare, pivot: true, verbatim: true,
			},
			count: func(l *line) (int, bool) {
				if i >= len(l.cells) {
					return 0, false
				}
				return l.cells[i], true
			},
		})
	}
	return append(all, number("total", 0, func(l *line) int { return l.counts.Commits }))
}

// own makes a value a column's name that no other column has, as JSON needs it.
func own(value string, taken map[string]bool) string {
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

// rowLine is row as a line; with compare, a row that has no previous count had none.
func rowLine(res *report.Result, row *report.Row) line {
	l := line{keys: row.Keys, email: row.Email, counts: &row.Counts, cells: row.Cells}
	if l.previous = row.Previous; l.previous == nil && res.PreviousTotal != nil {
		l.previous = &report.Counts{}
	}
	return l
}

// totalLine is the line under all rows.
func totalLine(res *report.Result) line {
	return line{counts: &res.Total, previous: res.PreviousTotal, cells: res.TotalCells}
}
