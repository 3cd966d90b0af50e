package command

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

var update = flag.Bool("update", false, "write the golden files")

// smallApp is a program as main makes it. Its command count prints the flags it was given.
func smallApp(noFolder error) (*cli.App, *bytes.Buffer) {
	out := &bytes.Buffer{}
	show := func(c *cli.Context) error {
		for _, name := range []string{"db", "quiet", "workspace", "top"} {
			out.WriteString(c.String(name) + "|")
		}
		return nil
	}
	app := &cli.App{
		Name: "trunkstat", Usage: "counts", Description: "It counts.", Version: "1.0", Writer: out, ErrWriter: out,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "db", Value: map[bool]string{true: "home.db"}[noFolder == nil],
				EnvVars: []string{"TEST_DB"}, Usage: "`PATH` of the database"},
			&cli.StringFlag{Name: "workspace", Aliases: []string{"w"}, EnvVars: []string{"TEST_WORKSPACE"}},
			&cli.BoolFlag{Name: "quiet"},
		},
		Commands: []*cli.Command{
			{Name: "copy", Usage: "copy a file", Action: show, ArgsUsage: "FILE"},
			{Name: "man", Action: show},
			{Name: "demo", Action: show},
			{Name: "db", Usage: "show and check", Subcommands: []*cli.Command{
				{Name: "check", Usage: "verify", Action: show}, {Name: "backup", Action: show}}},
			{Name: "report", Usage: "count commits", Description: "Counts.\n\n   trunkstat report", Action: show, Flags: []cli.Flag{
				&cli.IntFlag{Name: "top", Usage: "keep `N` rows", EnvVars: []string{"TEST_TOP"}},
				Pattern("repo", "only repositories that match `GLOB`"),
				Enum("format", "table", "`FORMAT`", "table", "csv", "json"),
				Enum("compare", "", "the `RANGE` before", "previous"),
			}},
		},
	}
	Prepare(app, noFolder)
	return app, out
}

// try runs the small program.
func try(noFolder error, args ...string) (stdout string, err error) {
	app, out := smallApp(noFolder)
	err = app.Run(append([]string{"trunkstat"}, args...))
	return out.String(), err
}

