package render

import "strings"

// dot stands between the parts of the footer's first line.
const dot = " · "

// Wrap breaks lines that are wider than width columns, between two parts of a line rather than
// within one, and never within a word: a terminal would break them anywhere. What is wider and
// has no blank stays; so does everything where width is 0.
func Wrap(text string, width int) string {
	if width <= 0 {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.Join(fill(line, dot, width), "\n")
	}
	return strings.Join(lines, "\n")
}

// fill puts as many parts into each line as there is room for. A part that begins a line is broken
// between its words.
func fill(text, separator string, columns int) (lines []string) {
	for _, part := range strings.Split(text, separator) {
		last := len(lines) - 1
		switch {
		case last >= 0 && width(lines[last]+separator+part) <= columns:
			lines[last] += separator + part
		case separator == dot:
			lines = append(lines, fill(part, " ", columns)...)
		default:
			lines = append(lines, part)
		}
	}
	return lines
}
