package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"trunkstat/report"
	"trunkstat/store"
)

// A value is what one mark of a chart shows.
type value struct {
	name    string
	commits int
}

const (
	chartWidth = 760.0
	topBars    = 20
	mostBars   = 200 // more points in time than this are drawn as a line
)

// chartOf draws the report: over time where its rows, or the values of its pivot, are times; else
// the rows with the most commits as bars.
func chartOf(res *report.Result) (picture, bool) {
	pivotOverTime := res.Pivot.IsTime() && len(res.TotalCells) > 1 &&
		len(res.TotalCells) == len(res.PivotValues)
	overTime := len(res.By) == 1 && res.By[0].IsTime() && res.Others == nil
	switch {
	case res.Total.Commits == 0 || res.Rows.Len() == 0:
		return picture{}, false
	case pivotOverTime:
		return timeChart(string(res.Pivot), pivotTotals(res)), true
	case overTime && res.Rows.Len() < 2:
		return picture{}, false
	case overTime:
		return timeChart(string(res.By[0]), chronological(res)), true
	}
	return barChart(res), true
}

// weekdays are in the order of ISO 8601, which is also that of a calendar's rows.
var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// chronological are the rows as they follow each other in time, however the table is sorted.
func chronological(res *report.Result) []value {
	values := rowValues(res)
	slices.SortFunc(values, func(a, b value) int {
		byWeekday := slices.Index(weekdays, a.name) - slices.Index(weekdays, b.name)
		return cmp.Or(byWeekday, strings.Compare(a.name, b.name))
	})
	return values
}

// pivotTotals are the totals of the pivot's columns.
func pivotTotals(res *report.Result) []value {
	values := make([]value, len(res.PivotValues))
	for i, name := range res.PivotValues {
		values[i] = value{store.Clean(name), res.TotalCells[i]}
	}
	return values
}

// rowValues are the rows in the order of the table. Names are clean because a page shows them.
func rowValues(res *report.Result) []value {
	values := make([]value, 0, res.Rows.Len())
	for row := range res.Rows.All() {
		values = append(values, value{store.Clean(strings.Join(row.Keys, " / ")), row.Counts.Commits})
	}
	return values
}

// byCommits orders values, the fewest commits first.
func byCommits(a, b value) int { return a.commits - b.commits }

// title is what a browser shows when the pointer is on the mark.
func (v value) title() string { return v.name + ": " + commits(v.commits) }

func commits(n int) string { return report.NumberOf(n, "commit", "commits") }

// barChart draws the rows with the most commits, the longest bar on top.
func barChart(res *report.Result) picture {
	const band, left, right = 24.0, 230.0, chartWidth - 80
	values := rowValues(res)
	slices.SortStableFunc(values, func(a, b value) int { return byCommits(b, a) })
	all := len(values)
	if res.Others != nil {
		all += res.Others.Rows
	}
	values = values[:min(len(values), topBars)]
	p := picture{
		ID: "chart", Title: pageTitle(res) + ", the most first", Width: chartWidth,
		Height: band * float64(len(values)),
		Desc: fmt.Sprintf("Bars for %d of %d rows. The longest is %s with %s.",
			len(values), all, values[0].name, commits(values[0].commits)),
	}
	across := valueScale{left, right, values[0].commits}
	for i, v := range values {
		x, y := across.at(v.commits), band*float64(i)
		p.bar(point{left, y + 3}, point{x, y + band - 3}, v.title())
		p.label(point{left - 8, y + 16}, "end", "name", displaywidth.TruncateString(v.name, 30, "…"))
		p.label(point{x + 6, y + 16}, "start", "", Count(v.commits))
	}
	return p
}

// timeChart draws a bar for each value, or one line where there are very many.
func timeChart(unit string, values []value) picture {
	const left, top, bottom, right = 64.0, 12.0, 216.0, 752.0 // of the area that marks are drawn in
	highest := slices.MaxFunc(values, byCommits)
	p := picture{
		ID: "chart", Title: "Commits by " + unit, Width: chartWidth, Height: 244,
		Desc: fmt.Sprintf("From %s to %s, by %s. The most are in %s: %s.", values[0].name,
			values[len(values)-1].name, unit, highest.name, commits(highest.commits)),
	}
	distance := tickDistance(highest.commits)
	// The axis ends at a tick, so that the highest mark has a number above it.
	ticks := max((highest.commits+distance-1)/distance, 1)
	up := valueScale{bottom, top, ticks * distance}
	for n := 0; n <= up.most; n += distance {
		p.tick(left, right, up.at(n), Count(n))
	}
	// Each value has a band of the same width; at most nine of them have room for their names.
	band, every := (right-left)/float64(len(values)), (len(values)+8)/9
	points := make([]point, len(values))
	for i, v := range values {
		x, y := left+band*float64(i), up.at(v.commits)
		points[i] = point{x + band/2, y}
		if i%every == 0 {
			p.label(point{round(x + band/2), bottom + 18}, "middle", "", v.name)
		}
		if len(values) <= mostBars {
			p.bar(point{round(x + band*0.1), y}, point{round(x+band*0.1) + band*0.8, bottom}, v.title())
		}
	}
	if len(values) > mostBars {
		p.line(point{left, bottom}, point{right, bottom}, points)
	}
	return p
}
