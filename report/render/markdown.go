package render

import (
	"bufio"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"trunkstat/report"
)

// writeMarkdown writes the report as a table of GitHub's Markdown, with what Footer says under it.
func writeMarkdown(w io.Writer, res *report.Result) error {
	b := bufio.NewWriter(w)
	g := volume(res, false)
	for _, c := range g.Columns {
		b.WriteString("| " + markdown(c.title()) + " ")
	}
	b.WriteString("|\n")
	for _, c := range g.Columns {
		if c.Number {
			b.WriteString("|---:")
		} else {
			b.WriteString("|---")
		}
	}
	b.WriteString("|\n")
	for row := range g.rows() {
		markdownRow(b, g.Columns, row, "")
	}
	markdownRow(b, g.Columns, g.Footer, "**")
	for _, l := range strings.Split(strings.TrimSuffix(Footer(res), "\n"), "\n") {
		b.WriteString("\n" + markdown(l) + "\n")
	}
	return b.Flush()
}

func markdownRow(b *bufio.Writer, columns []Column, row []string, mark string) {
	for i, c := range columns {
		cell := markdown(c.text(at(row, i)))
		if cell != "" {
			cell = mark + cell + mark
		}
		b.WriteString("| " + cell + " ")
	}
	b.WriteString("|\n")
}

// title is a column's name as a page heads it: First commit.
func (c Column) title() string {
	name := Clean(c.Name)
	if c.verbatim {
		return name
	}
	name = strings.ReplaceAll(name, "_", " ")
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}

// markdown takes their meaning from the characters that have one in a table's cell.
func markdown(text string) string { return markdownMarks.Replace(text) }

var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`,
	"[", `\[`, "]", `\]`, "#", `\#`, "!", `\!`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;",
)
