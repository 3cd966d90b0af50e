package render

import (
	"fmt"
	"io"
	"slices"

	"trunkstat/report"
)

// Formats are the formats that Report knows.
var Formats = []string{"table", "csv", "json", "markdown", "html"}

// IsFormat reports whether Report knows the format.
func IsFormat(format string) bool { return slices.Contains(Formats, format) }

// Report writes a report in one of Formats. The table comes without what
// Footer says, as that may have to go elsewhere; Markdown and HTML have it.
func Report(w io.Writer, res *report.Result, format string, term Terminal) error {
	switch format {
	case "table":
		return Table(w, volume(res, term.Width > 0), term)
	case "csv":
		return writeCSV(w, res, term)
	case "json":
		return writeJSON(w, res, term)
	case "markdown":
		return writeMarkdown(w, res)
	case "html":
		return HTML(w, res)
	}
	return fmt.Errorf("no format %q: there are %q", format, Formats)
}

// writeCSV writes the rows as CSV does, but row by row: a report of hours may have very many.
func writeCSV(w io.Writer, res *report.Result, term Terminal) error {
	c := newCSV(w)
	all := dataFields(res, term)
	for _, f := range all {
		c.text(f.Name)
	}
	c.end()
	var l line
	for row := range res.Rows.All() {
		l = rowLine(res, row)
		for i := range all {
			c.field(&all[i], &l)
		}
		c.end()
	}
	return c.w.Flush()
}

// dataFields are the columns as scripts get them: as they are. A person who looks at CSV or JSON
// on a terminal gets them clean.
func dataFields(res *report.Result, term Terminal) []field {
	all := fields(res)
	if term.Width == 0 {
		return all
	}
	for i, f := range all {
		all[i].Name = Clean(f.Name)
		if f.text != nil {
			all[i].text = func(l *line) string { return Clean(f.text(l)) }
		}
	}
	return all
}
