package command

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"trunkstat/store"
)

// Notice prints a line on stderr.
func Notice(c *cli.Context, format string, args ...any) {
	say(c.App.ErrWriter, fmt.Sprintf(format, args...))
}

// say prints a line without control characters and tokens.
func say(stderr io.Writer, text string) {
	fmt.Fprintln(stderr, "trunkstat:", withoutTokens(store.Clean(text)))
}

// PrintLine prints a line on stdout, on a terminal without control characters. Files and pipes get the text
// as it is.
func PrintLine(c *cli.Context, text string) error {
	if f, ok := c.App.Writer.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		text = store.Clean(text)
	}
	_, err := fmt.Fprintln(c.App.Writer, text)
	return err
}
