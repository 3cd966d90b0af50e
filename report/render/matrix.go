package render

import (
	"fmt"

	"trunkstat/report"
)

// mostRows is how many rows of a matrix are drawn, as more would hide the table below. The page says how many
// there are.
const mostRows = 30

// matrixChart draws a cell for each number, the darker the higher, with the totals of the columns above them
// and those of the rows to their right.
func matrixChart(res *report.Result, t crosstab) picture {
	const totals, top, rowHeight = 60.0, 68.0, 20.0 // pixels: where totals stand and rows begin
	p := picture{Desc: t.describe(res), Cells: true}
	if len(t.rows) > mostRows {
		p.Desc += fmt.Sprintf(" The first %d of %s rows are drawn.", mostRows, Count(len(t.rows)))
		t.rows = t.rows[:mostRows]
	}
	var numbers []int
	for _, row := range t.rows {
		numbers = append(numbers, row.cells...)
	}
	shades, columns := newShadeScale(numbers), bands(len(t.columns))
	for i, row := range t.rows {
		y := top + rowHeight*float64(i)
		text := baseline(y, rowHeight)
		p.name(row.name, text)
		p.value(100, text, row.commits)
		// One rectangle stands for all the cells without commits, of which there may be many: they would be
		// most of the file.
		p.bar(box{0, y, 100, rowHeight}, "d0", "")
		for j, n := range row.cells {
			if n > 0 {
				p.bar(columns.cell(j, y, rowHeight), shades.class(n), t.title(i, j))
			}
		}
	}
	p.totals(t.columns, columns, totals)
	p.columnAxis(t, top+rowHeight*float64(len(t.rows))+2)
	p.Legend = append(shades.legend(), t.legend(res, "rest light")...)
	return p
}

// totals draws the totals of columns as bars that stand on y, with their numbers where these have room. All
// else that has labels beside the plot is drawn already.
func (p *picture) totals(values []value, columns bands, y float64) {
	p.name("Total", y-textMiddle)
	const top, space = 18, 6 // pixels: above the highest bar is its number; between two numbers is some space
	up := valueScale{y, top, highest(values)}
	wide, _ := p.plotWidths()
	hasRoom := (textWidth(Count(up.most))+space)*float64(columns) < wide
	for i, v := range values {
		at := up.at(v.commits)
		if v.commits > 0 {
			p.bar(columns.cell(i, at, up.length(v.commits)), v.class("rest"), v.title())
		}
		if hasRoom {
			x := columns.middle(i)
			p.label(label{X: x, Y: round(at - 4), Anchor: "middle", Class: "wide", Text: Count(v.commits)})
		}
	}
}
