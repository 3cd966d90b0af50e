package sync

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"trunkstat/store"
	"trunkstat/sync/githistory"
	"trunkstat/sync/sandbox"
)

// git runs git without the settings and templates of this machine.
func git(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TEMPLATE_DIR=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %v: %v: %s", args, err, stderr.Bytes())
	}
	return strings.TrimSpace(string(out))
}

// grow adds commits with a file each to the branch main of a bare repository, with a merge now and then.
func grow(t *testing.T, dir string, n int) {
	t.Helper()
	first := git(t, dir, "", "rev-list", "--all", "--count")
	var b strings.Builder
	var made int
	fmt.Sscan(first, &made)
	commit := func(branch, from string, extra string) {
		made++
		fmt.Fprintf(&b, "commit refs/heads/%s\nmark :%d\nauthor Ada %d <ada@example.com> %d +0200\n"+
			"committer C <c@example.com> %d +0000\ndata <<END\nchange %d\n\nits body\nEND\n%s%s"+
			"M 100644 inline file\ndata <<END\n%d\nEND\n\n",
			branch, made, made%7, 1_600_000_000+made*60, 1_600_000_000+made*60, made, from, extra, made)
	}
	from := ""
	if made > 0 {
		from = "from refs/heads/main^0\n"
	}
	for i := range n {
		switch {
		case i%10 == 8 && i > 0:
			commit("topic", fmt.Sprintf("from :%d\n", made-3), "")
		case i%10 == 9:
			commit("main", fmt.Sprintf("from :%d\n", made-1), fmt.Sprintf("merge :%d\n", made))
		default:
			commit("main", from, "")
		}
		from = ""
	}
	git(t, dir, b.String(), "fast-import", "--quiet", "--force")
}

// A gitWorld has a workspace with one repository out of a real git directory.
type gitWorld struct {
	*world
	dir  string
	repo *sandbox.Repository
}

func newGitWorld(t *testing.T, commits int) *gitWorld {
	t.Helper()
	program, err := githistory.Find(t.Context())
	if errors.Is(err, githistory.ErrNoGit) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	g := &gitWorld{world: newWorld(t), dir: filepath.Join(t.TempDir(), "real.git")}
	git(t, "", "", "init", "-q", "--bare", "--initial-branch=main", g.dir)
	grow(t, g.dir, commits)
	if g.repo, err = g.acme.AddGit(g.dir, "real"); err != nil {
		t.Fatal(err)
	}
	g.opt.Git = &Git{Program: program}
	return g
}

// clone makes a clone of the repository as it is now, and lets runs use it.
func (g *gitWorld) clone(args ...string) string {
	g.t.Helper()
	dir := filepath.Join(g.t.TempDir(), "clone")
	git(g.t, "", "", append([]string{"clone", "-q", "--no-local"}, append(args, "file://"+g.dir, dir)...)...)
	g.opt.Git.Clones = append(g.opt.Git.Clones, githistory.Clone{Dir: dir, Workspace: "acme", Slug: "real"})
	return dir
}

// sameAsAPI compares every record with those of a database that was synced over the API alone. Accounts
// are left out.
func (g *gitWorld) sameAsAPI() {
	g.t.Helper()
	read := func(db *store.DB) map[store.Hash]store.Commit {
		records := map[store.Hash]store.Commit{}
		err := db.View(g.t.Context(), func(tx *store.Tx) error {
			for c, err := range tx.Commits(store.UUID(g.repo.UUID())) {
				if err != nil {
					return err
				}
				c.Author.UUID, c.Author.App = "", false
				records[c.Hash] = c
			}
			return nil
		})
		if err != nil {
			g.t.Fatal(err)
		}
		return records
	}
	byGit, opt, db := read(g.db), g.opt, g.db
	g.opt.Git, g.db = nil, store.Open(filepath.Join(g.t.TempDir(), "api.db"))
	g.sync()
	byAPI := read(g.db)
	g.opt, g.db = opt, db
	if !reflect.DeepEqual(byGit, byAPI) {
		for h, c := range byAPI {
			if !reflect.DeepEqual(byGit[h], c) {
				g.t.Fatalf("by git %+v\nby API %+v", byGit[h], c)
			}
		}
		g.t.Fatalf("%d commits by git, %d over the API", len(byGit), len(byAPI))
	}
}

// TestClones syncs with a clone that is up to date, stale or shallow: it is used as far as it reaches, and
// nothing in it changes.
func TestClones(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	t.Parallel()
	for _, test := range []struct {
		name     string
		clone    func(g *gitWorld) string
		requests int // with 950 commits: 10 pages over the API alone
	}{
		{"up to date", func(g *gitWorld) string { return g.clone() }, 1 + 1},
		{"bare", func(g *gitWorld) string { return g.clone("--bare") }, 1 + 1},
		{"stale", func(g *gitWorld) string {
			dir := g.clone()
			grow(g.t, g.dir, 250)
			return dir
		}, 1 + 3},
		{"shallow", func(g *gitWorld) string { return g.clone("--depth=300") }, 1 + 1 + 8},
		{"none of it", func(g *gitWorld) string {
			dir := filepath.Join(g.t.TempDir(), "other.git")
			git(g.t, "", "", "init", "-q", "--bare", "--initial-branch=main", dir)
			git(g.t, dir, "commit refs/heads/main\ncommitter C <c@example.com> 5 +0000\ndata 1\nx\n", "fast-import", "--quiet")
			g.opt.Git.Clones = []githistory.Clone{{Dir: dir, Workspace: "acme", Slug: "real"}}
			return dir
		}, 1 + 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := newGitWorld(t, 950)
			dir := test.clone(g)
			before := snapshot(t, dir)
			s := g.sync()
			if s.Requests > test.requests {
				t.Errorf("%d requests, want %d at most", s.Requests, test.requests)
			}
			if !reflect.DeepEqual(before, snapshot(t, dir)) {
				t.Error("the clone was changed")
			}
			if err := g.sound(); err != nil {
				t.Error(err)
			}
			g.sameAsAPI()
			if g.sync(); g.server.Count() != 1 {
				t.Errorf("then idle: %d requests", g.server.Count())
			}
			grow(t, g.dir, 30)
			if s := g.sync(); s.Commits.Added == 0 || s.Requests != 2 {
				t.Errorf("next day: %+v", s)
			}
		})
	}
}

