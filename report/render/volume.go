package render

import (
	"fmt"
	"slices"
	"strconv"

	"trunkstat/report"
)

// volume is the report as a table for people: the columns of fields, and after them what only
// people want: the share of all commits, or the change in percent; on a terminal also a bar, or
// how the values of a pivot went.
func volume(res *report.Result, terminal bool) Grid {
	all := tableFields(res, terminal)
	g := Grid{Columns: make([]Column, len(all))}
	for i, f := range all {
		g.Columns[i] = f.Column
	}
	g.made = func(yield func([]string) bool) {
		cells := make([]string, 0, len(all))
		var l line
		for row := range res.Rows.All() {
			l = rowLine(res, row)
			if cells = appendTexts(cells[:0], all, &l); !yield(cells) {
				return
			}
		}
		if res.Others != nil {
			yield(othersRow(res, all))
		}
	}
	total := totalLine(res)
	g.Footer = appendTexts(nil, all, &total)
	caption(all, g.Footer, "Total")
	return g
}

// othersRow stands for what --top cut off. No bar: it would dwarf those of the rows.
func othersRow(res *report.Result, all []field) []string {
	row := appendTexts(nil, all, &line{counts: &res.Others.Counts, previous: res.Others.Previous, cells: res.Others.Cells})
	caption(all, row, "(others: "+Count(res.Others.Rows)+")")
	for i, f := range all {
		if f.bar {
			row[i] = ""
		}
	}
	return row
}

// caption names a line that is none of the rows in its first column.
func caption(all []field, row []string, name string) {
	if len(row) > 0 && !all[0].Number {
		row[0] = name
	}
}

func appendTexts(row []string, all []field, l *line) []string {
	for i := range all {
		row = append(row, all[i].cell(l))
	}
	return row
}

func tableFields(res *report.Result, terminal bool) []field {
	all := slices.DeleteFunc(fields(res), func(f field) bool {
		return f.Name == "email" && !hasEmail(res)
	})
	for i := range all {
		switch all[i].Name {
		case "previous_commits":
			all[i].Name = "previous"
		case "change":
			all[i].change = true
			all[i].text = signed(all[i])
		}
	}
	switch {
	case res.Pivot != "":
	case res.PreviousTotal != nil:
		all = append(all, field{
			Column: Column{Name: "%", Number: true, change: true}, text: changePercent,
		})
	default:
		all = append(all, field{
			Column: Column{Name: "%", Number: true}, text: share(res.Total.Commits),
		})
	}
	if terminal {
		all = append(all, pictures(res)...)
	}
	return all
}

// hasEmail reports whether there is any e-mail to show; an anonymised report has none.
func hasEmail(res *report.Result) bool {
	for row := range res.Rows.All() {
		if row.Email != "" {
			return true
		}
	}
	return false
}

// pictures is the column that only a terminal gets: a bar for each row, or with a pivot over time
// a sparkline, as far as one can be read.
func pictures(res *report.Result) []field {
	if res.Pivot == "" {
		commits := func(l *line) (int, bool) { return l.counts.Commits, l.keys != nil }
		return []field{{Column: Column{bar: true, Spare: spareBar, verbatim: true}, count: commits}}
	}
	if n := len(res.PivotValues); !res.Pivot.IsTime() || n < 3 || n > 30 {
		return nil
	}
	return []field{{
		Column: Column{Name: "trend"},
		text:   func(l *line) string { return sparkline(l.cells) },
	}}
}

// signed puts a plus before what is more.
func signed(f field) func(*line) string {
	return func(l *line) string {
		if n, ok := f.count(l); ok && n > 0 {
			return "+" + strconv.Itoa(n)
		}
		return f.cell(l)
	}
}

// share is a line's part of all commits, in percent. What repositories share is in each of their
// rows, so the parts may add up to more than 100.
func share(total int) func(*line) string {
	return func(l *line) string {
		if total == 0 {
			return ""
		}
		percent := 100 * float64(l.counts.Commits) / float64(total)
		return strconv.FormatFloat(percent, 'f', 1, 64)
	}
}

// changePercent is the difference to the range before in percent of that; there is none where
// nothing was before.
func changePercent(l *line) string {
	if l.previous == nil || l.previous.Commits == 0 {
		return ""
	}
	before := float64(l.previous.Commits)
	return fmt.Sprintf("%+.1f", 100*(float64(l.counts.Commits)-before)/before)
}
