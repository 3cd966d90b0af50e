package reportcmd

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
)

// A screen looks like a terminal, and keeps what is written to it.
type screen struct {
	bytes.Buffer
	terminal *os.File
}

func (s *screen) Fd() uintptr { return s.terminal.Fd() }

// runOnTerminal runs a command whose stdout or stderr is a terminal.
func runOnTerminal(t *testing.T, stdout, stderr io.Writer, columns string, args ...string) {
	t.Helper()
	app := &cli.App{Name: "trunkstat", Writer: stdout, ErrWriter: stderr,
		Flags:    []cli.Flag{&cli.StringFlag{Name: "db"}, &cli.StringFlag{Name: "workspace"}},
		Commands: Commands(func(name string) string { return map[string]string{"COLUMNS": columns}[name] })}
	command.Prepare(app, nil)
	if err := app.RunContext(t.Context(), append([]string{"trunkstat"}, args...)); err != nil {
		t.Fatal(err)
	}
}

// newScreen returns an empty screen, or skips the test.
func newScreen(t *testing.T) *screen {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	t.Cleanup(func() { terminal.Close() })
	return &screen{terminal: terminal}
}

// TestFooterOnNarrowTerminals breaks the footer at the width of the terminal it goes to, which is
// stdout's for a table there, and else stderr's.
func TestFooterOnNarrowTerminals(t *testing.T) {
	db := reportDB(t)
	for _, format := range []string{"table", "csv"} {
		out, errs := newScreen(t), newScreen(t)
		if format == "table" {
			runOnTerminal(t, out, io.Discard, "44", "--db", db, "report", "--tz", "UTC")
		} else {
			runOnTerminal(t, io.Discard, errs, "44", "--db", db, "report", "--tz", "UTC", "--format", "csv")
		}
		footer := out.String() + errs.String()
		const want = " · UTC\ncommitter dates\ndata as of 2026-11-23 09:00; 2 repositories,\nall complete\n"
		if !strings.Contains(footer, want) {
			t.Errorf("%s: got\n%s\nwant %s", format, footer, want)
		}
	}
}

// TestTerminalIsSafe has other people's control sequences in every text; on a terminal there are none, and
// a pipe gets CSV as it is.
func TestTerminalIsSafe(t *testing.T) {
	db := newOddTexts(t, "\x1b]52;c;ZXZpbA==\x07clip", "csi \x9b31m \u009b31m", "bidi \u202e \x7f")
	for _, args := range []string{"export commits", "export commits --format jsonl", "export authors",
		"report --by author", "report --by author --format csv", "report --by author --format json"} {
		out := newScreen(t)
		words := append([]string{"--db", db.Path()}, strings.Fields(args)...)
		runOnTerminal(t, out, out, "", append(words, "--tz", "UTC")...)
		if text := strings.ReplaceAll(out.String(), "\x1b[", ""); strings.ContainsAny(text, "\x1b\x07\x7f\u009b\u202e") ||
			strings.Contains(text, "52;c;") && !strings.Contains(args, "json") {
			t.Errorf("%s:\n%q", args, out.String())
		}
	}
	if stdout, _, _ := runCommand(t, "--db", db.Path(), "export", "commits"); !strings.Contains(stdout, "\x1b]52;") {
		t.Error("a pipe does not get the text as it is")
	}
	if _, _, err := runCommand(t, "--db", db.Path(), "export", "commits", "--format", "parquet"); err != nil {
		t.Error(err)
	}
}
