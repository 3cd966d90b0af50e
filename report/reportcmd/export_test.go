package reportcmd

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
)

// runExport runs the command as main does; args may begin with --quiet, which is the program's.
func runExport(t *testing.T, db *store.DB, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	words := []string{"trunkstat", "export"}
	if args[0] == "--quiet" {
		words, args = []string{"trunkstat", "--quiet", "export"}, args[1:]
	}
	var out, errs bytes.Buffer
	app := &cli.App{
		Name: "trunkstat", Writer: &out, ErrWriter: &errs,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "db", Value: db.Path()}, &cli.StringFlag{Name: "workspace"},
			&cli.BoolFlag{Name: "quiet"},
		},
		Commands: []*cli.Command{exportCommand(func(string) string { return "" })},
	}
	command.Prepare(app, nil)
	err = app.RunContext(t.Context(), append(words, args...))
	return out.String(), errs.String(), err
}

func TestMisuse(t *testing.T) {
	w := newSampleWorld(t, 10, "acme/web")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"commits extra":                                   "extra",
		"commits --format xml":                            "csv, jsonl, parquet",
		"commits --format jsonl --bom":                    "--bom is for csv",
		"authors --format parquet --bom":                  "--bom is for csv",
		"commits --partition-by month --bom -o new":       "--bom is for csv",
		"commits --partition-by week -o x":                "month, year, repository",
		"commits --partition-by month":                    "-o DIR",
		"commits --partition-by month -o - ":              "-o DIR",
		"commits --partition-by month --format csv":       "--partition-by is for parquet",
		"commits --partition-by month -o " + dir:          "not an empty folder",
		"commits --partition-by year -o " + dir + "/file": "not an empty folder",
		"commits -o " + dir:                               "is a folder",
		"commits --since 2025-02 --until 2025-01":         "ends before it begins",
		"commits --since nonsense":                        "nonsense",
		"repositories --merges some":                      "include",
		"authors --repo [":                                "[",
	} {
		out, _, err := runExport(t, w.db, strings.Fields(args)...)
		if !command.IsMisuse(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("export %s: error %v, want exit 2 and %q", args, err, want)
		}
		if out != "" {
			t.Errorf("export %s writes %q", args, out)
		}
		if err != nil && strings.Contains(strings.TrimSpace(err.Error()), "\n") {
			t.Errorf("export %s: more than a line: %v", args, err)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "file")); string(got) != "x" {
		t.Errorf("the file in the way is %q now", got)
	}
}

