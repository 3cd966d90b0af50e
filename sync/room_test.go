//go:build unix

package sync

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trunkstat/store"
)

// A cramped is a world whose database has little room, which makes runs of the real program fail.
type cramped struct {
	*world
	program string
	runs    int // that failed for want of room
	stored  int // after the last run
}

func newCramped(t *testing.T, folder string) *cramped {
	c := &cramped{world: newWorld(t), program: build(t)}
	c.db = store.Open(filepath.Join(folder, "trunkstat.db"))
	c.town(5)
	c.acme.NewRepository("long").Commits("main", 2000)
	return c
}

// run syncs with as much room as there is. It reports whether that was enough; where it was not, the
// program must say so, and leave a database that is whole and that others can read.
func (c *cramped) run(want []string, wrapped func(*exec.Cmd) *exec.Cmd) (enough bool) {
	c.t.Helper()
	cmd := wrapped(syncCommand(c.program, c.db.Path(), c.server.URL()))
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	err := cmd.Run()
	if err == nil {
		return true
	}
	c.runs++
	lines := strings.Split(strings.TrimSpace(told.String()), "\n")
	if code := cmd.ProcessState.ExitCode(); code != 1 || !slices.EqualFunc(lines, want, strings.Contains) || !strings.Contains(lines[0], c.db.Path()) {
		c.t.Errorf("exit %d, want 1 and %q:\n%s", code, want, &told)
	}
	if !strings.HasPrefix(out.String(), `{"schema":1,"workspace":"acme","complete":false,`) {
		c.t.Errorf("summary: %s", &out)
	}
	c.whole()
	return false
}

// whole holds that nothing is broken, nothing is lost that was there, and nothing else lies about.
func (c *cramped) whole() {
	c.t.Helper()
	stored := 0
	for _, hashes := range c.storedOf(c.acme.Repositories()...) {
		stored += len(hashes)
	}
	if stored < c.stored {
		c.t.Errorf("%d commits are stored, there were %d", stored, c.stored)
	}
	c.stored = stored
	if err := c.sound(); err != nil {
		c.t.Error(err)
	}
	files, err := os.ReadDir(filepath.Dir(c.db.Path()))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() != "trunkstat.db" && f.Name() != "trunkstat.db.lock" {
			c.t.Errorf("%s lies beside the database", f.Name())
		}
	}
}

// TestFileSizeLimit lets the file grow to a limit, as ulimit -f sets it, and the next run a little
// further: also from a first one that has no room for an empty database.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	c := newCramped(t, t.TempDir())
	for blocks := 8; !t.Failed(); blocks *= 2 { // of 512 bytes
		limited := func(cmd *exec.Cmd) *exec.Cmd {
			script := fmt.Sprintf(`ulimit -f %d && exec "$0" "$@"`, blocks)
			sh := exec.Command("sh", append([]string{"-c", script}, cmd.Args...)...)
			sh.Env = cmd.Env
			return sh
		}
		if c.run([]string{"file too large"}, limited) {
			break
		}
	}
	if c.runs < 4 {
		t.Errorf("%d runs failed: the test tests little", c.runs)
	}
	c.whole()
	if err := errors.Join(c.differs(), c.sound()); err != nil {
		t.Error(err)
	}
}
