package render

import (
	"io"
	"strconv"

	"golang.org/x/term"
)

// A Terminal says what the output can bear. The zero Terminal is a pipe or a file: plain text,
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

// terminalWidth prefers what the user says to what the terminal says, and 80 to nothing.
func terminalWidth(fd int, columns string) int {
	if n, err := strconv.Atoi(columns); err == nil && n > 0 {
		return n
	}
	if n, _, err := term.GetSize(fd); err == nil && n > 0 {
		return n
	}
	return 80
}
