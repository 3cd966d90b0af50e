package reportcmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/store/command"
)

// reportDB is a database of two repositories and four commits, one of them in both.
func reportDB(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	err := store.Open(path).Update(t.Context(), func(tx *store.Tx) error {
		shared := reportCommit(1, "2025-01-10T23:30:00Z", "Ada <ada@example.org>")
		err := putRepository(tx, "api", shared,
			reportCommit(2, "2025-02-03T12:00:00Z", "Ada <ada@example.org>", 1),
			reportCommit(3, "2025-02-28T23:30:00Z", "=Eve <eve@example.org>", 1, 2))
		if err != nil {
			return err
		}
		if err := tx.PutWorkspace(store.Workspace{Slug: "acme"}); err != nil {
			return err
		}
		return putRepository(tx, "web", shared,
			reportCommit(4, "2024-12-31T23:30:00Z", "dependabot[bot] <bot@example.org>", 1))
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func reportCommit(n byte, date, author string, parents ...byte) store.Commit {
	when, err := time.Parse(time.RFC3339, date)
	if err != nil {
		panic(err)
	}
	c := store.Commit{Hash: store.Hash{n}, Date: when.Unix(), Author: store.Author{Raw: author}}
	for _, p := range parents {
		c.Parents = append(c.Parents, store.Hash{p})
	}
	return c
}

func putRepository(tx *store.Tx, slug string, commits ...store.Commit) error {
	repo := store.Repository{
		UUID: store.UUID("{" + slug + "}"), Workspace: "acme", Slug: slug, Project: "CORE",
		MainBranch: "main", Roots: []store.Hash{{1}}, Head: commits[len(commits)-1].Hash,
		LastSync: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
	if err := tx.PutRepository(repo); err != nil {
		return err
	}
	_, err := tx.PutCommits(repo.UUID, commits)
	return err
}

// runCommand runs the program's reading half with the flags that main gives it.
func runCommand(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	app := &cli.App{
		Name: "trunkstat", Writer: &out, ErrWriter: &errs,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "db"}, &cli.StringFlag{Name: "workspace"},
			&cli.BoolFlag{Name: "quiet"}, &cli.BoolFlag{Name: "no-color"},
		},
		Commands: Commands(func(string) string { return "" }),
	}
	command.Prepare(app, nil)
	err = app.RunContext(t.Context(), append([]string{"trunkstat"}, args...))
	return out.String(), errs.String(), err
}

func TestReport(t *testing.T) {
	db := reportDB(t)
	tests := []struct {
		name, args string
		want       []string // lines of stdout; nil: not looked at
		footer     string   // somewhere in stderr
	}{
		{"table", "--tz UTC", []string{
			"REPOSITORY  COMMITS  MERGES  AUTHORS  FIRST COMMIT  LAST COMMIT      %",
			"api               3       1        2  2025-01-10    2025-02-28    75.0",
			"web               2       0        2  2024-12-31    2025-01-10    50.0",
			"Total             4       1        3  2024-12-31    2025-02-28   100.0",
		}, "all commits, 2024-12-31 to 2025-02-28 · UTC · committer dates · " +
			"data as of 2026-11-23 09:00; 2 repositories, all complete\n"},
		{"zone", "--by month --tz Asia/Tokyo --format csv --sort month:desc", []string{
			"month,commits,merges,authors,first_commit,last_commit",
			"2025-03,1,1,1,2025-03-01T08:30:00+09:00,2025-03-01T08:30:00+09:00",
			"2025-02,1,0,1,2025-02-03T21:00:00+09:00,2025-02-03T21:00:00+09:00",
			"2025-01,2,0,2,2025-01-01T08:30:00+09:00,2025-01-11T08:30:00+09:00",
		}, "Asia/Tokyo"},
		{"author, top", "--by author --tz UTC --top 1", []string{
			"AUTHOR       EMAIL            COMMITS  MERGES  FIRST COMMIT  LAST COMMIT      %",
			"Ada          ada@example.org        2       0  2025-01-10    2025-02-03    50.0",
			"(others: 2)  -                      2       1  2024-12-31    2025-02-28    50.0",
			"Total        -                      4       1  2024-12-31    2025-02-28   100.0",
		}, ""},
		{"filters", "--by author --format csv --tz UTC --exclude-repo web --merges only", []string{
			"author,email,commits,merges,authors,first_commit,last_commit",
			"'=Eve,eve@example.org,1,1,1,2025-02-28T23:30:00Z,2025-02-28T23:30:00Z",
		}, ""},
		{"bots", "--bots only --format csv --tz UTC --by author", []string{
			"author,email,commits,merges,authors,first_commit,last_commit",
			"dependabot[bot],bot@example.org,1,0,1,2024-12-31T23:30:00Z,2024-12-31T23:30:00Z",
		}, ""},
		{"pivot", "--by repo --pivot month --format csv --tz UTC --since 2025-01 --until 2025-02",
			[]string{"repository,2025-01,2025-02,total", "api,1,2,3", "web,1,0,1"}, ""},
		{"compare", "--by repo --format csv --tz UTC --since 2025-02 --until 2025-02 --compare previous",
			nil, "compared with 2025-01-01 to 2025-01-31"},
		{"nothing", "--since 2030 --format csv --by author", []string{
			"author,email,commits,merges,authors,first_commit,last_commit",
		}, "no commits match the range"},
		{"visibility", "--visibility private --format csv", []string{
			"repository,commits,merges,authors,first_commit,last_commit",
		}, "no repository matches all filters; 2 repositories are known"},
		{"public", "--visibility public --format csv --by year --tz UTC --top 1", nil, "2 repositories"},
		{"markdown", "--format markdown", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, err := runCommand(t,
				append([]string{"--db", db, "report"}, strings.Fields(tt.args)...)...)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Join(tt.want, "\n") + "\n"; tt.want != nil && stdout != want {
				t.Errorf("got:\n%s\nwant:\n%s", stdout, want)
			}
			if stdout == "" || !strings.Contains(stderr, tt.footer) {
				t.Errorf("stderr is %q without %q", stderr, tt.footer)
			}
		})
	}
}

func TestReportJSON(t *testing.T) {
	stdout, stderr, err := runCommand(t, "--db", reportDB(t), "report", "--format", "json",
		"--anonymize", "--by", "author")
	if err != nil || stderr != "" {
		t.Fatalf("%v, stderr %q", err, stderr)
	}
	var got struct {
		Rows  []map[string]any
		Total map[string]any
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 3 || got.Total["commits"] != 4.0 {
		t.Errorf("got %s", stdout)
	}
	for _, secret := range []string{"Ada", "Eve", "example.org"} {
		if strings.Contains(stdout, secret) {
			t.Errorf("%q in an anonymised report:\n%s", secret, stdout)
		}
	}
}

func TestReportMisuse(t *testing.T) {
	db := reportDB(t)
	tests := []struct{ args, want string }{
		{"--by repo,repository", "given twice"},
		{"--by tribe", "workspace, project, repository, group, author, team"},
		{"--pivot tribe", "workspace, project, repository, group, author, team"},
		{"--by team", "--teams FILE"},
		{"--group x", "--groups FILE"},
		{"--columns size", "half_authors"},
		{"--columns days --pivot month", "--pivot"},
		{"--grep (", "--grep"},
		{"--by author --pivot month,year", "month,year"},
		{"--by author --pivot author", "--pivot author"},
		{"--compare previous", "--since DATE"},
		{"--compare last --since 2025", `"last" for --compare; use previous`},
		{"--compare previous --since 2025 --pivot month", "cannot be combined"},
		{"--top -1", "1 or more"},
		{"--top 0", "1 or more"},
		{"--format pdf", "table, csv, json, markdown, html"},
		{"--since soon", "2025-Q1"},
		{"--until 2025-02-30", "2025-Q1"},
		{"--since 2025-02 --until 2025-01", "ends before it begins"},
		{"--merges maybe", "include, exclude, only"},
		{"--bots maybe", "include, exclude, only"},
		{"--tz Mars/Olympus", "Europe/Berlin"},
		{"--sort size", "commits"},
		{"--sort commits:up", "asc"},
		{"--repo [", "["},
		{"--visibility secret", "private"},
		{"now", `"now"`},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			stdout, _, err := runCommand(t,
				append([]string{"--db", db, "report"}, strings.Fields(tt.args)...)...)
			if !command.IsMisuse(err) {
				t.Fatalf("error is %v, without the exit code 2", err)
			}
			if text := err.Error(); !strings.Contains(text, tt.want) || strings.Contains(text, "\n") {
				t.Errorf("error is %q, want %q on one line", text, tt.want)
			}
			if stdout != "" {
				t.Errorf("stdout is %q", stdout)
			}
		})
	}
}