func TestNoDatabase(t *testing.T) {
	db := store.Open(filepath.Join(t.TempDir(), "none.db"))
	path := filepath.Join(t.TempDir(), "out.csv")
	for _, table := range []string{"commits", "repositories", "authors"} {
		if _, _, err := runExport(t, db, table, "-o", path); !errors.Is(err, store.ErrNoDatabase) {
			t.Errorf("%s: %v", table, err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was made")
	}
}

func TestFormatOfExport(t *testing.T) {
	w := newSampleWorld(t, 10, "acme/web")
	dir := t.TempDir()
	for name, want := range map[string]string{
		"a.csv": "workspace,", "a.txt": "workspace,", "a.jsonl": "{\"workspace\":",
		"a.NDJSON": "{\"workspace\":", "a.parquet": "PAR1",
	} {
		path := filepath.Join(dir, name)
		out, _, err := runExport(t, w.db, "commits", "-o", path)
		if err != nil || out != "" {
			t.Errorf("%s: %q %v", name, out, err)
		}
		if got, _ := os.ReadFile(path); !strings.HasPrefix(string(got), want) {
			t.Errorf("%s begins with %.20q", name, got)
		}
	}
	folder := filepath.Join(dir, "hive")
	if _, _, err := runExport(t, w.db, "commits", "--partition-by", "year", "-o", folder); err != nil {
		t.Fatal(err)
	}
	if parts, _ := filepath.Glob(folder + "/year=20*/part-0.parquet"); len(parts) == 0 {
		t.Error("--partition-by alone writes no Parquet")
	}
	if out, _, err := runExport(t, w.db, "commits", "--format", "parquet"); err != nil ||
		!strings.HasPrefix(out, "PAR1") {
		t.Errorf("to a pipe: %.10q %v", out, err)
	}
}

func TestCoverageNote(t *testing.T) {
	w := newSampleWorld(t, 3, "acme/api", "acme/web")
	if _, errs, err := runExport(t, w.db, "commits"); errs != "" || err != nil {
		t.Errorf("all is complete, yet: %q %v", errs, err)
	}
	w.update(t, func(tx *store.Tx) error {
		broken := w.repos[0]
		broken.Failure = "invalid_permissions"
		return tx.PutRepository(broken)
	})
	const want = "1 of 2 repositories incomplete\nincomplete: api\n"
	if out, errs, err := runExport(t, w.db, "commits"); !strings.HasSuffix(errs, want) || err != nil ||
		strings.Contains(out, "incomplete") {
		t.Errorf("stderr is %q, want %q (%v)", errs, want, err)
	}
	if _, errs, _ := runExport(t, w.db, "--quiet", "commits"); errs != "" {
		t.Errorf("stderr is %q with --quiet", errs)
	}
	const none = `no repository matches --repo "elsewhere"` + "\n"
	if _, errs, err := runExport(t, w.db, "authors", "--repo", "elsewhere"); errs != none || err != nil {
		t.Errorf("stderr is %q, want %q (%v)", errs, none, err)
	}
}

func TestRepositories(t *testing.T) {
	w := &sampleWorld{db: store.Open(filepath.Join(t.TempDir(), "t.db"))}
	synced := time.Date(2025, 4, 1, 12, 0, 0, 0, time.UTC)
	ann := store.Author{Raw: "Ann <ann@example.com>", UUID: "{aaaa}"}
	w.update(t, func(tx *store.Tx) error {
		err := tx.PutRepository(store.Repository{UUID: "{2}", Workspace: "acme", Slug: "web", Name: "=Web",
			Project: "CORE", MainBranch: "main", ForkOf: "up/web", Head: store.Hash{2}, LastSync: synced})
		if err != nil {
			return err
		}
		if err := tx.PutRepository(store.Repository{UUID: "{1}", Workspace: "acme", Slug: "api",
			Listings: map[string]int{"a": 2}}); err != nil {
			return err
		}
		_, err = tx.PutCommits("{2}", []store.Commit{
			{Hash: store.Hash{1}, Date: 1_700_000_000, Author: ann},
			{Hash: store.Hash{2}, Date: 1_710_000_000, Author: ann, Parents: []store.Hash{{1}, {3}}},
			{Hash: store.Hash{3}, Date: 1_600_000_000, Author: ann, Boundary: true},
		})
		return err
	})
	for args, want := range map[string]string{
		"repositories": `workspace,repository,repository_uuid,name,project,default_branch,fork_of,commits,merges,first_commit,last_commit,last_sync,state
acme,api,{1},,,,,0,0,,,,gone
acme,web,{2},'=Web,CORE,main,up/web,2,1,2023-11-14T22:13:20Z,2024-03-09T16:00:00Z,2025-04-01T12:00:00Z,ok
`,
		"repositories --repo web --merges exclude --format jsonl": `{"workspace":"acme","repository":"web","repository_uuid":"{2}","name":"=Web","project":"CORE","default_branch":"main","fork_of":"up/web","commits":1,"merges":0,"first_commit":"2023-11-14T22:13:20Z","last_commit":"2023-11-14T22:13:20Z","last_sync":"2025-04-01T12:00:00Z","state":"ok"}
`,
		"repositories --since 2025 --repo web --format jsonl": `{"workspace":"acme","repository":"web","repository_uuid":"{2}","name":"=Web","project":"CORE","default_branch":"main","fork_of":"up/web","commits":0,"merges":0,"first_commit":null,"last_commit":null,"last_sync":"2025-04-01T12:00:00Z","state":"ok"}
`,
	} {
		if out, _, err := runExport(t, w.db, strings.Fields(args)...); err != nil || out != want {
			t.Errorf("export %s\n%s(%v), want\n%s", args, out, err, want)
		}
	}
	if out, _, err := runExport(t, w.db, "repositories", "--format", "parquet"); err != nil {
		t.Error(err)
	} else if rows := rowsOfParquet(t, []byte(out)); len(rows) != 2 || rows[1]["name"] != "=Web" {
		t.Errorf("parquet has %v", rows)
	}
}

func TestAuthors(t *testing.T) {
	w := &sampleWorld{db: store.Open(filepath.Join(t.TempDir(), "t.db"))}
	work := store.Author{Raw: "Ann <ann@example.com>", UUID: "{aaaa}"}
	home := store.Author{Raw: "Ann at Home <ann@home.example>", UUID: "{aaaa}"}
	bob := store.Author{Raw: "Bob <bob@example.com>"}
	shared := []store.Commit{
		{Hash: store.Hash{1}, Date: 1_700_000_000, Author: home},
		{Hash: store.Hash{2}, Date: 1_710_000_000, Author: work, Parents: []store.Hash{{1}, {9}}},
		{Hash: store.Hash{3}, Date: 1_720_000_000, Author: work, Parents: []store.Hash{{2}}},
	}
	w.update(t, func(tx *store.Tx) error {
		for _, slug := range []string{"api", "fork"} { // the same history twice
			r := store.Repository{UUID: store.UUID("{" + slug + "}"), Workspace: "acme", Slug: slug,
				MainBranch: "main", Roots: []store.Hash{{1}}, Head: store.Hash{3}, LastSync: time.Now()}
			if err := tx.PutRepository(r); err != nil {
				return err
			}
			if _, err := tx.PutCommits(r.UUID, shared); err != nil {
				return err
			}
		}
		_, err := tx.PutCommits("{fork}", []store.Commit{{Hash: store.Hash{4}, Date: 1_730_000_000,
			Author: bob, Parents: []store.Hash{{3}}}})
		return err
	})
	const want = `author,email,author_uuid,aliases,commits,merges,first_commit,last_commit
Ann,ann@example.com,{aaaa},Ann <ann@example.com>; Ann at Home <ann@home.example>,3,1,2023-11-14T22:13:20Z,2024-07-03T09:46:40Z
Bob,bob@example.com,,Bob <bob@example.com>,1,0,2024-10-27T03:33:20Z,2024-10-27T03:33:20Z
`
	if out, _, err := runExport(t, w.db, "authors"); err != nil || out != want {
		t.Errorf("got\n%s(%v), want\n%s", out, err, want)
	}
	out, _, err := runExport(t, w.db, "authors", "--author", "bob", "--format", "jsonl")
	if err != nil || !strings.HasPrefix(out, `{"author":"Bob","email":"bob@example.com","author_uuid":null,`) {
		t.Errorf("got %s (%v)", out, err)
	}
}

// TestAuthorsNamedAsReported has a person with two names, of which one is more frequent only
// where commits that two repositories share are counted twice.
func TestAuthorsNamedAsReported(t *testing.T) {
	w := &sampleWorld{db: store.Open(filepath.Join(t.TempDir(), "t.db"))}
	shared := store.Author{Raw: "Shared <s@example.com>", UUID: "{aaaa}"}
	alone := store.Author{Raw: "Alone <a@example.com>", UUID: "{aaaa}"}
	commit := func(n byte, by store.Author) store.Commit {
		return store.Commit{Hash: store.Hash{n}, Date: 1_700_000_000, Author: by}
	}
	history := []store.Commit{commit(1, shared), commit(2, shared)}
	w.update(t, func(tx *store.Tx) error {
		for _, slug := range []string{"api", "fork"} {
			r := store.Repository{UUID: store.UUID("{" + slug + "}"), Workspace: "acme", Slug: slug,
				MainBranch: "main", Roots: []store.Hash{{1}}, Head: store.Hash{2}, LastSync: time.Now()}
			if err := tx.PutRepository(r); err != nil {
				return err
			}
			if _, err := tx.PutCommits(r.UUID, history); err != nil {
				return err
			}
			history = append(history, commit(3, alone), commit(4, alone), commit(5, alone))
		}
		return nil
	})
	out, _, err := runExport(t, w.db, "authors")
	const want = "\nAlone,a@example.com,{aaaa},Alone <a@example.com>; Shared <s@example.com>,5,"
	if err != nil || !strings.Contains(out, want) {
		t.Errorf("got\n%s(%v), want%s", out, err, want)
	}
}
