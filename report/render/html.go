package render

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
	"iter"
	"strings"

	"trunkstat/report"
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
	Rows         iter.Seq[[]pageCell]
	Foot         []pageCell
	Footer       []string
}

type pageCell struct {
	Text               string
	Number, Date, Head bool
}

// HTML writes the report as one file that stands alone: no script, nothing from the network. It
// has the table, a chart of it, and a calendar of the days, if the report has them.
func HTML(w io.Writer, res *report.Result) error {
	g := volume(res, false)
	p := page{
		Title:  pageTitle(res),
		Range:  Clean(period(res)),
		Head:   make([]pageCell, len(g.Columns)),
		Rows:   pageRows(g),
		Foot:   pageRow(g, g.Footer),
		Footer: strings.Split(strings.TrimSuffix(Footer(res), "\n"), "\n"),
	}
	for i, c := range g.Columns {
		p.Head[i] = pageCell{Text: c.title(), Number: c.Number}
	}
	if chart, ok := chartOf(res); ok {
		p.Pictures = append(p.Pictures, chart)
	}
	p.Pictures = append(p.Pictures, calendar(res.Calendar)...)
	b := bufio.NewWriter(w)
	if err := pageTemplate.Execute(b, p); err != nil {
		return err
	}
	return b.Flush()
}

// pageRows makes the rows one by one, as the template asks for them.
func pageRows(g Grid) iter.Seq[[]pageCell] {
	return func(yield func([]pageCell) bool) {
		for row := range g.rows() {
			if !yield(pageRow(g, row)) {
				return
			}
		}
	}
}

func pageRow(g Grid, row []string) []pageCell {
	cells := make([]pageCell, len(g.Columns))
	for i, c := range g.Columns {
		cells[i] = pageCell{
			Text: c.text(at(row, i)), Number: c.Number, Date: c.Date, Head: i == 0,
		}
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
