package sandbox

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// needGit skips where there is no git: a git directory cannot be tested without it.
func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
}

// git runs git in a directory, without the settings and templates of this machine.
func git(t *testing.T, dir, stdin string, args ...string) string {
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
	return strings.TrimSpace(string(out))
}

// imported makes a bare repository out of commits in the format of git fast-import.
func imported(t *testing.T, name, stream string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	git(t, "", "", "init", "-q", "--bare", "--initial-branch=main", dir)
	git(t, dir, stream, "fast-import", "--quiet", "--force")
	return dir
}

// imports writes one commit for git fast-import.
func imports(ref string, mark int, date int64, message string, parents ...int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "commit %s\nmark :%d\nauthor Åse Writer <ase@example.com> 5 +0900\n", ref, mark)
	fmt.Fprintf(&b, "committer Other <other@example.com> %d -0200\ndata %d\n%s\n", date, len(message), message)
	for i, p := range parents {
		fmt.Fprintf(&b, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p)
	}
	return b.String() + "\n"
}

func TestGitDirectory(t *testing.T) {
	needGit(t)
	t.Setenv("GIT_DIR", "/nowhere")
	t.Setenv("GIT_OBJECT_DIRECTORY", "/nowhere")
	message := "Ein Betreff\n\nund \"mehr\"\r\n, = usw.\n"
	dir := imported(t, "My Project.git", imports("refs/heads/main", 1, 1_000_000_000, "root\n")+
		imports("refs/heads/main", 2, 1_100_000_000, message, 1)+
		imports("refs/heads/side/x", 3, 1_050_000_000, "side", 1))
	s, w := start(t)
	r, err := w.AddGit(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if r.Slug() != "my-project" || r.MainBranch() != "main" || len(r.Branches()) != 2 {
		t.Errorf("slug %q, default branch %q of %v", r.Slug(), r.MainBranch(), r.Branches())
	}
	for _, branch := range []string{"main", "side/x"} {
		want := strings.Fields(git(t, dir, "", "rev-list", "--date-order", branch))
		path := "/repositories/acme/my-project/commits?pagelen=1&" + commitFields + "&include=" + r.Hash(branch)
		if got := walk(t, s, path); !slices.Equal(got, want) {
			t.Errorf("%s: got %v\nwant %v", branch, got, want)
		}
	}
	_, p := get(t, s, commitsOf(r, ""))
	if *p.Values[0].Message != message || p.Values[0].Date != "2004-11-09T11:33:20+00:00" {
		t.Errorf("message %q, date %v", *p.Values[0].Message, p.Values[0].Date)
	}
	fields := "fields=values.author.raw,values.author.user.uuid"
	got := ask(s, "/repositories/acme/my-project/commits?"+fields+"&include="+r.Head(), bearer)
	if !strings.Contains(got.body, `{"raw":"Åse Writer \u003case@example.com\u003e"}`) {
		t.Errorf("author %s", got.body)
	}
	updated := ask(s, acmePath+"?fields=values.updated_on", bearer).body
	if !strings.Contains(updated, "2004-11-09T11:33:20") {
		t.Errorf("updated_on %s", updated)
	}
}

// commitTree makes a commit without moving a ref.
func commitTree(t *testing.T, dir, message, parent string) string {
	t.Helper()
	return git(t, dir, "", "-c", "user.name=x", "-c", "user.email=x@example.com",
		"commit-tree", "-m", message, "-p", parent, git(t, dir, "", "mktree"))
}

// A listing shows what was pushed to the directory since the last one.
func TestGitIsLive(t *testing.T) {
	needGit(t)
	dir := imported(t, "live.git",
		imports("refs/heads/main", 1, 1000, "1")+imports("refs/heads/main", 2, 2000, "2", 1))
	s, w := start(t)
	r, err := w.AddGit(dir, "live")
	if err != nil {
		t.Fatal(err)
	}
	old, root := r.Head(), r.Reachable("")[1]
	listing := func() string { return ask(s, acmePath+"?"+listingFields, bearer).body }
	commits := func(include, exclude string) []string {
		t.Helper()
		return walk(t, s, "/repositories/acme/live/commits?"+commitFields+"&include="+include+exclude)
	}
	before := listing()
	if again := listing(); again != before || !strings.Contains(before, old) {
		t.Errorf("the listing changed without a push:\n%s\n%s", before, again)
	}
	pushed := commitTree(t, dir, "3", old)
	git(t, dir, "", "update-ref", "refs/heads/main", pushed)
	if after := listing(); !strings.Contains(after, pushed) {
		t.Errorf("after a push: %s", after)
	}
	if got := commits(pushed, "&exclude="+old); !slices.Equal(got, []string{pushed}) {
		t.Errorf("after a push: %v", got)
	}

	// What a forced push drops resolves until GC, also when git itself has dropped it.
	forced := commitTree(t, dir, "3'", old)
	git(t, dir, "", "update-ref", "refs/heads/main", forced)
	git(t, dir, "", "reflog", "expire", "--expire=now", "--all")
	git(t, dir, "", "prune", "--expire=now")
	listing()
	if got := commits(pushed, "&exclude="+forced); !slices.Equal(got, []string{pushed}) {
		t.Errorf("after a forced push: %v", got)
	}
	r.GC()
	path := "/repositories/acme/live/commits?" + commitFields + "&include="
	if status, _ := get(t, s, path+pushed); status != http.StatusNotFound {
		t.Errorf("after GC: status %d", status)
	}
	next := commitTree(t, dir, "4", forced)
	git(t, dir, "", "update-ref", "refs/heads/later", next)
	listing()
	git(t, dir, "", "update-ref", "-d", "refs/heads/later")
	listing()
	r.GC()
	git(t, dir, "", "update-ref", "refs/heads/again", next) // collected here, but not by git
	listing()
	if got := commits(next, ""); !slices.Equal(got, []string{next, forced, old, root}) {
		t.Errorf("a commit that came back: %v", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	status, p := get(t, s, acmePath+"?"+listingFields)
	if status != 500 || !strings.Contains(p.Error.Message, dir) {
		t.Errorf("without the directory: %d %q", status, p.Error.Message)
	}
}

func TestGitEmptyAndWrong(t *testing.T) {
	needGit(t)
	s, w := start(t)
	dir := filepath.Join(t.TempDir(), "Empty")
	git(t, "", "", "init", "-q", dir)
	for _, want := range []string{"empty", "empty-2"} {
		r, err := w.AddGit(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		if r.Slug() != want {
			t.Errorf("slug %q, want %q", r.Slug(), want)
		}
	}
	if _, p := get(t, s, acmePath+"?"+listingFields); p.Values[0].MainBranch != nil {
		t.Errorf("mainbranch %v", p.Values[0].MainBranch)
	}
	// A folder inside a repository is not a repository itself.
	inside := filepath.Join(dir, "inside")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{inside, t.TempDir(), filepath.Join(dir, "missing")} {
		if _, err := w.AddGit(bad, ""); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: error %v", bad, err)
		}
	}
	if _, err := w.AddGit(dir, "empty"); err == nil {
		t.Error("a slug was taken twice")
	}
	if n := len(w.Repositories()); n != 2 {
		t.Errorf("%d repositories", n)
	}
}

// A shallow clone is refused, with what helps.
func TestGitShallow(t *testing.T) {
	needGit(t)
	dir := imported(t, "deep.git",
		imports("refs/heads/main", 1, 1000, "1")+imports("refs/heads/main", 2, 2000, "2", 1))
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, "", "", "clone", "-q", "--no-checkout", "--depth=1", "file://"+filepath.ToSlash(dir), clone)
	_, w := start(t)
	_, err := w.AddGit(clone, "")
	if err == nil || !strings.Contains(err.Error(), "run git fetch --unshallow") {
		t.Errorf("error %v", err)
	}
	git(t, clone, "", "fetch", "-q", "--unshallow")
	if r, err := w.AddGit(clone, ""); err != nil || len(r.Reachable("")) != 2 {
		t.Errorf("unshallowed: %v", err)
	}
}

// A date that git cannot read is served as git log shows it; one that Bitbucket cannot write is refused.
func TestGitDates(t *testing.T) {
	needGit(t)
	const epoch = "1970-01-01T00:00:00+00:00"
	for date, want := range map[string]string{
		"<o@example.com> 0 +0000":                    epoch,
		"<o@example.com> -5 +0000":                   epoch,
		"o@example.com":                              epoch,
		"<o@example.com> 99999999999999999999 +0000": epoch,
		"<o@example.com> 99999999999 +0000":          "5138-11-16T09:46:39+00:00",
		"<o@example.com> 999999999999999 +0000":      "",
	} {
		dir := imported(t, "dates.git", imports("refs/heads/main", 1, 1000, "1"))
		tree := git(t, dir, "", "mktree")
		text := "tree " + tree + "\nauthor A <a@example.com> 1 +0000\ncommitter O " + date + "\n\nmessage\n"
		object := git(t, dir, text, "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
		os.WriteFile(filepath.Join(dir, "refs", "heads", "main"), []byte(object+"\n"), 0o600)
		s, w := start(t)
		r, err := w.AddGit(dir, "")
		if want == "" {
			const refusal = " has a date in the year 31690708, which cannot be served"
			if err == nil || !strings.HasSuffix(err.Error(), "commit "+object+refusal) {
				t.Errorf("%s: %v", date, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", date, err)
			continue
		}
		if _, p := get(t, s, commitsOf(r, "")); p.Values[0].Date != want {
			t.Errorf("%s: %v, want %s", date, p.Values[0].Date, want)
		}
	}
}

func TestGitWorktree(t *testing.T) {
	needGit(t)
	dir := imported(t, "r.git",
		imports("refs/heads/trunk", 1, 1000, "1")+imports("refs/heads/other", 2, 2000, "2", 1))
	git(t, dir, "", "symbolic-ref", "HEAD", "refs/heads/trunk")
	tree := filepath.Join(t.TempDir(), "tree")
	git(t, dir, "", "worktree", "add", "-q", "--no-checkout", tree, "other")
	_, w := start(t)
	for path, want := range map[string]string{dir: "trunk", tree: "other"} {
		r, err := w.AddGit(path, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := r.MainBranch(); got != want {
			t.Errorf("%s: default branch %q, want %q", path, got, want)
		}
	}
}

// TestRangesAreGits compares ranges of random histories, in order, with what git says.
func TestRangesAreGits(t *testing.T) {
	needGit(t)
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			dir := imported(t, "random.git", randomHistory(random, 120))
			s, w := start(t)
			if _, err := w.AddGit(dir, ""); err != nil {
				t.Fatal(err)
			}
			all := strings.Fields(git(t, dir, "", "rev-list", "--all"))
			for range 25 {
				compareRange(t, s, dir, random, all)
			}
		})
	}
}

// randomHistory makes commits with up to four parents and dates out of order, but no two alike:
// then there is but one right order.
func randomHistory(random *rand.Rand, n int) string {
	var b strings.Builder
	dates := random.Perm(n * 50)
	for mark := 1; mark <= n; mark++ {
		var parents []int
		for range random.IntN(4) + min(mark-1, 1) {
			p := max(1, mark-1-random.IntN(12))
			if p < mark && !slices.Contains(parents, p) && random.IntN(20) > 0 {
				parents = append(parents, p)
			}
		}
		date := int64(1_000_000_000 + 600*mark + dates[mark])
		b.WriteString(imports(fmt.Sprintf("refs/heads/b%d", mark), mark, date, fmt.Sprint(mark), parents...))
	}
	return b.String()
}

func compareRange(t *testing.T, s *Server, dir string, random *rand.Rand, all []string) {
	t.Helper()
	var query, revisions []string
	for i := range 1 + random.IntN(4) {
		h := all[random.IntN(len(all))]
		if i > 0 && random.IntN(2) > 0 {
			query, revisions = append(query, "exclude="+h), append(revisions, "^"+h)
		} else {
			query, revisions = append(query, "include="+h), append(revisions, h)
		}
	}
	want := strings.Fields(git(t, dir, "", append([]string{"rev-list", "--date-order"}, revisions...)...))
	got := walk(t, s, "/repositories/acme/random/commits?pagelen=7&"+commitFields+"&"+strings.Join(query, "&"))
	if !slices.Equal(got, want) {
		t.Errorf("%v:\ngot  %v\nwant %v", revisions, got, want)
	}
}
