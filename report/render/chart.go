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

const (
	topBars  = 20  // rows that are bars: what a screen shows without scrolling
	mostBars = 120 // more periods are a line: bars would be narrower than 2 pixels on a phone
)

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
		t.setColors()
		p = columnChart(res, t)
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

// inTime puts times in the order in which they follow each other, however the table is sorted. All but the
// names of weekdays have that order as texts.
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

// class adds to a class that a period which is not whole is lighter.
func (v value) class(class string) string {
	if v.partial {
		class += " light"
	}
	return class
}

// columnChart draws the rows on top of each other, the first at the bottom: as bars, or as areas where there
// are very many columns.
func columnChart(res *report.Result, t crosstab) picture {
	p := picture{Desc: t.describe(res), Right: sideTick}
	levels := t.levels()
	up := p.valueAxis(max(slices.Max(levels[len(t.rows)]), highest(t.columns)))
	p.columnAxis(t, plotBottom)
	if len(t.columns) > mostBars {
		p.stackAreas(res, t, levels, up)
	} else {
		p.stackBars(res, t, levels, up)
	}
	for _, row := range t.rows {
		if row.name != "" {
			p.Legend = append(p.Legend, key{row.class, row.name})
		}
	}
	p.Legend = append(p.Legend, legendOf(res, "mark light")...)
	return p
}

// stackBars draws a bar for each cell. What a comparison compares with is an outline behind.
func (p *picture) stackBars(res *report.Result, t crosstab, levels [][]int, up valueScale) {
	columns := bands(len(t.columns))
	from, to := 0.1, 0.9 // of a band, so that bars have some space between them
	if res.PreviousTotal != nil {
		// The bars are narrower, and stand to the right of the outlines, so that both can be seen whichever
		// is higher.
		from, to = 0.3, 0.92
		for i, v := range t.columns {
			if v.previous > 0 {
				at := columns.part(i, 0.08, 0.66, up.at(v.previous), up.length(v.previous))
				p.bar(at, "before", v.title())
			}
		}
	}
	for i, row := range t.rows {
		for j, n := range row.cells {
			if n > 0 {
				top := up.at(levels[i+1][j])
				at := columns.part(j, from, to, top, round(up.at(levels[i][j])-top))
				p.bar(at, t.columns[j].class(row.class), t.title(i, j))
			}
		}
	}
}

// stackAreas draws an area for each row. What a comparison compares with is a line.
func (p *picture) stackAreas(res *report.Result, t crosstab, levels [][]int, up valueScale) {
	columns := bands(len(t.columns))
	if res.PreviousTotal != nil {
		var previous []int
		for _, v := range t.columns {
			previous = append(previous, v.previous)
		}
		p.area("before", "", columns.line(previous, up), nil)
	}
	for i, row := range t.rows {
		p.layer(t, row, columns.line(levels[i+1], up), columns.line(levels[i], up))
	}
	// The lowest area is drawn last: its edge is on top of the edges of layers without height.
	slices.Reverse(p.Areas)
}

// layer draws a row as an area, lighter at the ends, whose periods may not be whole. Inside there is none
// such.
func (p *picture) layer(t crosstab, row series, upper, lower []point) {
	first, last := 0, len(upper)-1
	for first < last && t.columns[first].partial {
		first++
	}
	for last > first && t.columns[last].partial {
		last--
	}
	p.area(row.class+" light", row.name, upper[:first+1], lower[:first+1])
	p.area(row.class, row.name, upper[first:last+1], lower[first:last+1])
	p.area(row.class+" light", row.name, upper[last:], lower[last:])
}

// rankedChart draws the highest values as bars, the longest on top, and the sum of the others. What a
// comparison compares with is an outline behind, and the change stands beside.
func rankedChart(res *report.Result, values []value) picture {
	const rowHeight = 26.0 // pixels
	slices.SortStableFunc(values, func(a, b value) int { return byCommits(b, a) })
	p := picture{Desc: sentences(mostOf(res, values), changeInAll(res)), Legend: legendOf(res, "")}
	shown, others := values[:min(len(values), topBars)], othersOf(res, values)
	scale, gap := valueScale{0, 100, highest(values)}, 5.0
	if others != nil {
		// Beside a sum that is much larger than every value, the bars would be too short to be compared.
		scale.most = max(scale.most, min(highest(others), 2*scale.most))
	}
	if res.PreviousTotal != nil {
		gap = 8 // the bars are thinner than the outlines, so that the end of a shorter outline can be seen
	}
	for i, v := range slices.Concat(shown, others) {
		y, class, change := rowHeight*float64(i), v.class("mark"), []key(nil)
		text := baseline(y, rowHeight)
		if i == len(shown) {
			class = "rest"
		}
		if res.PreviousTotal != nil {
			change = changeKeys(v.commits, v.previous)
		}
		p.name(v.name, text)
		end := p.row(scale, v.previous, box{Y: y + 2, H: rowHeight - 4}, "before", v.title())
		end = max(end, p.row(scale, v.commits, box{Y: y + gap, H: rowHeight - 2*gap}, class, v.title()))
		p.value(end, text, v.commits, change...)
		p.Height = y + rowHeight
	}
	return p
}

// row adds a bar from the left side to the right, and returns where it ends, in percent. One that is longer
// than the scale breaks off: two short pieces follow it, so that nobody takes its end for its number.
func (p *picture) row(scale valueScale, n int, at box, class, title string) (end float64) {
	pieces := [][2]float64{{0, scale.length(n)}} // where each begins, and how long it is
	if n > scale.most {
		pieces = [][2]float64{{0, 96}, {97, 1.5}, {99.3, 0.7}}
	}
	for _, piece := range pieces {
		if at.X, at.W = piece[0], piece[1]; n > 0 {
			p.bar(at, class, title)
		}
	}
	return round(at.X + at.W)
}

// othersOf is the sum of the values that are no bars, and of the rows that --top cut off, if there are any.
func othersOf(res *report.Result, values []value) []value {
	rows, commits, previous := 0, 0, 0
	if o := res.Others; o != nil {
		row := othersRow(res)
		rows, commits, previous = o.Rows, o.Counts.Commits, previousCommits(&row)
	}
	for _, v := range values[min(len(values), topBars):] {
		rows, commits, previous = rows+1, commits+v.commits, previous+v.previous
	}
	if rows == 0 {
		return nil
	}
	return []value{newValue(res, "others ("+Count(rows)+")", commits, previous)}
}
