package render

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// dot stands between the parts of the footer's first line.
const dot = " · "

// Wrap breaks lines that are wider than width columns, between two parts of a line rather than
// within one, and never within a word: a terminal would break them anywhere. What is wider and
// has no blank stays; so does everything where width is 0.
func Wrap(text string, width int) string {
	if width <= 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, ended := strings.CutSuffix(line, "\n")
		b.WriteString(strings.Join(fill(line, width), "\n"))
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// fill puts as many parts into each line as there is room for.
func fill(line string, width int) []string {
	var lines []string
	for _, part := range strings.Split(line, dot) {
		last := len(lines) - 1
		if last >= 0 && displaywidth.String(lines[last]+dot+part) <= width {
			lines[last] += dot + part
			continue
		}
		lines = append(lines, fillWords(part, width)...)
	}
	return lines
}

func fillWords(part string, width int) []string {
	var lines []string
	for _, word := range strings.Split(part, " ") {
		last := len(lines) - 1
		if last >= 0 && displaywidth.String(lines[last]+" "+word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
