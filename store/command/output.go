package command

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"trunkstat/store"
)

// Notice prints a line on stderr, after "trunkstat: ".
func Notice(c *cli.Context, format string, args ...any) {
	say(c.App.ErrWriter, fmt.Sprintf(format, args...))
}

// Inform prints a line on stderr as Notice does, but not with --quiet.
func Inform(c *cli.Context, format string, args ...any) {
	if !c.Bool("quiet") {
		Notice(c, format, args...)
	}
}

// say prints a line without control characters and tokens.
func say(stderr io.Writer, text string) {
	fmt.Fprintln(stderr, "trunkstat:", withoutTokens(store.Clean(text)))
}

// PrintLine prints a line on stdout, on a terminal without control characters: names of repositories come
// from a server, and could write to the terminal whatever they liked. Files and pipes get the text as it
// is.
func PrintLine(c *cli.Context, text string) error {
	if f, ok := c.App.Writer.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		text = store.Clean(text)
	}
	_, err := fmt.Fprintln(c.App.Writer, text)
	return err
}

// Explain prints an error and its hint on stderr, and returns the exit code.
func Explain(stderr io.Writer, err error) int {
	code, hint := Exit(err)
	if code == ExitDone {
		return code
	}
	// An error is one line, which scripts can rely on. Those of errors.Join have more.
	say(stderr, "error: "+strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	for line := range strings.Lines(hint) {
		say(stderr, "hint: "+strings.TrimSpace(line))
	}
	return code
}

// tokenLike matches the tokens that Atlassian makes, by their prefix. It also matches the beginning of one
// that was cut. The package bitbucket, which also knows the token in use, has a pattern of its own for what
// servers send. The pattern is compiled when it is needed, not at every start.
var tokenLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(AT[ACS]TT|ATBB)[\w=/+.-]{12,}`)
})

// withoutTokens cuts everything that looks like a token down to its prefix. An error may repeat what was
// typed, and a token may have been typed in the wrong place.
func withoutTokens(text string) string { return tokenLike().ReplaceAllString(text, "$1…") }
