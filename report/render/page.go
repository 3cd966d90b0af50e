package render

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"trunkstat/report"
)

//go:embed page.html.tmpl
var pageText string

// pageTemplate is parsed when a page is written, and not at every start of the program.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageText))
})

// A page is what the template of the HTML file is filled from. All text in it is plain; the
// template escapes it.
type page struct {
	Title        string
	Head, Footer []string // sentences above the pictures, and below the table
	Pictures     []picture
	Table        part
	Paper        paper
}

// A pageCell is a cell, or the name of a column, as the template needs it.
type pageCell struct {
	*Column
	Text string
}

// Long says whether the line of the cell may be broken.
func (c pageCell) Long() bool { return charEms*float64(width(c.Text)) > mostElastic }

// Pieces are the parts of a long e-mail between which its line may be broken: after @ and dots alone, so that
// it can still be read as one. There are none of another cell.
func (c pageCell) Pieces() (pieces []string) {
	if c.Name != "email" || !c.Long() {
		return nil
	}
	for part := range strings.SplitAfterSeq(c.Text, "@") {
		pieces = append(pieces, strings.SplitAfter(part, ".")...)
	}
	return pieces
}

// PlotHeight is the height of a plot with a vertical axis, in pixels: the template stretches areas to it.
func (page) PlotHeight() float64 { return plotBottom }

// writePage writes the report as one file that stands alone: no script, nothing from the network. It has
// pictures of the report and its table. Rows are made while they are written, as there may be very many.
func writePage(w io.Writer, res *report.Result) error {
	g := tableGrid(res, tableColumns(res, false))
	p := page{
		Title: pageTitle(res), Pictures: picturesOf(res), Table: newPart(g, ""), Paper: newPaper(res, g),
	}
	p.Head, p.Footer = headLines(res)
	b := bufio.NewWriter(w)
	if err := pageTemplate().Execute(b, p); err != nil {
		return err
	}
	return b.Flush()
}

// picturesOf draws the chart of a report, and the calendar of its days, as far as there is anything to see.
func picturesOf(res *report.Result) (pictures []picture) {
	if p, ok := chartOf(res); ok {
		pictures = append(pictures, p)
	}
	if p, ok := calendarOf(res); ok {
		pictures = append(pictures, p)
	}
	return pictures
}

// headLines are the lines of the footer, those first that a reader needs to judge the first picture: range,
// zone, how fresh and how complete the data is, and what was left out. The others stand below the table.
func headLines(res *report.Result) (head, foot []string) {
	head, foot = dataLines(res), partialPeriods(res)
	for _, note := range res.Notes {
		if slices.Contains(res.LeftOut, note) {
			head = append(head, note)
		} else {
			foot = append(foot, note)
		}
	}
	return clean(head), clean(foot)
}

// A part is a table as the template needs it.
type part struct {
	Caption     string // of a part of the report's table
	Pivot       bool   // the last column is Total
	Head, Total []pageCell
	Rows        iter.Seq[[]pageCell] // made one by one, as the template asks for them
}

// newPart returns the table of a grid.
func newPart(g Grid, caption string) part {
	cells := func(row []Cell) []pageCell {
		cells := make([]pageCell, len(g.Columns))
		for i := range cells {
			cells[i] = pageCell{&g.Columns[i], at(row, i).display()}
		}
		return cells
	}
	p := part{Caption: caption, Total: cells(g.Total), Pivot: g.Columns[len(g.Columns)-1].Name == "total"}
	for i := range g.Columns {
		p.Head = append(p.Head, pageCell{&g.Columns[i], g.Columns[i].title()})
	}
	p.Rows = func(yield func([]pageCell) bool) {
		for row := range g.rows() {
			if !yield(cells(row)) {
				return
			}
		}
	}
	return p
}
