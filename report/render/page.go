package render

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"iter"
	"strings"
	"sync"

	"trunkstat/report"
)

//go:embed page.html.tmpl
var pageText string

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

// A pageCell is a cell as the template needs it.
type pageCell struct {
	*Column
	Text string
}

// Long says whether the line of the cell may be broken.
func (c pageCell) Long() bool { return ems(c.Text) > mostElastic }

// Pieces are the parts of a long e-mail between which its line may be broken: after @ and dots alone. There
// are none of another cell.
func (c pageCell) Pieces() (pieces []string) {
	if c.Name != "email" || !c.Long() {
		return nil
	}
	for part := range strings.SplitAfterSeq(c.Text, "@") {
		pieces = append(pieces, strings.SplitAfter(part, ".")...)
	}
	return pieces
}

// PlotHeight is the height of a plot with a vertical axis.
func (page) PlotHeight() float64 { return plotBottom }

// writePage writes the report as one file that stands alone: no script, nothing from the network.
// It has pictures of the report and its table.
func writePage(w io.Writer, res *report.Result) error {
	g := tableGrid(res, false)
	all := make([]int, len(g.Columns))
	for i := range all {
		all[i] = i
	}
	p := page{Title: pageTitle(res), Pictures: picturesOf(res), Table: newPart(g, all), Paper: newPaper(g)}
	p.Head, p.Footer = headLines(res)
	b := bufio.NewWriter(w)
	if err := pageTemplate().Execute(b, p); err != nil {
		return err
	}
	return b.Flush()
}

// picturesOf draws the chart of a report, and the calendar of its days.
func picturesOf(res *report.Result) (pictures []picture) {
	for _, draw := range []func(*report.Result) (picture, bool){chartOf, calendarOf} {
		if p, ok := draw(res); ok {
			pictures = append(pictures, p)
		}
	}
	return pictures
}

// headLines are the sentences that a reader needs to judge the first picture: range, zone, how fresh and
// how complete the data is, and what was left out. The others stand below the table.
func headLines(res *report.Result) (head, foot []string) {
	for i, line := range footerLines(res) {
		if i <= len(shortcomings(res)) || strings.Contains(line, "left out") {
			head = append(head, line)
		} else {
			foot = append(foot, line)
		}
	}
	return head, foot
}

// A part is a table with some of the columns of the report's.
type part struct {
	Caption     string
	Pivot       bool // the last column is Total
	Head, Total []pageCell
	Rows        iter.Seq[[]pageCell] // made one by one, as the template asks for them
}

// newPart returns the part with the columns of some indices.
func newPart(g Grid, columns []int) part {
	last := g.Columns[columns[len(columns)-1]]
	p := part{Total: pageRow(g, g.Total, columns), Pivot: last.Name == "total"}
	for _, i := range columns {
		c := &g.Columns[i]
		p.Head = append(p.Head, pageCell{c, c.title()})
	}
	p.Rows = func(yield func([]pageCell) bool) {
		for row := range g.rows() {
			if !yield(pageRow(g, row, columns)) {
				return
			}
		}
	}
	return p
}

// pageRow makes the cells of one row.
func pageRow(g Grid, row []Cell, columns []int) []pageCell {
	cells := make([]pageCell, len(columns))
	for i, n := range columns {
		cells[i] = pageCell{&g.Columns[n], at(row, n).display()}
	}
	return cells
}