// A misuse exits 2, names what was wrong, and prints nothing.
func TestMisuse(t *testing.T) {
	for args, want := range map[string]string{
		"repotr":                   `"repotr" (did you mean report?); use report, copy, man, demo, db`,
		"repot":                    "did you mean report?",
		"chek":                     "did you mean db check?",
		"elsewhere":                `"elsewhere"; use report`,
		"db":                       "use check, backup",
		"db help":                  `"help"; use check, backup`,
		"db chekc":                 "did you mean check?",
		"report --tpo 3":           "--tpo (did you mean --top?) (see trunkstat report --help)",
		"report --worspace=a":      "did you mean --workspace?",
		"report --zzz":             "unknown flag --zzz (see",
		"--zzz":                    "--zzz (see trunkstat --help)",
		"report -x":                "-x",
		"report --top":             "--top requires a value",
		"report -w":                "-w requires a value",
		"report --top many":        `"many" for --top`,
		"--quiet=perhaps":          `"perhaps" for --quiet`,
		"report word":              `"word"`,
		"report word --top 3":      `"word"`,
		"copy word --quiet":        `"--quiet"`,
		"db check word":            "see trunkstat db check --help",
		"report --format xml":      `invalid value "xml" for --format; use table, csv, json`,
		"report --format=":         `invalid value "" for --format`,
		"report --compare last":    `"last" for --compare; use previous`,
		"report --repo a --repo [": `invalid pattern "[" for --repo`,
		"report --repo=":           `invalid pattern "" for --repo`,
		"--db= report":             "--db needs",
		"report --db=":             "--db needs",
		"--db= db check":           "--db needs",
		"db check --db=":           "--db needs",
		"--db x demo":              "--db cannot be used with demo",
		"--db home.db demo":        "--db cannot be used with demo", // the default value, typed
		"demo -w acme":             "--workspace cannot be used with demo",
	} {
		out, err := try(nil, strings.Fields(args)...)
		if !IsMisuse(err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || out != "" {
			t.Errorf("%s: %v\nwant %s\nprinted %q", args, err, want, out)
		}
	}
	for _, args := range []string{"report --quiet --db -", "copy word", "report --format csv --repo [!a]*", "demo --quiet"} {
		if _, err := try(nil, strings.Fields(args)...); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, err := try(nil, "report", "--top\n9=3"); !IsMisuse(err) || !strings.Contains(err.Error(), "unknown flag --top\n9 (did") {
		t.Errorf("a newline in the name of a flag: %v", err)
	}
	t.Setenv("TEST_TOP", "lots")
	if _, err := try(nil, "report"); !IsMisuse(err) || !strings.Contains(err.Error(), `"lots" of the variable TEST_TOP`) {
		t.Errorf("got %v", err)
	}
}

// Global flags count before and after the name of the command; the nearer one wins.
func TestGlobalFlags(t *testing.T) {
	t.Setenv("TEST_WORKSPACE", "env")
	for args, want := range map[string]string{
		"report":                          "home.db|false|env|0|",
		"--db a --quiet report":           "a|true|env|0|",
		"report --db a --quiet":           "a|true|env|0|",
		"--db a -w x report --db b":       "b|false|x|0|",
		"--db a db -w y check -w z":       "a|false|z||",
		"--db a db --db b check":          "b|false|env||",
		"demo":                            "home.db|false|env||",
		"report --version":                "trunkstat version 1.0\n",
		"db check -v":                     "trunkstat version 1.0\n",
		"--db a -w x report --db b --top": "",
	} {
		if out, _ := try(nil, strings.Fields(args)...); out != want {
			t.Errorf("%s: %q, want %q", args, out, want)
		}
	}
}

// Whether a global flag is set has nothing to do with where.
func TestGlobalFlagsAreSet(t *testing.T) {
	for args, want := range map[string]bool{
		"report": false, "-w a report": true, "report -w a": true, "db -w a check": true, "db check": false,
	} {
		app, _ := smallApp(nil)
		got := false
		look := func(c *cli.Context) error { got = c.IsSet("workspace"); return nil }
		app.Command("report").Action, app.Command("db").Subcommands[0].Action = look, look
		if err := app.Run(append([]string{"trunkstat"}, strings.Fields(args)...)); err != nil || got != want {
			t.Errorf("%s: %v, %v", args, got, err)
		}
	}
}

// A variable that is set and empty is as good as none, and one that demo cannot honour is ignored.
func TestEnvironment(t *testing.T) {
	for value, want := range map[string]string{"": "home.db", "other.db": "other.db"} {
		t.Setenv("TEST_DB", value)
		for _, args := range []string{"report", "db check", "demo"} {
			out, err := try(nil, strings.Fields(args)...)
			if err != nil || !strings.HasPrefix(out, want+"|") {
				t.Errorf("TEST_DB=%s %s: %q, %v", value, args, out, err)
			}
		}
		if _, err := try(nil, "--db", "typed.db", "demo"); !IsMisuse(err) {
			t.Errorf("TEST_DB=%s --db typed.db demo: %v", value, err)
		}
		if _, err := try(nil, "demo", "--db", want); !IsMisuse(err) {
			t.Errorf("TEST_DB=%s demo --db %s: %v", value, want, err)
		}
	}
}

// Without a folder for the database, a command that needs one requires --db.
func TestNoFolder(t *testing.T) {
	noFolder := errors.New("HOME is not set")
	for args, refused := range map[string]bool{
		"report": true, "db check": true, "man": false, "--db a report": false, "report --db a": false, "--help": false,
		"report --help": false, "help": false, "--version": false, "demo": false,
	} {
		_, err := try(noFolder, strings.Fields(args)...)
		code, _ := Exit(err)
		named := code == ExitFailed && errors.Is(err, noFolder) && strings.Contains(err.Error(), "--db")
		if named != refused {
			t.Errorf("%s: %v", args, err)
		}
	}
}

// One page of help in full, and what is in all others.
func TestHelp(t *testing.T) {
	golden := "testdata/help.golden"
	got, err := try(nil, "report", "--help")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || string(want) != got {
		t.Errorf("%v, got:\n%s", err, got)
	}
	for _, args := range [][2]string{{"help", "--help"}, {"help report", "report --help"}, {"help db check", "db check --help"}} {
		got, err := try(nil, strings.Fields(args[0])...)
		want, _ := try(nil, strings.Fields(args[1])...)
		if got != want || err != nil {
			t.Errorf("%s: %v\n%s", args[0], err, got)
		}
		for _, e := range ExitCodes {
			if !strings.Contains(strings.Join(strings.Fields(got), " "), fmt.Sprint(" ", e.Code, " ", e.Meaning)) {
				t.Errorf("%s does not say %q", args[0], e.Meaning)
			}
		}
	}
	for args, usage := range map[string]string{
		"--help": "trunkstat [global options] COMMAND [options]", "db --help": "trunkstat db COMMAND [options]",
		"db check --help": "trunkstat db check [options]", "copy --help": "trunkstat copy [options] FILE",
	} {
		if got, err := try(nil, strings.Fields(args)...); err != nil || !strings.Contains(got, "USAGE:\n   "+usage+"\n") {
			t.Errorf("%s: %v\n%s", args, err, got)
		}
	}
}

// The text of a flag fits a terminal, and nothing is in it twice.
func TestHelpOfFlags(t *testing.T) {
	for _, c := range []struct {
		flag cli.Flag
		want string
	}{
		{&cli.BoolFlag{Name: "quiet", Usage: "no progress"}, "--quiet  no progress"},
		{&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"}, "--output, -o FILE  write to FILE"},
		{Enum("merges", "include", "`CHOICE`", "include", "exclude", "only"),
			"--merges CHOICE  CHOICE: include, exclude or only (default: include)"},
		{Pattern("repo", "only `GLOB`"), "--repo GLOB …  only GLOB"},
		{&cli.IntFlag{Name: "top", Usage: "keep `N`"}, "--top N  keep N"},
		{&cli.IntFlag{Name: "jobs", Value: 8, Usage: "`N` at a time", EnvVars: []string{"JOBS"}}, "--jobs N  N at a time (default: 8) [JOBS]"},
		{&cli.StringFlag{Name: "db", Usage: strings.Repeat("word ", 12), DefaultText: "here"},
			"--db VALUE  " + strings.TrimSpace(strings.Repeat("word ", 11)) + "\n               word (default: here)"},
	} {
		if got := flagList([]cli.Flag{c.flag}, 72); got != "   "+c.want+"\n" {
			t.Errorf("got %q\nwant %q", got, c.want)
		}
	}
}
