package render

import (
	"slices"

	"github.com/clipperhouse/displaywidth"
)

// A paper says how the table is printed. Sheets are A4 or Letter; what is taken for their width is that of
// the smaller one, without margins.
type paper struct {
	Landscape bool
	Points    float64 // the size of the table's text
	Parts     []part  // what is printed instead of a table that is too wide for a sheet
}

const (
	portraitPoints, landscapePoints = 525.0, 720.0 // the width of a sheet
	mostPortrait                    = 8            // more columns are printed on landscape sheets
	leastPoints, mostPoints         = 7.0, 9.5     // of text
	partPoints                      = 8.0          // of text in parts, which need not be as small
	cellPadding                     = 0.9          // the blanks of a cell, in ems
	mostElastic                     = 20.0         // elastic columns wider than this are broken, in ems
)

// newPaper measures the table. Text is made smaller until the table fits; below the least size the sheet is
// turned, and then the table is split into parts.
func newPaper(g Grid) paper {
	widths, all := columnWidths(g), 0.0
	for _, w := range widths {
		all += w
	}
	p, width := paper{}, portraitPoints
	if len(g.Columns) > mostPortrait || width/all < leastPoints {
		p.Landscape, width = true, landscapePoints
	}
	if p.Points = round(min(mostPoints, width/all)); p.Points < leastPoints {
		p.Points = partPoints
		p.split(g, widths, width/partPoints)
	}
	return p
}

// ems estimates how wide text is.
func ems(text string) float64 { return 0.66 * float64(displaywidth.String(text)) }

// columnWidths are the widths of columns in ems, with their padding.
func columnWidths(g Grid) []float64 {
	widths := make([]float64, len(g.Columns))
	widen := func(i int, text string) {
		em := ems(text)
		if g.Columns[i].Elastic {
			em = min(em, mostElastic)
		}
		widths[i] = max(widths[i], em+cellPadding)
	}
	for i, c := range g.Columns {
		widen(i, c.title())
		widen(i, at(g.Total, i).display())
	}
	for row := range g.rows() {
		for i := range g.Columns {
			widen(i, at(row, i).display())
		}
	}
	return widths
}

// split makes parts that are not wider than so many ems, each with the columns that name the rows.
func (p *paper) split(g Grid, widths []float64, most float64) {
	var names, columns []int
	first := slices.IndexFunc(g.Columns, func(c Column) bool { return c.Number })
	if first < 0 { // no count was asked for
		first = 1
	}
	used, named := 0.0, 0.0
	for i := range g.Columns[:first] {
		if g.Columns[i].Name != "email" {
			names, named = append(names, i), named+widths[i]
		}
	}
	for i := range g.Columns {
		if slices.Contains(names, i) {
			continue
		}
		if len(columns) > 0 && named+used+widths[i] > most {
			p.Parts = append(p.Parts, captioned(g, names, columns))
			columns, used = nil, 0
		}
		columns, used = append(columns, i), used+widths[i]
	}
	p.Parts = append(p.Parts, captioned(g, names, columns))
}

// captioned is a part with some columns after those that name the rows. Its caption names the first of them
// and the last.
func captioned(g Grid, names, columns []int) part {
	p := newPart(g, slices.Concat(names, columns))
	first := slices.IndexFunc(columns, func(i int) bool { return g.Columns[i].Number })
	title := func(i int) string { return g.Columns[columns[i]].title() }
	p.Caption = title(max(first, 0)) + " to " + title(len(columns)-1)
	return p
}