func TestReportFile(t *testing.T) {
	db, dir := reportDB(t), t.TempDir()
	for file, want := range map[string]string{
		"a.csv": "repository,commits", "a.JSON": `{"schema":1`, "a.md": "| Repository |",
		"a.html": "<!DOCTYPE html>", "a.txt": "REPOSITORY  COMMITS",
	} {
		path := filepath.Join(dir, file)
		stdout, _, err := runCommand(t, "--db", db, "--quiet", "report", "-o", path)
		if err != nil || stdout != "" {
			t.Fatalf("%s: %v, stdout %q", file, err, stdout)
		}
		got, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%s: %v, begins with %.40q instead of %q", file, err, got, want)
		}
		if info, err := os.Stat(path); err == nil && runtime.GOOS != "windows" &&
			info.Mode().Perm()&0o600 != 0o600 {
			t.Errorf("%s has mode %v", file, info.Mode())
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Errorf("%v, %d files instead of 5", err, len(entries))
	}
	missing := filepath.Join(dir, "no", "a.csv")
	_, _, err = runCommand(t, "--db", db, "report", "-o", missing)
	if !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), ".new-") {
		t.Errorf("error is %v for a folder that is not there", err)
	}
	_, _, err = runCommand(t, "--db", db, "report", "-o", dir)
	if !command.IsMisuse(err) {
		t.Errorf("error is %v for a folder instead of a file", err)
	}
}

