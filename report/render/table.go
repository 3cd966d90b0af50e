package render

import (
	"bufio"
	"io"
	"math"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"trunkstat/report"
)

// A table of more than manyRows is plain on a terminal as well: tablewriter takes about 20 µs a row.
const manyRows = 2000

// Table writes the grid for people. On a terminal it has lines, fits the width, and has colour
// where that is wanted. Elsewhere it is plain: columns two blanks apart, no lines, and a - where
// a cell is empty, so that awk finds each column.
func Table(w io.Writer, g Grid, term Terminal) error {
	b := bufio.NewWriter(w) // it keeps the first error of w, which tablewriter does not
	l := measure(g)
	if term.Width == 0 {
		l.dashes = true
		l.writePlain(b)
		return b.Flush()
	}
	left := l.fit(term.Width)
	if l.rows > manyRows {
		l.writePlain(b)
	} else if err := l.writeLined(b, term.Color); err != nil {
		return err
	}
	if left > 0 {
		note := "… " + report.NumberOf(left, "column does", "columns do") + " not fit; use --format csv or html"
		b.WriteString(displaywidth.TruncateString(note, term.Width, "…") + "\n")
	}
	return b.Flush()
}

// writePlain writes the layout with nothing but blanks between the columns, and none at the end of
// a line. The caller sees an error of the writer when it flushes b.
func (l *tableLayout) writePlain(b *bufio.Writer) {
	write := func(line []string) {
		b.WriteString(strings.TrimRight(strings.Join(line, gap), " "))
		b.WriteByte('\n')
	}
	write(l.line(l.grid.head(), bold))
	for row := range l.grid.rows() {
		write(l.line(row, ""))
	}
	if l.grid.Total != nil {
		write(l.line(l.grid.Total, ""))
	}
}

// writeLined has tablewriter write the layout: a line under the header and one over the total, and
// nothing between the columns but blanks, so that it can be copied from a terminal.
func (l *tableLayout) writeLined(b *bufio.Writer, color bool) error {
	l.color = color
	blueprint := renderer.NewBlueprint(tw.Rendition{Borders: tw.BorderNone})
	t := tablewriter.NewTable(b,
		tablewriter.WithRenderer(&linedRenderer{blueprint, b, l.total(math.MaxInt)}),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithFooterAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off), tablewriter.WithTrimLine(tw.Off))
	t.Header(l.line(l.grid.head(), bold))
	for row := range l.grid.rows() {
		if err := t.Append(l.line(row, "")); err != nil {
			return err
		}
	}
	if l.grid.Total != nil {
		t.Footer(l.line(l.grid.Total, bold))
	}
	return t.Render()
}

// A linedRenderer writes cells that have the width of their columns already. Blueprint, which it
// extends, would pad them again by its own measure: that is the sum over code points, so a family
// of emoji, a flag or a letter with a selector would shift the line.
type linedRenderer struct {
	*renderer.Blueprint
	w     io.Writer
	width int
}

// Header is given lines of cells, as cells may wrap. Ours have one line each, since they are clean.
func (r *linedRenderer) Header(lines [][]string, _ tw.Formatting) { r.write(lines[0]) }
func (r *linedRenderer) Row(line []string, _ tw.Formatting)       { r.write(line) }
func (r *linedRenderer) Footer(lines [][]string, _ tw.Formatting) { r.write(lines[0]) }

// Line is called under the header and over the footer.
func (r *linedRenderer) Line(tw.Formatting) {
	io.WriteString(r.w, strings.Repeat("─", r.width)+"\n")
}

func (r *linedRenderer) write(line []string) {
	io.WriteString(r.w, strings.Join(line, gap)+"\n")
}
