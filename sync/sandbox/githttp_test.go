package sandbox

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// gitAddress is a repository's address for git, with a credential in it.
func gitAddress(s *Server, user, token, name string) string {
	return strings.Replace(s.GitURL(), "://", "://"+user+":"+token+"@", 1) + "/" + name + ".git"
}

// cloned clones a repository, and fails unless git does what ok says.
func cloned(t *testing.T, ok bool, address string, args ...string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "clone.git")
	cmd := exec.Command("git", append([]string{"clone", "-q", "--bare"}, append(args, address, dir)...)...)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TEMPLATE_DIR=")
	if out, err := cmd.CombinedOutput(); (err == nil) != ok {
		t.Errorf("git clone: %v: %s", err, out)
	}
	return dir
}

func revList(t *testing.T, dir, head string) []string {
	t.Helper()
	return strings.Fields(git(t, dir, "", "rev-list", "--date-order", head))
}

// git fetches the commits that the API tells, with the same hashes: made here, and of git directories, and
// again after pushes.
func TestGitOverHTTP(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	needGit(t)
	s, w := start(t)
	r := w.NewRepository("web")
	r.Commits("main", 30)
	r.Commit("side", Change{Message: "grüße\n\nno newline", Author: "Ä <a@example.com>", Date: time.Unix(1e9, 0)})
	r.Merge("main", "side", Change{})
	address := gitAddress(s, "x-token-auth", token, "acme/web")
	dir := cloned(t, true, address)
	if got := revList(t, dir, "main"); !slices.Equal(got, r.Reachable("")) {
		t.Errorf("%d commits, want %d", len(got), len(r.Reachable("")))
	}
	if got := git(t, dir, "", "log", "--format=%an <%ae>|%ct|%B", "-1", "side"); got != "Ä <a@example.com>|1000000000|grüße\n\nno newline" {
		t.Errorf("%q", got)
	}
	r.ForcePush("main", 2)
	git(t, dir, "", "fetch", "-q", "--force", address, "main:main")
	if got := revList(t, dir, "main"); !slices.Equal(got, r.Reachable("")) {
		t.Errorf("after a push: %d commits, want %d", len(got), len(r.Reachable("")))
	}
	source := imported(t, "lib.git", imports("refs/heads/main", 1, 1000, "1")+imports("refs/heads/main", 2, 2000, "2", 1))
	lib, err := w.AddGit(source, "")
	if err != nil {
		t.Fatal(err)
	}
	lib.Commits("main", 3)
	fork := lib.Fork(s.Workspace("other"), "fork")
	fork.Commits("main", 3)
	for name, r := range map[string]*Repository{"acme/lib": lib, "other/fork": fork} {
		dir := cloned(t, true, gitAddress(s, "x-token-auth", token, name))
		if got := revList(t, dir, "main"); !slices.Equal(got, r.Reachable("")) {
			t.Errorf("%s: %v, want %v", name, got, r.Reachable(""))
		}
	}
	cloned(t, true, gitAddress(s, "x-token-auth", token, "acme/web"), "--depth=3")
	if s.Count() != 0 || len(s.GitRequests()) == 0 {
		t.Errorf("%d requests of the API, %d of git", s.Count(), len(s.GitRequests()))
	}
}

// A history that is cut is fetched as one that is cut.
func TestGitServesShallow(t *testing.T) {
	needGit(t)
	s, w := start(t)
	r := w.NewRepository("web")
	hashes := r.Commits("main", 9)
	r.Shallow(hashes[4])
	dir := cloned(t, true, gitAddress(s, "x-token-auth", token, "acme/web"))
	if got := revList(t, dir, "main"); len(got) != 5 || got[4] != hashes[4] {
		t.Errorf("%d commits", len(got))
	}
}

