package render

import (
	"io"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// A Terminal says what the output supports. The zero Terminal is a pipe or a file: plain text,
// of any width.
type Terminal struct {
	Width int  // in columns; 0: not a terminal
	Color bool // whether colour is wanted and understood
}

// TerminalOf looks at where output goes. Only a writer with a file descriptor that is a terminal
// is one; COLUMNS overrides its width, and NO_COLOR, TERM=dumb and noColor switch colour off.
func TerminalOf(w io.Writer, getenv func(string) string, noColor bool) Terminal {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return Terminal{}
	}
	color := !noColor && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	return Terminal{
		Width: terminalWidth(int(f.Fd()), getenv("COLUMNS")),
		Color: color && understandsColor(f.Fd()),
	}
}

// terminalWidth prefers what the user says to what the terminal says, and 80, as most terminals begin, to
// nothing.
func terminalWidth(fd int, columns string) int {
	if n, err := strconv.Atoi(columns); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(fd); err == nil && n > 0 {
		return n
	}
	return 80
}

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
