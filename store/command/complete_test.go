package command

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// newApp is a small program with a database of two workspaces.
func newApp(t *testing.T) *cli.App {
	t.Helper()
	db := filepath.Join(t.TempDir(), "trunkstat.db")
	err := store.Open(db).Update(context.Background(), func(tx *store.Tx) error {
		for _, r := range []store.Repository{
			{UUID: "{1}", Workspace: "acme", Slug: "shop", Project: "WEB"},
			{UUID: "{2}", Workspace: "acme", Slug: "api", Project: "WEB"},
			{UUID: "{3}", Workspace: "other", Slug: "shop", Project: "X"},
			{UUID: "{4}", Workspace: "other", Slug: "$(touch evaluated)", Project: "two words"},
		} {
			if err := tx.PutRepository(r); err != nil {
				return err
			}
		}
		return tx.PutWorkspace(store.Workspace{Slug: "acme"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return &cli.App{
		Name: "trunkstat", Usage: "counts", Version: "1.0", HideHelpCommand: true, ExitErrHandler: func(*cli.Context, error) {},
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "db", Value: db, TakesFile: true},
			&cli.StringFlag{Name: "workspace", Aliases: []string{"w"}, Usage: "the `SLUG`"},
			&cli.BoolFlag{Name: "quiet"},
		},
		Commands: append([]*cli.Command{
			{Name: "report", Usage: "count .commits", Description: "It counts.\n\n   trunkstat report --by day\n.dot",
				Flags: []cli.Flag{
					SuggestList(&cli.StringFlag{Name: "by"}, "author", "month", "week", "weekday"),
					Suggest(&cli.StringFlag{Name: "sort"}, "commits", "commits:asc", "commits:desc", "authors"),
					Enum("format", "table", "`FORMAT`", "table", "csv", "markdown"),
					&cli.StringFlag{Name: "output", Aliases: []string{"o"}, TakesFile: true},
					&cli.StringSliceFlag{Name: "repo"}, &cli.StringFlag{Name: "project"},
					&cli.StringFlag{Name: "secret", Hidden: true},
				}},
			{Name: "db", Usage: "look", Subcommands: []*cli.Command{{Name: "path", Usage: "print"}, {Name: "backup", Usage: "copy", ArgsUsage: "FILE"}}},
		}, Commands()...),
	}
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	app := newApp(t)
	var out bytes.Buffer
	app.Writer, app.ErrWriter = &out, &out
	if err := app.Run(append([]string{"trunkstat"}, args...)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCandidates(t *testing.T) {
	for _, c := range []struct{ words, want string }{
		{"", "report db completion man"},
		{"re", "report"},
		{"db |", "path backup"},
		{"db backup |", ":files"},
		{"--quiet db p", "path"},
		{"--workspace db re", "report"}, // db is the workspace here
		{"-w |", "acme"},
		{"--workspace=a", "--workspace=acme"},
		{"--workspace = a", "acme"},
		{"report --", "--by --sort --format --output --repo --project --db --workspace --quiet --help --version"},
		{"report --quiet -- --b", "--by"},
		{"report --by mo", "month"},
		{"report --by author,week", "author,week author,weekday"},
		{"report --by author,aut", ""},
		{"report --sort |", "commits authors"},
		{"report -o |", ":files"},
		{"report --sort commits:", "commits:asc commits:desc"},
		{"report --sort commits :", "asc desc"},
		{"report --sort commits : d", "desc"},
		{"report --format m", "markdown"},
		{"report --repo |", "shop api"},
		{"report --repo api --repo s", "shop"},
		{"-w acme report --project |", "WEB"},
		{"report --workspace other --project |", "X"},
		{"report --db |", ":files"},
		{"report --db nowhere.db --repo |", ""},
		{"report --secret |", ""},
		{"completion z", "zsh"},
		{"completion zsh |", ""},
		{"nonsense --nonsense |", "report db completion man"},
	} {
		words := strings.Fields(c.words)
		if len(words) > 0 && words[len(words)-1] == "|" {
			words[len(words)-1] = ""
		}
		got := strings.Fields(output(t, append([]string{"complete-words", "bash"}, words...)...))
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", c.words, got, want)
		}
	}
	if got := output(t, "complete-words", "fish", "report"); got != "report\tcount .commits\n" {
		t.Errorf("fish: %q", got)
	}
	if got := output(t, "complete-words", "powershell", "report", "--by", `""`); !strings.HasPrefix(got, "author\n") {
		t.Errorf("PowerShell: %q", got)
	}
}

// Quotes and escapes are as they were typed, and the last quote may be unclosed.
func TestQuotes(t *testing.T) {
	for _, word := range []string{`"author,mo"`, `'author,mo'`, `"author,mo`, `author\,mo`, `author",mo`} {
		if got := output(t, "complete-words", "bash", "report", "--by", word); got != "author,month\n" {
			t.Errorf("%s: %q", word, got)
		}
	}
	// The database is found by a name with quotes around it, as it is typed.
	db := filepath.ToSlash(filepath.Join(t.TempDir(), "my own.db")) // as it is typed in these shells on Windows
	err := store.Open(db).Update(context.Background(), func(tx *store.Tx) error {
		return tx.PutRepository(store.Repository{UUID: "{1}", Workspace: "acme", Slug: "quoted"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, written := range []string{`"` + db + `"`, strings.ReplaceAll(db, " ", `\ `)} {
		if got := output(t, "complete-words", "zsh", "--db", written, "report", "--repo", `"quo`); got != "quoted\n" {
			t.Errorf("--db %s: %q", written, got)
		}
	}
}

// A database that is none is no reason to say anything.
func TestCandidatesOfBrokenDatabase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(file, bytes.Repeat([]byte("dear diary\n"), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := output(t, "--db", file, "complete-words", "bash", "report", "--repo", ""); got != "" {
		t.Errorf("%q", got)
	}
}

// FuzzWords holds that no line, however broken, ends in anything but candidates.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"", "report --by =", ": = :", "--workspace= -w", "= =", "-", "--", "report --sort :"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		app := &cli.App{Flags: []cli.Flag{&cli.StringFlag{Name: "sort"}, &cli.BoolFlag{Name: "b"}}}
		words, _ := rejoin(strings.Split(text, " "))
		l := parseLine(app, words)
		for _, c := range l.candidates(cli.NewContext(app, nil, nil)) {
			if !strings.HasPrefix(c, l.before+l.word) {
				t.Errorf("%q is offered for %q", c, l.before+l.word)
			}
		}
	})
}

func TestManualEscapes(t *testing.T) {
	page := output(t, "man")
	for _, want := range []string{".SS \"trunkstat report\"\nCount .commits.\n", "\n\\&.dot\n", ".nf\n   trunkstat report \\-\\-by day\n.fi\n",
		"\\-\\-workspace, \\-w SLUG\nthe SLUG\n", ".TP\n130\ninterrupted\n", ".SS \"trunkstat db backup FILE\""} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in the manual:\n%s", want, page)
		}
	}
	for _, never := range []string{"complete\\-words", "secret"} {
		if strings.Contains(page, never) {
			t.Errorf("%q is in the manual", never)
		}
	}
}
