package render

import (
	"slices"

	"trunkstat/report"
)

// A paper says how the table is printed.
type paper struct {
	Landscape bool
	Points    float64 // the size of the table's text
	Parts     []part  // what is printed instead of a table that is too wide for a sheet
}

const (
	// The width of a sheet between its margins, which are 12 mm, 34 points, in the template. A page does not
	// know its paper, so each is the narrower of A4 (595 by 842 points) and Letter (612 by 792).
	portraitPoints, landscapePoints = 525.0, 720.0

	mostPortrait            = 8        // more columns have room between them on a landscape sheet alone
	leastPoints, mostPoints = 7.0, 9.5 // of text: smaller is hard to read, and the sentences around have 10
	partPoints              = 8.0      // of text in parts, which need not be as small

	// Widths of the table are in ems of its text. Browsers measure text when they print, which is too late to
	// split a table, so the widths are estimated, rather too wide than too narrow: in DejaVu Sans, the widest
	// font that browsers take, a digit has 0.64 ems, and most letters have less.
	charEms     = 0.66
	cellPadding = 0.9  // the template has .4em at both sides; the rest is for lines and rounding
	mostElastic = 20.0 // the template breaks lines of elastic columns that would be wider
)

// newPaper measures the table of a report. Text is made smaller until the table fits; below the least size
// the sheet is turned, and then the table is split into parts.
func newPaper(res *report.Result, g Grid) paper {
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
		p.Parts = splitTable(res, g.Columns, widths, width/partPoints)
	}
	return p
}

// columnWidths are the widths of columns in ems, with their padding.
func columnWidths(g Grid) (widths []float64) {
	for _, c := range measure(g).columns {
		ems := charEms * float64(c.width)
		if c.Elastic {
			ems = min(ems, mostElastic)
		}
		widths = append(widths, ems+cellPadding)
	}
	return widths
}

// splitTable makes parts of a report's table that are not wider than so many ems. Each begins with the
// columns that name the rows, without e-mails, and its caption says which others it has.
func splitTable(res *report.Result, columns []Column, widths []float64, most float64) (parts []part) {
	first := slices.IndexFunc(columns, func(c Column) bool { return c.Number })
	if first < 0 { // no count was asked for
		first = 1
	}
	var names []Column
	var groups [][]Column // of the other columns, one for each part
	nameWidth, width := 0.0, 0.0
	for i, c := range columns[:first] {
		if c.Name != "email" {
			names, nameWidth = append(names, c), nameWidth+widths[i]
		}
	}
	for i, c := range columns {
		if i < first && c.Name != "email" {
			continue
		}
		if width += widths[i]; groups == nil || width > most {
			groups, width = append(groups, nil), nameWidth+widths[i]
		}
		last := &groups[len(groups)-1]
		*last = append(*last, c)
	}
	for _, group := range groups {
		parts = append(parts, newPart(tableGrid(res, slices.Concat(names, group)), captionOf(group)))
	}
	return parts
}

// captionOf names the first count of a part, or its first column, and the last.
func captionOf(columns []Column) string {
	first := max(0, slices.IndexFunc(columns, func(c Column) bool { return c.Number }))
	return columns[first].title() + " to " + columns[len(columns)-1].title()
}
