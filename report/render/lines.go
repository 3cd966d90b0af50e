package render

import (
	"bytes"
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// writeLined writes the sheet as a terminal shows it: a line under the header and one over the
// total, and nothing between the columns but blanks, so that it can be copied from there.
func (s *sheet) writeLined(w io.Writer, color bool) error {
	var out bytes.Buffer // Render forgets errors of its writer
	var st standIns
	t := tablewriter.NewTable(&out, s.options()...)
	t.Header(s.line(&st, s.head(), color, "1"))
	for cells := range s.body() {
		if err := t.Append(s.line(&st, cells, color, "")); err != nil {
			return err
		}
	}
	if foot := s.foot(); foot != nil {
		t.Footer(s.line(&st, foot, color, "1"))
	}
	if err := t.Render(); err != nil {
		return err
	}
	_, err := st.replacer().WriteString(w, out.String())
	return err
}

// options are tablewriter's. It is not to rewrite headers, to wrap, to trim, or to take the
// language of the environment for a reason to count lines and bars as two columns wide.
func (s *sheet) options() []tablewriter.Option {
	align := make([]tw.Align, len(s.columns))
	padding := make([]tw.Padding, len(s.columns))
	for i, c := range s.columns {
		align[i] = tw.AlignLeft
		if c.Number {
			align[i] = tw.AlignRight
		}
		padding[i] = tw.Padding{Right: gap, Overwrite: true}
	}
	if len(padding) > 0 {
		padding[len(padding)-1].Right = ""
	}
	part := tw.CellConfig{
		Alignment:  tw.CellAlignment{Global: tw.AlignLeft, PerColumn: align},
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Padding:    tw.CellPadding{PerColumn: padding},
	}
	none := tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off, TrimTab: tw.Off}
	return []tablewriter.Option{
		tablewriter.WithConfig(tablewriter.Config{
			Header: part, Row: part, Footer: part, Behavior: none,
		}),
		tablewriter.WithRenderer(renderer.NewBlueprint(rendition())),
		tablewriter.WithEastAsian(tw.Off),
	}
}

func rendition() tw.Rendition {
	return tw.Rendition{
		Borders: tw.BorderNone,
		Symbols: tw.NewSymbolCustom("lines").WithRow("─").WithCenter("─").WithColumn("").
			WithMidLeft("").WithMidRight(""),
		Settings: tw.Settings{
			Separators: tw.Separators{
				BetweenColumns: tw.Off, BetweenRows: tw.Off, ShowHeader: tw.On, ShowFooter: tw.On,
			},
			Lines: tw.Lines{
				ShowHeaderLine: tw.On, ShowFooterLine: tw.On, ShowTop: tw.Off, ShowBottom: tw.Off,
			},
		},
	}
}

// line makes the cells of one line ready for tablewriter: padded, so that what it measures cannot
// differ from what this package measured, and in colour.
func (s *sheet) line(st *standIns, cells []string, color bool, sgr string) []string {
	line := make([]string, len(cells))
	for i, cell := range cells {
		line[i] = st.put(cell)
		if pad := s.columns[i].width - width(cell); pad > 0 && s.columns[i].Number {
			line[i] = strings.Repeat(" ", pad) + line[i]
		} else if pad > 0 && i < len(cells)-1 {
			line[i] += strings.Repeat(" ", pad)
		}
		if paint := s.columns[i].paint(cell, sgr); color && paint != "" && cell != "" {
			line[i] = "\x1b[" + paint + "m" + line[i] + "\x1b[0m"
		}
	}
	return line
}

// paint is how a cell is coloured: as its line is, or as its column is.
func (c Column) paint(cell, line string) string {
	switch {
	case line != "":
		return line
	case c.bar:
		return "36"
	case c.change && strings.HasPrefix(cell, "+"):
		return "32"
	case c.change && strings.HasPrefix(cell, "-"):
		return "31"
	case c.faint:
		return "2"
	}
	return ""
}

// standIns holds the cells that tablewriter would measure wrongly: it adds up the widths of code
// points, and so takes a family of emoji, a flag or a letter with a selector for wider or
// narrower than they are drawn. Characters for private use, one column wide each, stand in for
// them until the table is laid out.
type standIns struct{ pairs []string }

const (
	firstStandIn = 0xF0000  // one for each such cell
	lastStandIn  = 0xFFFFD  // where there are more, the rest is measured wrongly
	filler       = 0x10FFFD // brings a stand-in to the width of its cell
)

// put returns the cell, or what stands in for it.
func (st *standIns) put(cell string) string {
	width := displaywidth.String(cell)
	mark := rune(firstStandIn + len(st.pairs)/2)
	wrong := twwidth.Width(cell) != width || strings.ContainsFunc(cell, isStandIn)
	if !wrong || width == 0 || mark > lastStandIn {
		return cell
	}
	standIn := string(mark) + strings.Repeat(string(rune(filler)), width-1)
	st.pairs = append(st.pairs, standIn, cell)
	return standIn
}

// isStandIn keeps cells that hold such characters themselves from being mistaken for stand-ins.
func isStandIn(r rune) bool { return r >= firstStandIn }

func (st *standIns) replacer() *strings.Replacer { return strings.NewReplacer(st.pairs...) }
