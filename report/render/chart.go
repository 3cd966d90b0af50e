package render

import (
	"cmp"
	"slices"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
)

// A value is what one mark of a chart shows. Names are clean because a page shows them.
type value struct {
	name              string
	commits, previous int
	partial           bool   // the name is that of a period of which the report has only a part
	note              string // behind the commits: the change in a comparison, why the period is partial
}

// chartOf draws what the report was asked for: bars or a line over time, a pivot over time as a stack or,
// where it has many rows, as a matrix, and everything else as bars of the highest values. Where the rows
// alone are times, they are drawn across, as time is everywhere.
func chartOf(res *report.Result) (picture, bool) {
	none := res.Total.Commits == 0 && (res.PreviousTotal == nil || res.PreviousTotal.Commits == 0)
	if none || res.Rows.Len() == 0 || res.Pivot != "" && len(res.PivotValues) == 0 {
		return picture{}, false
	}
	t, most := crosstabOf(res), mostSeries
	if isTime(res) && (t.down == report.Hour && t.across == report.Weekday || !t.across.IsTime()) {
		t.sortInTime()
		t = t.transposed()
	}
	isWeek := t.down == report.Weekday && t.across == report.Hour && res.Others == nil
	if isWeek {
		t.sortInTime()
	}
	if res.Others != nil {
		most++ // they are a row as well
	}
	var p picture
	switch {
	case !t.across.IsTime():
		p = rankedChart(res, t.combinations(" / "))
	case isWeek, len(t.rows) > most:
		p = matrixChart(res, t)
	default:
		p = stackChart(res, t)
	}
	p.ID, p.Title = "chart", pageTitle(res)
	return p, true
}

// isTime reports whether the rows follow each other in time, without those that --top cut off.
func isTime(res *report.Result) bool {
	return len(res.By) == 1 && res.By[0].IsTime() && res.Others == nil
}

// newValue is a value with what the report says of it. name is that of its row or column in the report.
func newValue(res *report.Result, name string, commits, previous int) value {
	v := value{name: store.Clean(name), commits: commits, previous: previous}
	if res.PreviousTotal != nil {
		v.note = ", before " + Count(previous) + " (" + changeOf(commits, previous) + ")"
	}
	for _, p := range res.Partial {
		if p.Period == name {
			v.partial = true
			v.note += ", " + whyPartial(p)
		}
	}
	return v
}

// inTime compares times, however the table is sorted. As texts, all names but those of weekdays are in that order.
func inTime(a, b string) int {
	return cmp.Or(slices.Index(weekdays, a)-slices.Index(weekdays, b), strings.Compare(a, b))
}

// byCommits orders values, the fewest commits first.
func byCommits(a, b value) int { return a.commits - b.commits }

// highest is the highest number of commits now or, in a comparison, before.
func highest(values []value) (most int) {
	for _, v := range values {
		most = max(most, v.commits, v.previous)
	}
	return most
}

// class adds the class light where the value is of a period that is not whole.
func (v value) class(class string) string {
	if v.partial {
		class += " light"
	}
	return class
}
