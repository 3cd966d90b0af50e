package render

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"trunkstat/report"
)

// A picture is a drawing in SVG, by its parts. Its text is plain.
type picture struct {
	ID, Title, Desc string
	Width, Height   float64
	Rules           []rule
	Area            string // the outline of a filled area
	Rects           []rect
	Texts           []label
}

type rule struct{ X1, Y1, X2, Y2 float64 }

type rect struct {
	X, Y, W, H   float64
	Class, Title string
}

type label struct {
	X, Y                float64
	Anchor, Class, Text string
}

// A bar of a chart.
type value struct {
	name    string
	commits int
}

const (
	chartWidth = 760.0
	topBars    = 20
	mostBars   = 200 // more points in time than this are drawn as an area
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
		return timeChart(string(res.Pivot), pivotValues(res)), true
	case overTime && res.Rows.Len() < 2:
		return picture{}, false
	case overTime:
		return timeChart(string(res.By[0]), chronological(res)), true
	}
	return barChart(res), true
}

// chronological are the rows as they follow each other in time, however the table is sorted.
func chronological(res *report.Result) []value {
	values := rowValues(res)
	days := []string{
		"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
	}
	slices.SortFunc(values, func(a, b value) int {
		if res.By[0] == report.Weekday {
			return slices.Index(days, a.name) - slices.Index(days, b.name)
		}
		return strings.Compare(a.name, b.name)
	})
	return values
}

// pivotValues are the columns' totals.
func pivotValues(res *report.Result) []value {
	values := make([]value, len(res.PivotValues))
	for i, name := range res.PivotValues {
		values[i] = value{Clean(name), res.TotalCells[i]}
	}
	return values
}

func rowValues(res *report.Result) []value {
	values := make([]value, 0, res.Rows.Len())
	for row := range res.Rows.All() {
		values = append(values, value{Clean(strings.Join(row.Keys, " / ")), row.Counts.Commits})
	}
	return values
}

func highest(values []value) int {
	most := 0
	for _, v := range values {
		most = max(most, v.commits)
	}
	return most
}

func commits(n int) string { return Count(n) + " " + plural(n, "commit", "commits") }

// barChart draws the rows with the most commits, the longest bar on top.
func barChart(res *report.Result) picture {
	const line, left, right = 24.0, 230.0, 80.0
	values := rowValues(res)
	slices.SortStableFunc(values, func(a, b value) int { return b.commits - a.commits })
	all := len(values)
	if res.Others != nil {
		all += res.Others.Rows
	}
	values = values[:min(len(values), topBars)]
	p := picture{
		ID: "chart", Title: pageTitle(res) + ", the most first", Width: chartWidth,
		Height: line * float64(len(values)),
		Desc: fmt.Sprintf("Bars for %d of %d rows. The longest is %s with %s.",
			len(values), all, values[0].name, commits(values[0].commits)),
	}
	most := max(values[0].commits, 1)
	for i, v := range values {
		y := line * float64(i)
		w := round((chartWidth - left - right) * float64(v.commits) / float64(most))
		if v.commits > 0 {
			w = max(w, 1)
		}
		p.Rects = append(p.Rects, rect{left, y + 3, w, line - 6, "mark",
			v.name + ": " + commits(v.commits)})
		p.Texts = append(p.Texts,
			label{left - 8, y + 16, "end", "name", shorten(v.name, 30)},
			label{left + w + 6, y + 16, "start", "", Count(v.commits)})
	}
	return p
}

// timeChart draws a column for each value, or one area where there are very many.
func timeChart(unit string, values []value) picture {
	const left, top, bottom, right = 64.0, 12.0, 216.0, 752.0
	most := highest(values)
	step := tick(most)
	ceiling := step * int(math.Ceil(float64(max(most, 1))/float64(step)))
	height := func(n int) float64 {
		return max(round((bottom-top)*float64(n)/float64(ceiling)), float64(min(n, 1)))
	}
	p := picture{
		ID: "chart", Title: "Commits by " + unit, Width: chartWidth, Height: 244,
		Desc: timeDescription(unit, values),
	}
	for n := 0; n <= ceiling; n += step {
		y := bottom - height(n)
		p.Rules = append(p.Rules, rule{left, y, right, y})
		p.Texts = append(p.Texts, label{left - 8, y + 4, "end", "", Count(n)})
	}
	slot := (right - left) / float64(len(values))
	every := (len(values) + 8) / 9
	var area strings.Builder
	fmt.Fprintf(&area, "M%.1f %.1f", left, bottom)
	for i, v := range values {
		x := left + slot*float64(i)
		if i%every == 0 {
			p.Texts = append(p.Texts, label{round(x + slot/2), bottom + 18, "middle", "", v.name})
		}
		if len(values) > mostBars {
			fmt.Fprintf(&area, "L%.1f %.1f", x+slot/2, bottom-height(v.commits))
			continue
		}
		p.Rects = append(p.Rects, rect{round(x + slot*0.1), bottom - height(v.commits),
			round(slot * 0.8), height(v.commits), "mark", v.name + ": " + commits(v.commits)})
	}
	if len(values) > mostBars {
		p.Area = area.String() + fmt.Sprintf("L%.1f %.1fZ", right, bottom)
	}
	return p
}

func timeDescription(unit string, values []value) string {
	peak := slices.MaxFunc(values, func(a, b value) int { return a.commits - b.commits })
	return fmt.Sprintf("From %s to %s, by %s. The most are in %s: %s.",
		values[0].name, values[len(values)-1].name, unit, peak.name, commits(peak.commits))
}

// tick is the distance of the lines of an axis: 1, 2 or 5 times a power of ten, three to six of
// them up to most.
func tick(most int) int {
	power := 1
	for {
		for _, n := range []int{1, 2, 5} {
			if n*power*5 >= most {
				return n * power
			}
		}
		power *= 10
	}
}

// round keeps coordinates short.
func round(f float64) float64 { return math.Round(f*10) / 10 }
