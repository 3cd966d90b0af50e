package storecmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// run runs trunkstat db … on a database and returns what it printed and its exit code.
func run(t *testing.T, db string, args ...string) (stdout string, code int, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	app := &cli.App{
		Name: "trunkstat", Writer: &out, ErrWriter: &errs,
		Flags: []cli.Flag{&cli.StringFlag{Name: "db"}, &cli.BoolFlag{Name: "quiet"},
			&cli.BoolFlag{Name: "no-color"}},
		Commands: Commands(func(string) string { return "" }),
	}
	command.Prepare(app, nil)
	err = app.RunContext(t.Context(), append([]string{"trunkstat", "--db", db, "db"}, args...))
	code, _ = command.Exit(err)
	if errs.Len() > 0 {
		t.Errorf("%v wrote to stderr: %s", args, errs.String())
	}
	return out.String(), code, err
}

// sample makes a database with two commits, of which the second is the head.
func sample(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	update(t, path, func(tx *store.Tx) error {
		_, err := tx.PutCommits("{u}", []store.Commit{
			{Hash: store.Hash{1}, Date: 5, Author: store.Author{Raw: "A"}},
			{Hash: store.Hash{2}, Date: 6, Author: store.Author{Raw: "B"}, Parents: []store.Hash{{1}}},
		})
		r := store.Repository{UUID: "{u}", Workspace: "acme", Slug: "tool\x1b[31m", Head: store.Hash{2}, Roots: []store.Hash{{1}}}
		minute := time.Now().Unix() / 60
		return errors.Join(err, tx.PutRepository(r),
			tx.PutBudget("acme", store.Budget{Spent: map[int64]int{minute: 40, minute - 30: 2, minute - 61: 500}}))
	})
	return path
}

func update(t *testing.T, path string, f func(*store.Tx) error) {
	t.Helper()
	if err := store.Open(path).Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func TestMisuse(t *testing.T) {
	path := sample(t)
	for _, args := range []string{"path x", "info x", "info --format xml", "check x", "compact x",
		"backup", "backup a b"} {
		out, code, err := run(t, path, strings.Fields(args)...)
		if code != 2 || out != "" {
			t.Errorf("db %s: exit %d (%v), printed %q", args, code, err, out)
		}
	}
}

func TestNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	if out, code, _ := run(t, path, "path"); code != 0 || out != path+"\n" {
		t.Errorf("path: exit %d, printed %q", code, out)
	}
	for _, args := range [][]string{{"info"}, {"check"}, {"check", "--repair"}, {"compact"}, {"backup", path + ".copy"}} {
		if _, _, err := run(t, path, args...); !errors.Is(err, store.ErrNoDatabase) {
			t.Errorf("%v: error is %v", args, err)
		}
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("made %v", left)
	}
}

func TestInfo(t *testing.T) {
	path := sample(t)
	out, code, err := run(t, path, "info", "--format", "json")
	var got info
	if code != 0 || json.Unmarshal([]byte(out), &got) != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit %d (%v), printed %q", code, err, out)
	}
	stat, err := os.Stat(path)
	if err != nil || got.Size != stat.Size() || got.Schema != 1 || got.Version != 3 || got.Commits != 2 ||
		got.Repositories != 1 || got.Authors != 2 || got.Walks != 0 || got.Path != path {
		t.Errorf("got %+v, error %v", got, err)
	}
	if want := (budget{"acme", 1000, 42, 958}); len(got.Budgets) != 1 || got.Budgets[0] != want {
		t.Errorf("budgets are %+v, want %+v", got.Budgets, want)
	}
	out, code, err = run(t, path, "info")
	for _, want := range []string{path, "commits", "958 of 1,000 an hour"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit %d (%v), %q is not in\n%s", code, err, want, out)
		}
	}
}

// What is left is what a sync would find left that begins now.
func TestBudgetOf(t *testing.T) {
	now := time.Unix(100*60+59, 0)
	for _, test := range []struct {
		limit int
		spent map[int64]int
		want  budget
	}{
		{0, nil, budget{"b", 1000, 0, 1000}},
		{500, map[int64]int{100: 1, 42: 2, 38: 4}, budget{"b", 500, 3, 497}},
		{10, map[int64]int{99: 30}, budget{"b", 10, 30, 0}},
	} {
		if got := budgetOf("b", store.Budget{Limit: test.limit, Spent: test.spent}, now); got != test.want {
			t.Errorf("of %d and %v: got %+v, want %+v", test.limit, test.spent, got, test.want)
		}
	}
	for minute := int64(30); minute <= 100; minute++ {
		info := store.Budget{Limit: 100, Spent: map[int64]int{minute: 7}}
		counted := bitbucket.NewBudget(bitbucket.BudgetConfig{Limit: 100, Spent: info.Spent, Now: func() time.Time { return now }})
		if left, _ := counted.Left(); budgetOf("b", info, now).Left != left {
			t.Errorf("minute %d: %d left, a sync has %d", minute, budgetOf("b", info, now).Left, left)
		}
	}
}

func TestCheckAndRepair(t *testing.T) {
	path := sample(t)
	if out, code, err := run(t, path, "check"); code != 0 || out != "ok\n" {
		t.Errorf("exit %d (%v), printed %q", code, err, out)
	}
	if out, code, err := run(t, path, "check", "--repair"); code != 0 || out != "ok\n" {
		t.Errorf("repair of nothing: exit %d (%v), printed %q", code, err, out)
	}
	update(t, path, func(tx *store.Tx) error {
		_, err := tx.DropCommits("{u}", []store.Hash{{1}})
		return err
	})
	hole := "acme/tool: the head reaches 0100000000000000000000000000000000000000, which is not stored\n"
	out, code, err := run(t, path, "check")
	if _, hint := command.Exit(err); code != 1 || !strings.HasPrefix(out, hole) || hint != "trunkstat db check --repair" {
		t.Errorf("exit %d (%v), printed %q", code, err, out)
	}
	if out, code, err = run(t, path, "check", "--repair"); code != 0 || !strings.HasPrefix(out, hole) ||
		!strings.Contains(out, "trunkstat sync") {
		t.Errorf("repair: exit %d (%v), printed %q", code, err, out)
	}
	if out, code, err = run(t, path, "check"); code != 0 || out != "ok\n" {
		t.Errorf("after the repair: exit %d (%v), printed %q", code, err, out)
	}
}

func TestCompactAndBackup(t *testing.T) {
	path := sample(t)
	out, code, err := run(t, path, "compact")
	if code != 0 || !strings.Contains(out, "bytes before") {
		t.Errorf("compact: exit %d (%v), printed %q", code, err, out)
	}
	dest := path + ".copy"
	for range 2 { // the second is refused
		out, code, err = run(t, path, "backup", dest)
	}
	if code != 1 || out != "" || !errors.Is(err, os.ErrExist) {
		t.Errorf("backup: exit %d (%v), printed %q", code, err, out)
	}
	for _, file := range []string{path, dest} {
		if out, code, err := run(t, file, "check"); code != 0 || out != "ok\n" {
			t.Errorf("check of %s: exit %d (%v), printed %q", file, code, err, out)
		}
	}
}