// snapshot lists the files below a folder with their lengths and dates.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files[path] = fmt.Sprint(info.Size(), info.ModTime(), info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestInterruptedWithClone stops a sync after each page and batch: nothing is lost, and the next run goes on.
func TestInterruptedWithClone(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	t.Parallel()
	g := newGitWorld(t, shorter(2500, 1200))
	g.clone()
	for stop := 1; stop < 20; stop++ {
		_, err := g.run(func(pages int) bool { return pages == 1 })
		if err := g.sound(); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			break
		}
	}
	g.sync()
	g.sameAsAPI()
}

// TestGitAfterARewrite: git changes nothing about what is dropped.
func TestGitAfterARewrite(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	t.Parallel()
	g := newGitWorld(t, 400)
	g.clone()
	g.sync()
	git(t, g.dir, "", "update-ref", "refs/heads/main", git(t, g.dir, "", "rev-parse", "main~150"))
	grow(t, g.dir, 320)
	if s := g.sync(); s.Commits.Removed == 0 {
		t.Errorf("%+v", s)
	}
	g.sameAsAPI()
}

// fetchable lets runs fetch from the sandbox.
func (g *gitWorld) fetchable() {
	g.opt.Git.Remote = func(slug string) githistory.Remote {
		return githistory.Remote{
			URL: g.server.GitURL() + "/acme/" + slug + ".git", User: githistory.AccessTokenUser,
			Token: func() string { return testToken }, Transport: http.DefaultTransport,
		}
	}
}

// TestFetch syncs long histories by a treeless fetch: one request a repository, whatever is in them.
func TestFetch(t *testing.T) {
	t.Parallel()
	g := newGitWorld(t, 1250)
	g.fetchable()
	made := g.branchy("made", 60)
	g.acme.NewRepository("short").Commits("main", 40)
	g.acme.NewRepository("empty")
	if err := os.MkdirAll(filepath.Join(g.db.Path()+".git-fetch", "of-a-killed-run"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := g.sync()
	if s.Requests != 1+3 || s.Git.Repositories != 2 || s.Git.Commits != s.Commits.Added-240 {
		t.Errorf("%+v, git %+v", s, s.Git)
	}
	if err := g.sound(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(g.db.Path() + ".git-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	g.sameAsAPI()
	fetched := len(g.server.GitRequests())
	made.Commits("main", 30)
	if s := g.sync(); s.Requests != 2 || len(g.server.GitRequests()) != fetched {
		t.Errorf("next day: %+v", s)
	}
	made.ForcePush("main", 150)
	if s := g.sync(); s.Commits.Removed < 150 {
		t.Errorf("force-push: %+v", s)
	}
	made.Rewind("main", 20)
	g.sync()
}

// TestFetchFails: what git cannot give comes over the API, and the reason is told once.
func TestFetchFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(g *gitWorld)
		told    string
	}{
		"no filter": {func(g *gitWorld) { g.server.GitFilters(false) }, "offers no filter"},
		"401": {func(g *gitWorld) {
			remote := g.opt.Git.Remote
			g.opt.Git.Remote = func(slug string) githistory.Remote {
				r := remote(slug)
				r.Token = func() string { return "ATCTT3xother" }
				return r
			}
		}, "refuses the credential"},
		"404": {func(g *gitWorld) {
			remote := g.opt.Git.Remote
			g.opt.Git.Remote = func(slug string) githistory.Remote { return remote(slug + "-moved") }
		}, "no such repository"},
		"not there": {func(g *gitWorld) {
			g.opt.Git.Remote = func(string) githistory.Remote {
				return githistory.Remote{URL: "http://127.0.0.1:1/acme/real.git", User: "u", Token: func() string { return "ATCTT3xnobody" }, Transport: http.DefaultTransport}
			}
		}, "does not answer"},
		"cut": {func(g *gitWorld) { g.server.FailNext("git-upload-pack", sandbox.ResetMidBody, -1) }, "git"},
		"500": {func(g *gitWorld) { g.server.FailNext("/acme/real.git", sandbox.ServerError, -1) }, "git"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGitWorld(t, 450)
			g.fetchable()
			test.prepare(g)
			s := g.sync()
			if s.Requests != 1+5 || s.Git.Commits != 0 {
				t.Errorf("%+v, git %+v", s, s.Git)
			}
			if told := strings.Join(g.told, "\n"); !strings.Contains(told, test.told) || strings.Count(told, "\n") > 0 {
				t.Errorf("told %q, want %q", g.told, test.told)
			}
			if left, _ := filepath.Glob(g.db.Path() + ".git-*"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestInterruptedFetch stops a sync before and while it fetches.
func TestInterruptedFetch(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	t.Parallel()
	g := newGitWorld(t, shorter(3500, 1700))
	g.fetchable()
	for stop := 1; stop < 8; stop++ {
		_, err := g.run(func(pages int) bool { return pages == stop })
		if err := g.sound(); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(g.db.Path() + ".git-*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		if err == nil {
			break
		}
	}
	g.sync()
	g.sameAsAPI()
}