// A git directory without trees, as a treeless fetch leaves it, is served as well.
func TestGitServesTreeless(t *testing.T) {
	needGit(t)
	s, w := start(t)
	const file = "M 100644 inline file\ndata 2\nx\n\n"
	source := imported(t, "full.git", strings.TrimSuffix(imports("refs/heads/main", 1, 1000, "1"), "\n")+file+
		imports("refs/heads/main", 2, 2000, "2", 1))
	git(t, source, "", "config", "uploadpack.allowFilter", "true")
	dir := cloned(t, true, "file://"+source, "--filter=tree:0")
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte("[core]\n\tbare = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := w.AddGit(dir, "web")
	if err != nil {
		t.Fatal(err)
	}
	r.Commits("main", 2)
	got := cloned(t, true, gitAddress(s, "x-token-auth", token, "acme/web"), "--filter=tree:0")
	if list := revList(t, got, "main"); !slices.Equal(list, r.Reachable("")) || len(list) != 4 {
		t.Errorf("%v, want %v", list, r.Reachable(""))
	}
}

func TestGitFilters(t *testing.T) {
	needGit(t)
	s, w := start(t)
	w.NewRepository("web").Commits("main", 3)
	for _, on := range []bool{true, false} {
		s.GitFilters(on)
		req, _ := http.NewRequest("GET", s.GitURL()+"/acme/web.git/info/refs?service=git-upload-pack", nil)
		req.Header.Set("Git-Protocol", "version=2")
		req.SetBasicAuth("x-token-auth", token)
		a, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text := make([]byte, 4096)
		n, _ := a.Body.Read(text)
		a.Body.Close()
		if got := strings.Contains(string(text[:n]), "filter"); got != on {
			t.Errorf("filters %v: %s", on, text[:n])
		}
	}
}

// Fetches need a credential in git's form, and repositories that it may read.
func TestGitCredentials(t *testing.T) {
	needGit(t)
	s, w := start(t)
	s.AddAPIToken("ada@example.com", "ATATT1")
	s.AddAccessToken("narrow").Reach("acme/other")
	s.AddAccessToken("weak", "webhook")
	w.NewRepository("web").Commits("main", 1)
	w.NewRepository("open").Commits("main", 1)
	w.Repository("open").SetPublic(true)
	for _, c := range []struct {
		user, token, name string
		status            int
	}{
		{"x-token-auth", token, "acme/web", 200},
		{"x-bitbucket-api-token-auth", "ATATT1", "acme/web", 200},
		{"", "", "acme/open", 200},
		{"", "", "acme/web", 401},
		{"ada@example.com", "ATATT1", "acme/web", 401},
		{"x-token-auth", "ATATT1", "acme/web", 401},
		{"x-bitbucket-api-token-auth", token, "acme/web", 401},
		{"x-token-auth", "narrow", "acme/web", 404},
		{"x-token-auth", "weak", "acme/web", 403},
		{"x-token-auth", token, "acme/none", 404},
		{"x-token-auth", token, "nobody/web", 404},
	} {
		req, _ := http.NewRequest("GET", s.GitURL()+"/"+c.name+".git/info/refs?service=git-upload-pack", nil)
		if c.user != "" {
			req.SetBasicAuth(c.user, c.token)
		}
		a, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != c.status || (c.status == 401) != (a.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%+v: status %d", c, a.StatusCode)
		}
	}
}

// Faults hit fetches, and pushes are refused.
func TestGitFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	needGit(t)
	s, w := start(t)
	r := w.NewRepository("web")
	r.Commits("main", 50)
	address := gitAddress(s, "x-token-auth", token, "acme/web")
	for _, fault := range []Fault{Unauthorized, NoAccess, Reset, ResetMidBody, TruncatedJSON, ServiceUnavailable} {
		s.FailNext("/acme/web.git", fault, -1)
		cloned(t, false, address)
		s.ClearFaults()
	}
	s.FailNext("/acme/web.git/git-upload-pack", ResetMidBody, -1)
	cloned(t, false, address)
	s.ClearFaults()
	dir := cloned(t, true, address)
	if out, err := exec.Command("git", "-C", dir, "push", "-q", address, "main:new").CombinedOutput(); err == nil {
		t.Errorf("pushed: %s", out)
	}
	if len(s.Unexpected()) == 0 {
		t.Error("a push is expected")
	}
	s.ResetRequests()
}
