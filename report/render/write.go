// Package render writes reports, and the other small tables of the program, as a table for
// people, CSV, JSON, Markdown, or one HTML file that stands alone.
//
// It guarantees that nothing an author or a repository is called can reach a terminal as a
// control sequence, a spreadsheet as a formula, or a page as markup; that a table on a terminal
// is never wider than the terminal; and that an error of the writer is an error of the call.
//
// Its terms:
//
//	cell     one value of a table, typed until a format writes it
//	column   the name of the cells below each other, and how they are aligned, cut or dropped
//	grid     columns, rows of cells, and perhaps a total: a table before it has a format
//	layout   a grid measured for a terminal: the columns that fit, and their widths
//	footer   the sentences under a report: range, zone, freshness, completeness, notes
//	page     the HTML file
//	picture  a drawing on a page, made of marks: bars, areas, cells, ticks, labels
//	plot     the part of a picture that has the marks; labels may stand beside it
//	crosstab the numbers of a chart, in rows and columns
//	series   a row of a crosstab
//	band     the part of the plot's width that a column has
//	tick     the name of a column on an axis; a step is the distance of ticks in time
//	part     the table of a page, or some of its columns where paper is too narrow for all
//
// A report.Result becomes one of two grids. dataColumns are for programs and the same in CSV and
// JSON; tableColumns are for people and add shares and bars. Every format then writes cells, so
// that no number is made text and read again.
package render

import (
	"io"

	"trunkstat/report"
)

// Formats are the formats that Write knows.
var Formats = []string{"table", "csv", "json", "markdown", "html"}

// Options say where a report goes.
type Options struct {
	Terminal Terminal // what the writer is
	CSV      CSVOptions

	// Footer gets the footer of CSV and of a table that goes to a pipe or a file, which have no
	// place for it; nil: it is not written. It breaks lines at FooterWidth columns, 0: nowhere.
	Footer      io.Writer
	FooterWidth int
}

// Write writes a report in one of Formats, with its footer. JSON, Markdown and HTML have the footer
// in themselves; a table on a terminal has it below.
func Write(w io.Writer, res *report.Result, format string, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, res)
	case "markdown":
		return writeMarkdown(w, res)
	case "html":
		return writePage(w, res)
	case "table":
		onTerminal := o.Terminal.Width > 0
		if err := Table(w, tableGrid(res, tableColumns(res, onTerminal)), o.Terminal); err != nil {
			return err
		}
		if onTerminal {
			o.Footer, o.FooterWidth = w, o.Terminal.Width
			if _, err := io.WriteString(w, trendScale(res, o.Terminal.Width)); err != nil {
				return err
			}
		}
	default: // csv
		o.CSV.Clean = o.CSV.Clean || o.Terminal.Width > 0
		if err := CSV(w, dataGrid(res), o.CSV); err != nil {
			return err
		}
	}
	if o.Footer == nil {
		return nil
	}
	_, err := io.WriteString(o.Footer, Wrap(Footer(res), o.FooterWidth))
	return err
}