func TestReportQuiet(t *testing.T) {
	_, stderr, err := runCommand(t, "--db", reportDB(t), "--quiet", "report")
	if err != nil || stderr != "" {
		t.Errorf("%v, stderr %q", err, stderr)
	}
}

func TestReportWithoutDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	for _, args := range [][]string{{}, {"--by", "author"}} {
		_, _, err := runCommand(t, append([]string{"--db", path, "report"}, args...)...)
		if !errors.Is(err, store.ErrNoDatabase) {
			t.Errorf("error is %v", err)
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a report made a database")
	}
}

func TestReportMailmap(t *testing.T) {
	db, dir := reportDB(t), t.TempDir()
	file := filepath.Join(dir, ".mailmap")
	line := "Augusta <ada@example.org>\nAugusta <ada@example.org> <eve@example.org>\n"
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _, err := runCommand(t, "--db", db, "report", "--by", "author", "--mailmap", file)
	if err != nil || !strings.Contains(stdout, "Augusta") || strings.Contains(stdout, "Eve") {
		t.Errorf("%v, stdout:\n%s", err, stdout)
	}
	missing := filepath.Join(dir, "missing")
	_, _, err = runCommand(t, "--db", db, "report", "--mailmap", missing)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("error is %v", err)
	}
}

func TestReportWorkspace(t *testing.T) {
	db := reportDB(t)
	stdout, _, err := runCommand(t, "--db", db, "--workspace", "https://bitbucket.org/Acme/api/src",
		"report", "--format", "csv")
	if err != nil || !strings.Contains(stdout, "\napi,3,") {
		t.Errorf("%v, stdout:\n%s", err, stdout)
	}
	for _, words := range [][]string{{"report"}, {"report", "--by", "author"},
		{"export", "commits"}, {"export", "authors"}, {"export", "repositories"}} {
		stdout, _, err = runCommand(t, append([]string{"--db", db, "--workspace", "acne"}, words...)...)
		if err == nil || stdout != "" || !strings.Contains(err.Error(), "acme") {
			t.Errorf("error is %v, stdout %q", err, stdout)
		}
		if code, hint := command.Exit(err); code != 1 || hint != "trunkstat sync --workspace acne" {
			t.Errorf("exit code %d, hint %q", code, hint)
		}
	}
}

// TestHelpNamesAll: help lists every dimension, every count, and every column of an export.
func TestHelpNamesAll(t *testing.T) {
	for _, name := range slices.Concat(texts(report.Dimensions), texts(report.Columns)) {
		if !regexp.MustCompile(`[ \n]` + name + `(,|\n| \()`).MatchString(reportDescription) {
			t.Errorf("the help of report does not name %s", name)
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commitRow]()) {
		if name := f.Tag.Get("json"); !f.Anonymous && !regexp.MustCompile(`[ \n]`+name+`[,.]`).MatchString(exportDescription) {
			t.Errorf("the help of export commits does not name %s", name)
		}
	}
}
