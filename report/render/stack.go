package render

import (
	"fmt"
	"slices"

	"trunkstat/report"
)

// mostBars is how many periods are bars. More are a line: bars would be narrower than 2 pixels on a phone.
const mostBars = 120

// mostSeries is how many rows are a stack. More are a matrix: a stack has no more colours that can be told
// apart.
const mostSeries = 8

// noValues are the names of what has no value. They are grey, as the others are: colours stand for values.
var noValues = []string{"(none)", "(no team)", "(no group)"}

// stackChart draws the rows on top of each other, the first at the bottom: as bars, or as areas where there
// are very many columns.
func stackChart(res *report.Result, t crosstab) picture {
	t.setColors()
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
	p.Legend = append(p.Legend, t.legend(res, "mark light")...)
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

// layer draws a row as an area. It is lighter at its ends where their periods are not whole; all periods between
// are.
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

// setColors gives each row its colour.
func (t crosstab) setColors() {
	colors := 0
	for i := range t.rows {
		switch row := &t.rows[i]; {
		case row.class == "rest":
		case row.name == "": // of a report without a pivot
			row.class = "mark"
		case slices.Contains(noValues, row.name):
			row.class = "none"
		default:
			row.class = fmt.Sprint("s", colors)
			colors++
		}
	}
}

// levels are the sums of the first rows of each column: of none, of one, and so on up to all. A row is drawn
// from one level to the next. The last may be higher than the columns' totals, which count each commit once.
func (t crosstab) levels() [][]int {
	levels := [][]int{make([]int, len(t.columns))}
	for i, row := range t.rows {
		level := slices.Clone(levels[i])
		for j, n := range row.cells {
			level[j] += n
		}
		levels = append(levels, level)
	}
	return levels
}
