package reportcmd

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/store/command"
)

// contributorsDB is a database of two repositories, of which the second is a fork of the first, synced now.
// Dates are days before today.
func contributorsDB(t *testing.T, change func(*store.Repository)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	commit := func(n byte, days int, author string) store.Commit {
		date := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -days).Add(12 * time.Hour)
		return reportCommit(n, date.Format(time.RFC3339), author, []byte{n - 1}[:min(1, n-1)]...)
	}
	shared := []store.Commit{
		commit(1, 100, "Old <old@example.org>"), commit(2, 90, "Ada Love <ada@example.org>"),
		commit(3, 2, "Ada Love <ADA@example.org>"), commit(4, 1, "=Eve <eve@example.org>"),
		commit(5, 1, "dependabot[bot] <bot@example.org>"),
	}
	own := []store.Commit{commit(6, 1, "Ada Love <ada@home.example>"), commit(7, 0, "Today <today@example.org>")}
	err := store.Open(path).Update(t.Context(), func(tx *store.Tx) error {
		for slug, commits := range map[string][]store.Commit{"api": shared, "api-fork": append(shared, own...)} {
			repo := store.Repository{
				UUID: store.UUID("{" + slug + "}"), Workspace: "acme", Slug: slug, MainBranch: "main",
				Roots: []store.Hash{{1}}, Head: commits[len(commits)-1].Hash, LastSync: time.Now(), Private: slug == "api",
			}
			if change != nil {
				change(&repo)
			}
			if err := tx.PutRepository(repo); err != nil {
				return err
			}
			if _, err := tx.PutCommits(repo.UUID, commits); err != nil {
				return err
			}
		}
		return tx.PutWorkspace(store.Workspace{Slug: "acme"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// day is the date of so many days before today in UTC.
func day(days int) string { return time.Now().UTC().AddDate(0, 0, -days).Format(time.DateOnly) }

func TestContributorsCommand(t *testing.T) {
	db := contributorsDB(t, nil)
	mailmap := filepath.Join(t.TempDir(), "mailmap")
	if err := os.WriteFile(mailmap, []byte("Ada <ada@example.org> <ada@home.example>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ending := " to " + day(1) + "; "
	for args, want := range map[string]string{
		"":                         "3 people (3 e-mails) in 2 repositories in the 90 days" + ending + "1 bot left out\n",
		"--days 89":                "3 people (3 e-mails) in 2 repositories in the 89 days" + ending + "1 bot left out\n",
		"--days 1 --author eve":    "1 person (1 e-mail) in 2 repositories in the 1 day" + ending + "0 bots left out\n",
		"--days 100":               "4 people (4 e-mails) in 2 repositories in the 100 days" + ending + "1 bot left out\n",
		"--visibility private":     "2 people (2 e-mails) in 1 repository in the 90 days" + ending + "1 bot left out\n",
		"--bots include":           "4 people (4 e-mails) in 2 repositories in the 90 days" + ending + "bots count as people\n",
		"--bots only":              "1 person (1 e-mail) in 2 repositories in the 90 days" + ending + "only bots are counted\n",
		"--mailmap " + mailmap:     "2 people (3 e-mails) in 2 repositories in the 90 days" + ending + "1 bot left out\n",
		"--repo none":              "0 people (0 e-mails) in 0 repositories in the 90 days" + ending + "0 bots left out\n",
		"--bot eve --repo api":     "1 person (1 e-mail) in 1 repository in the 90 days" + ending + "2 bots left out\n",
		"--list --author none":     "0 people (0 e-mails) in 0 repositories in the 90 days" + ending + "0 bots left out\n",
		"--format csv --repo none": "author,email,emails,commits,repositories,last_commit\n",
	} {
		stdout, stderr, err := runCommand(t, append([]string{"--db", db, "contributors", "--tz", "UTC"}, strings.Fields(args)...)...)
		if err != nil || stdout != want {
			t.Errorf("%q: error %v, got %q, want %q", args, err, stdout, want)
		}
		if !strings.Contains(stderr, " · UTC · committer dates · ") {
			t.Errorf("%q: stderr is %q", args, stderr)
		}
	}
	stdout, stderr, err := runCommand(t, "--db", db, "contributors", "--tz", "UTC", "--list", "--quiet", "--days", "90")
	want := "3 people (3 e-mails) in 2 repositories in the 90 days" + ending + "1 bot left out\n\n" +
		"AUTHOR    EMAIL            EMAILS  COMMITS  REPOSITORIES  LAST COMMIT\n" +
		"Ada Love  ADA@example.org       1        2             2  " + day(2) + "\n" +
		"=Eve      eve@example.org       1        1             2  " + day(1) + "\n" +
		"Ada Love  ada@home.example      1        1             1  " + day(1) + "\n"
	if err != nil || strings.ReplaceAll(stdout, " ", "") != strings.ReplaceAll(want, " ", "") || stderr != "" {
		t.Errorf("error %v, stderr %q, got\n%swant\n%s", err, stderr, stdout, want)
	}
	path := filepath.Join(t.TempDir(), "people.csv")
	stdout, _, err = runCommand(t, "--db", db, "contributors", "--tz", "UTC", "--list", "-o", path, "--repo", "api")
	data, _ := os.ReadFile(path)
	want = "author,email,emails,commits,repositories,last_commit\n" +
		"Ada Love,ADA@example.org,1,2,1," + day(2) + "T12:00:00Z\n'=Eve,eve@example.org,1,1,1," + day(1) + "T12:00:00Z\n"
	if err != nil || stdout != "" || string(data) != want {
		t.Errorf("error %v, stdout %q, file %s, want %s", err, stdout, data, want)
	}
}

func TestContributorsJSON(t *testing.T) {
	db := contributorsDB(t, nil)
	stdout, _, err := runCommand(t, "--db", db, "contributors", "--tz", "Asia/Tokyo", "--format", "json", "--repo", "api", "--author", "ada")
	if err != nil {
		t.Fatal(err)
	}
	tokyo := time.FixedZone("", 9*3600)
	today := time.Now().In(tokyo)
	date := func(days int) string { return today.AddDate(0, 0, -days).Format(time.DateOnly) }
	var row struct{ Rows []struct{ Commits int } }
	if err := json.Unmarshal([]byte(stdout), &row); err != nil || len(row.Rows) != 1 {
		t.Fatalf("error %v, %s", err, stdout)
	}
	want := fmt.Sprintf(`{"schema":1,"days":90,"since":"%sT00:00:00+09:00","until":"%sT23:59:59+09:00","people":1,"emails":1,`+
		`"repositories":1,"bots":0,"incomplete":0,"rows":[{"author":"Ada Love","email":"ADA@example.org","emails":1,"commits":%d,`+
		`"repositories":1,"last_commit":"%sT21:00:00+09:00"}]}`+"\n", date(90), date(1), row.Rows[0].Commits, day(2))
	if stdout != want {
		t.Errorf("got  %swant %s", stdout, want)
	}
}

// TestContributorsIncompleteExit: the number is printed, what it lacks is told, and the exit code is 3.
func TestContributorsIncompleteExit(t *testing.T) {
	floor := time.Now().AddDate(0, 0, -30)
	for name, test := range map[string]struct {
		change     func(*store.Repository)
		want, hint string
	}{
		"failed": {func(r *store.Repository) { r.Failure = "invalid_permissions: ask an administrator" },
			"2 of 2 repositories incomplete in these days: api (failed), api-fork (failed)", "trunkstat sync"},
		"floor": {func(r *store.Repository) {
			if r.Slug == "api" {
				r.Floor = floor.Unix()
			}
		}, "1 of 2 repositories incomplete in these days: api (begins at " + floor.UTC().Format(time.DateOnly) + ")",
			"trunkstat sync --since " + day(90)},
		"stale": {func(r *store.Repository) { r.LastSync = time.Now().AddDate(0, 0, -3) },
			"api (last synced on " + day(3) + "), api-fork", "trunkstat sync"},
	} {
		db := contributorsDB(t, test.change)
		for _, format := range []string{"table", "csv", "json"} {
			stdout, _, err := runCommand(t, "--db", db, "contributors", "--tz", "UTC", "--quiet", "--format", format)
			code, hint := command.Exit(err)
			if code != command.ExitPartly || hint != test.hint || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "administrator") {
				t.Errorf("%s, %s: exit code %d, hint %q, %v", name, format, code, hint, err)
			}
			if want := map[string]string{"table": "3 people", "csv": "author,", "json": `"incomplete":`}[format]; !strings.Contains(stdout, want) ||
				strings.Contains(stdout, `"incomplete":0`) {
				t.Errorf("%s, %s: stdout %q", name, format, stdout)
			}
		}
	}
}

func TestContributorsMisuse(t *testing.T) {
	db := contributorsDB(t, nil)
	for args, want := range map[string]string{
		"--days 0": "--days; use 1 to", "--days -1": "--days", "--days 40000": "--days", "--days x": "whole number",
		"--since 2025": "unknown flag --since", "--until 2025": "unknown flag --until", "--bots no": "include, exclude, only",
		"--format html": "table, csv, json", "-o a.html": ".csv, .json", "--bom": "--bom is for csv", "--tz nowhere": "time zone",
		"people": "unexpected argument", "--by author": "unknown flag", "--repo [a": "invalid pattern", "--mailmap nowhere": "nowhere",
	} {
		stdout, _, err := runCommand(t, append([]string{"--db", db, "contributors"}, strings.Fields(args)...)...)
		if !command.IsMisuse(err) || !strings.Contains(err.Error(), want) || stdout != "" {
			t.Errorf("%s: error %v, stdout %q", args, err, stdout)
		}
	}
	_, _, err := runCommand(t, "--db", filepath.Join(t.TempDir(), "none.db"), "contributors")
	if code, hint := command.Exit(err); code != command.ExitFailed || !strings.Contains(hint, "sync") {
		t.Errorf("without a database: exit code %d, hint %q, %v", code, hint, err)
	}
	_, _, err = runCommand(t, "--db", db, "--workspace", "other", "contributors")
	if code, hint := command.Exit(err); code != command.ExitFailed || !strings.Contains(hint, "--workspace other") {
		t.Errorf("without the workspace: exit code %d, hint %q, %v", code, hint, err)
	}
}

// TestContributorsEnvironment: variables set the flags.
func TestContributorsEnvironment(t *testing.T) {
	db := contributorsDB(t, nil)
	t.Setenv("TRUNKSTAT_BOTS", "include")
	t.Setenv("TRUNKSTAT_TZ", "UTC")
	stdout, stderr, err := runCommand(t, "--db", db, "contributors")
	if err != nil || !strings.HasPrefix(stdout, "4 people") || !strings.Contains(stderr, "· UTC ·") {
		t.Errorf("error %v, %q, %q", err, stdout, stderr)
	}
	t.Setenv("TRUNKSTAT_BOTS", "")
	if stdout, _, err = runCommand(t, "--db", db, "contributors"); err != nil || !strings.HasPrefix(stdout, "3 people") {
		t.Errorf("error %v, %q", err, stdout)
	}
}
