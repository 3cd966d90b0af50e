package reportcmd

import (
	"bytes"
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

// TestTerminalIsSafe has other people's control sequences in every text; on a terminal there are none, and
// a pipe gets CSV as it is.
func TestTerminalIsSafe(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here:", err)
	}
	defer terminal.Close()
	db := newOddTexts(t, "\x1b]52;c;ZXZpbA==\x07clip", "csi \x9b31m \u009b31m", "bidi \u202e \x7f")
	for _, args := range []string{"export commits", "export commits --format jsonl", "export authors",
		"report --by author", "report --by author --format csv", "report --by author --format json"} {
		out := &screen{terminal: terminal}
		app := &cli.App{Name: "trunkstat", Writer: out, ErrWriter: out,
			Flags:    []cli.Flag{&cli.StringFlag{Name: "db"}, &cli.StringFlag{Name: "workspace"}},
			Commands: Commands(func(string) string { return "" })}
		command.Prepare(app, nil)
		words := append([]string{"trunkstat", "--db", db.Path()}, strings.Fields(args)...)
		if err := app.RunContext(t.Context(), append(words, "--tz", "UTC")); err != nil {
			t.Fatal(err)
		}
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
