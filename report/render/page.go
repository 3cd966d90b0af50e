package render

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"iter"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
)

//go:embed page.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// A page is what the template of the HTML file is filled from. All text in it is plain; the
// template escapes it.
type page struct {
	Title, Range string
	Pictures     []picture
	Head         []pageCell
	Rows         iter.Seq[[]pageCell] // made one by one, as the template asks for them
	Total        []pageCell
	Footer       []string
}

// A pageCell is a cell as the template needs it: its text, and what its CSS class depends on.
type pageCell struct {
	Text            string
	Number, Elastic bool
}

// writePage writes the report as one file that stands alone: no script, nothing from the network.
// It has a chart of the report, a calendar of its days where it has them, and the table.
func writePage(w io.Writer, res *report.Result) error {
	g := tableGrid(res, false)
	p := page{
		Title:    pageTitle(res),
		Range:    store.Clean(period(res)),
		Pictures: calendars(res.Calendar),
		Total:    pageRow(g, g.Total),
		Footer:   footerLines(res),
		Rows: func(yield func([]pageCell) bool) {
			for row := range g.rows() {
				if !yield(pageRow(g, row)) {
					return
				}
			}
		},
	}
	for _, c := range g.Columns {
		p.Head = append(p.Head, pageCell{Text: c.title(), Number: c.Number})
	}
	if chart, ok := chartOf(res); ok {
		p.Pictures = append([]picture{chart}, p.Pictures...)
	}
	b := bufio.NewWriter(w)
	if err := pageTemplate.Execute(b, p); err != nil {
		return err
	}
	return b.Flush()
}

// pageRow makes the cells of one row.
func pageRow(g Grid, row []Cell) []pageCell {
	cells := make([]pageCell, len(g.Columns))
	for i, c := range g.Columns {
		cells[i] = pageCell{Text: at(row, i).display(), Number: c.Number, Elastic: c.Elastic}
	}
	return cells
}

// pageTitle says in words what is counted by what.
func pageTitle(res *report.Result) string {
	names := make([]string, len(res.By))
	for i, d := range res.By {
		names[i] = string(d)
	}
	title := "Commits by " + strings.Join(names, ", ")
	if res.Pivot != "" {
		title += " and " + string(res.Pivot)
	}
	return title
}
