package render

import (
	"slices"

	"trunkstat/report"
)

// topBars is how many rows are bars: what a screen shows without scrolling.
const topBars = 20

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
// than the scale is cut, and two short pieces follow it, so that its end is not read as its number.
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
