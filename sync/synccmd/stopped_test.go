package synccmd

import (
	"strings"
	"testing"

	"trunkstat/store"
)

// A run over several workspaces has a summary for each, those it did not come to included.
func TestSummaryOfEachWorkspace(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Workspace("beta").NewRepository("web").Commits("main", 1)
	p.put(store.Workspace{Slug: "acme"}, store.Workspace{Slug: "beta"})
	for _, requests := range []string{"1", "3"} { // within the first, and just after it
		o := p.run("sync", "--format", "json", "--rate", "0", "--max-requests", requests)
		p.expect(o, 75)
		lines := strings.SplitAfter(strings.TrimSpace(o.stdout), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], `"workspace":"acme"`) ||
			!strings.HasPrefix(lines[1], `{"schema":1,"workspace":"beta","complete":false,"repositories":{"listed":0,`) ||
			!strings.Contains(lines[1], `"failures":[]`) {
			t.Errorf("after %s requests: %s", requests, o.stdout)
		}
	}
}

func TestLeastNumbers(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for flag, words := range map[string]string{
		"--rate=-1":         "--rate -1: give a number of at least 0",
		"--max-requests=0":  "--max-requests 0: give a number of at least 1",
		"--max-requests=-2": "--max-requests -2: give a number of at least 1",
		"--jobs=0":          "--jobs 0: give a number of at least 1",
	} {
		p.expect(p.run("-w", "acme", "sync", flag), 2, words)
	}
	p.expect(p.run("-w", "acme", "sync", "--rate=0"), 0, "2 synced")
}

func TestReposOfUnknownWorkspace(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.put(store.Workspace{Slug: "beta"})
	p.expect(p.run("-w", "acme", "sync"), 0)
	p.expect(p.run("-w", "acme", "repos"), 0, "website")
	p.expect(p.run("-w", "beta", "repos"), 0) // known, and never listed
	o := p.run("-w", "nosuch", "repos", "--format", "json")
	p.expect(o, 1, `the database does not know the workspace "nosuch"`, "trunkstat sync --workspace nosuch")
	if o.stdout != "" {
		t.Errorf("stdout: %s", o.stdout)
	}
}

// A glob that matches in one of several workspaces is no misuse.
func TestGlobOverSeveralWorkspaces(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Workspace("beta").NewRepository("other").Commits("main", 1)
	p.put(store.Workspace{Slug: "acme"}, store.Workspace{Slug: "beta"})
	p.expect(p.run("sync", "--repo", "web*"), 0, "1 synced")
	p.expect(p.run("sync", "--repo", "oth*"), 0, "1 synced")
	p.expect(p.run("sync", "--repo", "none*"), 2, "no repository matches none*")
	p.expect(p.run("-w", "beta", "sync", "--repo", "web*"), 2, "no repository matches web*")
}
