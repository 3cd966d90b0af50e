package render

import (
	"bufio"
	"io"
	"strings"

	"trunkstat/report"
)

// writeMarkdown writes the report as a table of GitHub's Markdown, with its footer. Columns are not padded:
// who reads it as text has the format table.
func writeMarkdown(w io.Writer, res *report.Result) error {
	b := bufio.NewWriter(w)
	g := tableGrid(res, tableColumns(res, false))
	for _, c := range g.Columns {
		b.WriteString("| " + markdown(c.title()) + " ")
	}
	b.WriteString("|\n")
	for _, c := range g.Columns {
		b.WriteString("|---")
		if c.Number {
			b.WriteString(":")
		}
	}
	b.WriteString("|\n")
	for row := range g.rows() {
		writeMarkdownRow(b, row, "")
	}
	writeMarkdownRow(b, g.Total, "**")
	for _, sentence := range footerLines(res) {
		b.WriteString("\n" + markdown(sentence) + "\n")
	}
	return b.Flush()
}

// writeMarkdownRow writes a row, with a mark around each cell that is not empty: ** makes it bold.
func writeMarkdownRow(b *bufio.Writer, row []Cell, mark string) {
	for _, c := range row {
		cell := markdown(c.display())
		if cell != "" {
			cell = mark + cell + mark
		}
		b.WriteString("| " + cell + " ")
	}
	b.WriteString("|\n")
}

// markdown escapes the characters that have a meaning in a cell of a table.
func markdown(text string) string { return markdownMarks.Replace(text) }

// markdownMarks are escaped wherever they stand: GitHub reads some of them within words too.
var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`,
	"[", `\[`, "]", `\]`, "#", `\#`, "!", `\!`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;",
)
