package githistory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// find returns the installed git, and skips the test where there is none.
func find(t testing.TB) *Git {
	t.Helper()
	g, err := Find(t.Context())
	if errors.Is(err, ErrNoGit) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// runGit runs git as a user would, without the settings and templates of this machine.
func runGit(t testing.TB, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	for _, v := range cmd.Environ() {
		if !strings.HasPrefix(v, "GIT_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TEMPLATE_DIR=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, stderr.Bytes())
	}
	return string(out)
}

// newRepository makes an empty bare repository.
func newRepository(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made.git")
	runGit(t, "", "", "init", "-q", "--bare", "--initial-branch=main", dir)
	return dir
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// writeCommit writes a commit object as it stands behind the tree, and returns its hash.
func writeCommit(t testing.TB, dir, object string) Hash {
	t.Helper()
	out := runGit(t, dir, "tree "+emptyTree+"\n"+object, "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
	h, ok := parseHash(strings.TrimSpace(out))
	if !ok {
		t.Fatalf("git hash-object printed %q", out)
	}
	return h
}

// commitObject writes a plain commit.
func commitObject(date int64, message string, parents ...Hash) string {
	var b strings.Builder
	for _, p := range parents {
		fmt.Fprintf(&b, "parent %s\n", p)
	}
	fmt.Fprintf(&b, "author Ada Writer <ada@example.com> 5 +0900\ncommitter Other <other@example.com> %d -0200\n\n%s",
		date, message)
	return b.String()
}

// linear makes a bare repository with n commits on main, a file in each, and returns them newest first.
func linear(t testing.TB, n int) (dir string, hashes []Hash) {
	t.Helper()
	dir = newRepository(t)
	var b strings.Builder
	for i := range n {
		message := fmt.Sprintf("change %d", i)
		fmt.Fprintf(&b, "commit refs/heads/main\nauthor A <a@example.com> %d +0000\ncommitter C <c@example.com> %d +0000\n"+
			"data %d\n%s\nM 100644 inline file\ndata %d\n%s\n\n", i, 1000+i, len(message), message, len(message), message)
	}
	runGit(t, dir, b.String(), "fast-import", "--quiet")
	for line := range strings.Lines(runGit(t, dir, "", "rev-list", "main")) {
		h, _ := parseHash(strings.TrimSpace(line))
		hashes = append(hashes, h)
	}
	return dir, hashes
}

// all reads a range to its end.
func all(t testing.TB, g *Git, dir string, include, exclude []Hash) (list []Commit) {
	t.Helper()
	for batch, err := range g.Commits(t.Context(), dir, include, exclude) {
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 || len(batch) > batchLength {
			t.Fatalf("a batch of %d", len(batch))
		}
		list = append(list, batch...)
	}
	return list
}

func hashesOf(list []Commit) []Hash {
	hashes := make([]Hash, len(list))
	for i, c := range list {
		hashes[i] = c.Hash
	}
	return hashes
}

// noLeak fails where goroutines of the test go on after it.
func noLeak(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 100 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Errorf("%d goroutines, and %d before", runtime.NumGoroutine(), before)
	})
}

// fakeGit puts a program in the place of git.
func fakeGit(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, script, want string
	}{
		{"Apple", "echo git version 2.39.5 '(Apple Git-154)'", ""},
		{"Windows", "echo git version 2.31.0.windows.1", ""},
		{"three", "echo git version 3.0.0-rc1", ""},
		{"old", "echo git version 2.30.9", "git 2.31 or later is required, and 2.30.9 is installed"},
		{"no tools", "echo xcrun: error: invalid active developer path >&2; exit 1", ErrNoGit.Error()},
		{"another program", "echo hello", ErrNoGit.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			fakeGit(t, c.script)
			if _, err := Find(t.Context()); (err != nil) != (c.want != "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := Find(t.Context()); !errors.Is(err, ErrNoGit) {
			t.Error(err)
		}
	})
}

// What a command started ends with the context, though it holds git's pipes open.
func TestCommandIsKilledWhole(t *testing.T) {
	noLeak(t)
	fakeGit(t, "case \"$*\" in *version) echo git version 2.40.0; exit;; esac\n/bin/sleep 60 & echo $! > $PIDFILE; wait")
	file := filepath.Join(t.TempDir(), "pid")
	t.Setenv("PIDFILE", file)
	g := find(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if text, _ := os.ReadFile(file); strings.HasSuffix(string(text), "\n") {
				break
			}
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	for _, err := range g.Commits(ctx, t.TempDir(), []Hash{{1}}, nil) {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	text, _ := os.ReadFile(file)
	proc := "/proc/" + strings.TrimSpace(string(text)) + "/stat"
	for range 100 {
		state, err := os.ReadFile(proc)
		if err != nil || bytes.Contains(state, []byte(") Z ")) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %s goes on", text)
}

// No variable of the user's leads git elsewhere.
func TestEnvironment(t *testing.T) {
	g := find(t)
	dir, hashes := linear(t, 3)
	trace := filepath.Join(t.TempDir(), "trace")
	for name, value := range map[string]string{
		"GIT_DIR": "/nowhere", "GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_WORK_TREE": "/nowhere",
		"GIT_TRACE": trace, "GIT_TRACE_CURL": trace, "GIT_TRACE2": trace, "GIT_CONFIG_PARAMETERS": "'nonsense",
		"GIT_SHALLOW_FILE": "/nowhere", "GIT_CONFIG_COUNT": "nonsense", "GIT_NAMESPACE": "x",
	} {
		t.Setenv(name, value)
	}
	if got := hashesOf(all(t, g, dir, hashes[:1], nil)); !slices.Equal(got, hashes) {
		t.Errorf("got %v, want %v", got, hashes)
	}
	if _, err := os.Stat(trace); err == nil {
		t.Error("git wrote a trace")
	}
}

// A git that writes messages, or commits, without end is stopped.
func TestEndlessOutput(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it reads more than 100 MB")
	}
	for _, stream := range []string{"1", "2"} {
		fakeGit(t, "case \"$*\" in *version) echo git version 2.40.0; exit;; esac\n"+
			"exec /bin/cat /dev/zero >&"+stream)
		g := find(t)
		for _, err := range g.Commits(t.Context(), t.TempDir(), []Hash{{1}}, nil) {
			if err == nil || len(err.Error()) > 1000 {
				t.Errorf("stream %s: %.2000v", stream, err)
			}
		}
	}
}
