package render

import (
	"fmt"
	"io"
	"slices"

	"trunkstat/report"
)

// Formats are the formats that Report knows.
var Formats = []string{"table", "csv", "json", "markdown", "html"}

// Report writes a report in one of Formats. Only table heeds term, and only table, Markdown
// and HTML show what Footer says.
func Report(w io.Writer, res *report.Result, format string, term Terminal) error {
	switch format {
	case "table":
		return Table(w, volume(res, term), term)
	case "csv":
		return CSV(w, volume(res, term))
	}
	return fmt.Errorf("no format %q: there are %q", format, Formats)
}

// IsFormat reports whether Report knows the format.
func IsFormat(format string) bool { return slices.Contains(Formats, format) }

// Footer is what stands under the table: range, zone, kind of date, how complete and how fresh
// the data is, and the notes. It ends in a newline.
func Footer(res *report.Result) string { return res.ZoneName + "\n" }

func volume(res *report.Result, term Terminal) Grid {
	g := Grid{}
	for _, d := range res.By {
		g.Columns = append(g.Columns, Column{Name: string(d), Elastic: true})
	}
	g.Columns = append(g.Columns, Column{Name: "commits", Number: true})
	for _, row := range res.Rows {
		g.Rows = append(g.Rows, append(slices.Clone(row.Keys), fmt.Sprint(row.Counts.Commits)))
	}
	return g
}
