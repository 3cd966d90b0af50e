package appcmd

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// prepared runs a small program the way main does. Its command count prints the flags it was given.
func prepared(noFolder error, args string) (stdout string, err error) {
	var out bytes.Buffer
	show := func(c *cli.Context) error {
		for _, name := range []string{"db", "quiet", "workspace", "top"} {
			out.WriteString(c.String(name) + "|")
		}
		return nil
	}
	app := &cli.App{
		Name: "trunkstat", Version: "1.0", Writer: &out, ErrWriter: &out,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "db"},
			&cli.StringFlag{Name: "workspace", Aliases: []string{"w"}, EnvVars: []string{"TEST_WORKSPACE"}},
			&cli.BoolFlag{Name: "quiet"},
		},
		Commands: []*cli.Command{
			{Name: "count", Action: show, Flags: []cli.Flag{
				&cli.IntFlag{Name: "top", EnvVars: []string{"TEST_TOP"}}, &cli.StringSliceFlag{Name: "repo"}}},
			{Name: "copy", Action: show, ArgsUsage: "FILE"},
			{Name: "man", Action: show},
			{Name: "db", Subcommands: []*cli.Command{{Name: "check", Action: show}, {Name: "backup", Action: show}}},
		},
	}
	Prepare(app, noFolder)
	err = app.Run(append([]string{"trunkstat"}, strings.Fields(args)...))
	return out.String(), err
}

func TestMisuse(t *testing.T) {
	for args, want := range map[string]string{
		"cuont":                "unknown command \"cuont\" (did you mean count?): there are count, copy, man, db (see trunkstat --help)",
		"chek":                 "unknown command \"chek\" (did you mean db check?): there are count, copy, man, db (see trunkstat --help)",
		"elsewhere":            "unknown command \"elsewhere\": there are count, copy, man, db (see trunkstat --help)",
		"db":                   "trunkstat db needs one of check, backup (see trunkstat db --help)",
		"db help":              "unknown command \"help\": there are check, backup (see trunkstat db --help)",
		"db chekc":             "unknown command \"chekc\" (did you mean check?): there are check, backup (see trunkstat db --help)",
		"count --tpo 3":        "unknown flag --tpo (did you mean --top?) (see trunkstat count --help)",
		"count --worspace=a":   "unknown flag --worspace (did you mean --workspace?) (see trunkstat count --help)",
		"count --nothing":      "unknown flag --nothing (see trunkstat count --help)",
		"--nothing":            "unknown flag --nothing (see trunkstat --help)",
		"count -x":             "unknown flag -x (see trunkstat count --help)",
		"count --top":          "--top needs a value (see trunkstat count --help)",
		"count -w":             "-w needs a value (see trunkstat count --help)",
		"count --top many":     "--top takes a whole number, not \"many\" (see trunkstat count --help)",
		"--quiet=perhaps":      "--quiet takes no value, not \"perhaps\" (see trunkstat --help)",
		"count word":           "unexpected argument \"word\" (see trunkstat count --help)",
		"copy word --quiet":    "unexpected argument \"--quiet\" (see trunkstat copy --help)",
		"db check word":        "unexpected argument \"word\" (see trunkstat db check --help)",
		"count --quiet --db -": "", "copy word": "",
	} {
		out, err := prepared(nil, args)
		if want == "" && err == nil {
			continue
		}
		var coded cli.ExitCoder
		if err == nil || err.Error() != want || !errors.As(err, &coded) || coded.ExitCode() != 2 || out != "" {
			t.Errorf("%s: %v\nwant %s\nprinted %q", args, err, want, out)
		}
	}
	t.Setenv("TEST_TOP", "lots")
	want := "the variable TEST_TOP takes a whole number, not \"lots\" (see trunkstat count --help)"
	if _, err := prepared(nil, "count"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Global flags count before and after the name of the command; the nearer one wins.
func TestGlobalFlags(t *testing.T) {
	t.Setenv("TEST_WORKSPACE", "env")
	for args, want := range map[string]string{
		"--db a --quiet count":           "a|true|env|0|",
		"count --db a --quiet":           "a|true|env|0|",
		"--db a -w x count --db b --top": "",
		"--db a -w x count --db b":       "b|false|x|0|",
		"--db a db -w y check -w z":      "a|false|z||",
		"--db a db --db b check":         "b|false|env||",
		"count --version":                "trunkstat version 1.0\n",
		"db check -v":                    "trunkstat version 1.0\n",
	} {
		if out, _ := prepared(nil, args); out != want {
			t.Errorf("%s: %q, want %q", args, out, want)
		}
	}
}

// Without a folder for the database it has to be named, by who needs one.
func TestNoFolder(t *testing.T) {
	noFolder := errors.New("HOME is not set")
	for args, refused := range map[string]bool{
		"count": true, "db check": true, "man": false, "--db a count": false, "count --db a": false, "--help": false,
		"count --help": false, "help": false, "--version": false,
	} {
		_, err := prepared(noFolder, args)
		named := err != nil && strings.HasSuffix(err.Error(), "HOME is not set: name the database with --db PATH or TRUNKSTAT_DB")
		if named != refused {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestHelpCommand(t *testing.T) {
	for _, args := range [][2]string{{"help", "--help"}, {"help count", "count --help"}, {"help db check", "db check --help"}} {
		got, err := prepared(nil, args[0])
		want, _ := prepared(nil, args[1])
		if got != want || err != nil || !strings.Contains(got, "EXIT CODES") {
			t.Errorf("%s: %v\n%s", args[0], err, got)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"report", "repotr", 1},
		{"report", "reprot", 1}, {"repot", "report", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got, back := distance(c.a, c.b), distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q to %q: %d, back %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}

// What help says of a flag fits a terminal, and is said once.
func TestHelpOfFlags(t *testing.T) {
	for _, c := range []struct {
		flag cli.Flag
		want string
	}{
		{&cli.BoolFlag{Name: "quiet", Usage: "no progress"}, "--quiet\tno progress"},
		{&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"}, "--output, -o FILE\twrite to FILE"},
		{&cli.StringFlag{Name: "tz", Value: "local", Usage: "the `ZONE`"}, "--tz ZONE\tthe ZONE (default: local)"},
		{&cli.StringSliceFlag{Name: "repo", Usage: "only `GLOB`"}, "--repo GLOB\tonly GLOB (repeatable)"},
		{&cli.IntFlag{Name: "top", Usage: "keep `N`"}, "--top N\tkeep N"},
		{&cli.IntFlag{Name: "jobs", Value: 8, Usage: "`N` at a time", EnvVars: []string{"JOBS"}}, "--jobs N\tN at a time (default: 8) [JOBS]"},
		{&cli.StringFlag{Name: "db", Usage: strings.Repeat("word ", 12), DefaultText: "here"},
			"--db VALUE\t" + strings.TrimSpace(strings.Repeat("word ", 10)) + "\n   \tword word (default: here)"},
	} {
		if got := helpOf(c.flag); got != c.want {
			t.Errorf("got %q\nwant %q", got, c.want)
		}
	}
}
