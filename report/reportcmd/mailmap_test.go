package reportcmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trunkstat/store"
	"trunkstat/store/command"
)

// mailmapDB is a database of a person with two addresses of one account, and a namesake.
func mailmapDB(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	commit := func(n byte, author, uuid string) store.Commit {
		c := reportCommit(n, "2025-01-10T12:00:00Z", author)
		c.Author.UUID = uuid
		return c
	}
	err := store.Open(path).Update(t.Context(), func(tx *store.Tx) error {
		err := putRepository(tx, "api", commit(1, "Ada Love <ada@example.org>", "{u}"), commit(2, "Ada Love <ada@example.org>", "{u}"),
			commit(3, "ada\x1b[2J <a@home.example>", "{u}"), commit(4, "ADA LOVE <al@example.org>", ""))
		if err != nil {
			return err
		}
		if err := putRepository(tx, "web", commit(5, "Bob Ray <bob@example.org>", "")); err != nil {
			return err
		}
		return tx.PutWorkspace(store.Workspace{Slug: "acme"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const mailmapHeader = `# A draft of a mailmap. Nothing is applied by itself: review it, save it as FILE, and use it with
#   trunkstat report --by author --mailmap FILE
# Lines that begin with # are doubtful: take the # away where it is one person.
`

func TestMailmapCommand(t *testing.T) {
	db, file := mailmapDB(t), filepath.Join(t.TempDir(), "team.mailmap")
	want := mailmapHeader + `
# same account {u}
Ada Love <ada@example.org> <a@home.example>

# same name
# Ada Love <ada@example.org> <al@example.org>
`
	stdout, stderr, err := runCommand(t, "--db", db, "mailmap")
	if err != nil || stdout != want || stderr != "" {
		t.Fatalf("error %v, stderr %q, got\n%swant\n%s", err, stderr, stdout, want)
	}
	applied := strings.ReplaceAll(stdout, "# Ada", "Ada")
	if err := os.WriteFile(file, []byte(applied), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, _, err = runCommand(t, "--db", db, "report", "--by", "author", "--tz", "UTC", "--format", "csv", "--mailmap", file)
	if err != nil || !strings.Contains(stdout, "\nAda Love,ada@example.org,4,") {
		t.Errorf("error %v, %s", err, stdout)
	}
	want = mailmapHeader + "# It goes behind the lines of " + file + ", which it does not repeat.\n#\n# No two addresses look like one person's.\n"
	for _, args := range []string{"mailmap --mailmap " + file, "mailmap"} {
		if args == "mailmap" {
			t.Setenv("TRUNKSTAT_MAILMAP", file)
		}
		stdout, _, err = runCommand(t, append([]string{"--db", db}, strings.Fields(args)...)...)
		if err != nil || stdout != want {
			t.Errorf("%s: error %v, got\n%s", args, err, stdout)
		}
	}
}

func TestMailmapMisuse(t *testing.T) {
	db := mailmapDB(t)
	for _, args := range []string{"mailmap --mailmap nowhere", "mailmap people", "mailmap --format csv", "--workspace no/slug mailmap"} {
		stdout, _, err := runCommand(t, append([]string{"--db", db}, strings.Fields(args)...)...)
		if !command.IsMisuse(err) || stdout != "" {
			t.Errorf("%s: error %v, stdout %q", args, err, stdout)
		}
	}
	_, _, err := runCommand(t, "--db", filepath.Join(t.TempDir(), "none.db"), "mailmap")
	if code, hint := command.Exit(err); code != command.ExitFailed || !strings.Contains(hint, "sync") {
		t.Errorf("without a database: exit code %d, hint %q, %v", code, hint, err)
	}
}
