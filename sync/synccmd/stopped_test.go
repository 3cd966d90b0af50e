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

// Of several workspaces that failed, the worst decides, and the others are told.
func TestEachFailureIsTold(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Workspace("acme").Repository("api").Forbid(403)
	p.put(store.Workspace{Slug: "acme"}, store.Workspace{Slug: "nowhere"})
	o := p.run("sync")
	p.expect(o, 5, "no_resources: there is no workspace nowhere")
	if !strings.Contains(o.stderr, "trunkstat: 1 of 2 repositories could not be synced: api: ") {
		t.Errorf("the failure of acme is not told: %s", o.stderr)
	}
}

func TestLeastNumbers(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for flag, words := range map[string]string{
		"--rate=-1":         "invalid value -1 for --rate; use a number of at least 0",
		"--max-requests=0":  "invalid value 0 for --max-requests; use a number of at least 1",
		"--max-requests=-2": "invalid value -2 for --max-requests; use a number of at least 1",
		"--jobs=0":          "invalid value 0 for --jobs; use a number of at least 1",
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
	p.expect(o, 1, `workspace "nosuch" has not been synced`, "trunkstat sync --workspace nosuch")
	if o.stdout != "" {
		t.Errorf("stdout: %s", o.stdout)
	}
}

// A glob that matches in one of several workspaces is no misuse.
func TestGlobOverSeveralWorkspaces(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Workspace("beta").NewRepository("other").Commits("main", 1)
	p.put(store.Workspace{Slug: "acme"}, store.Workspace{Slug: "beta"})
	p.expect(p.run("sync", "--repo", "web*"), 0, "1 synced")
	p.expect(p.run("sync", "--repo", "oth*"), 0, "1 synced")
	p.expect(p.run("sync", "--repo", "beta/*"), 0, "1 unchanged")
	p.expect(p.run("sync", "--repo", "oth*", "--format", "json"), 0, `"workspace":"acme"`, `"workspace":"beta"`)
	for _, glob := range []string{"none*", "gamma/*", "other/*", "*/x"} {
		o := p.run("sync", "--repo", glob)
		if p.expect(o, 2, "no repository matches --repo \""+glob+"\"", "trunkstat repos"); o.stdout != "" {
			t.Errorf("a misuse prints %q", o.stdout)
		}
	}
	p.expect(p.run("-w", "beta", "sync", "--repo", "web*"), 2, `no repository matches --repo "web*"`)
}

// TestEmptyFilters are misuses before anything is asked.
func TestEmptyFilters(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.expect(p.run("-w", "acme", "sync", "--repo", ""), 2, `invalid pattern "" for --repo`)
	p.expect(p.run("-w", "acme", "sync", "--repo", "web*", "--repo", ""), 2, `invalid pattern "" for --repo`)
	p.expect(p.run("-w", "acme", "sync", "--project", ""), 2, `invalid pattern "" for --project`)
	if n := p.server.Count(); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// TestAllForOneReason has every repository fail.
func TestAllForOneReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		first, second int // answered to requests for commits; 200: one row is never sent
		code          int
		want          string
	}{
		{403, 403, 4, "invalid_permissions: "},
		{404, 404, 5, "no_resources: "},
		{200, 200, 1, "partial: Bitbucket did not return 1 commit"},
		{403, 404, 3, "invalid_permissions: "},
		{403, 200, 3, "invalid_permissions: "},
	} {
		p := newProgram(t)
		p.env["TRUNKSTAT_TOKEN"] = testAccessToken
		ws := p.server.Workspace("delta")
		for i, status := range []int{test.first, test.second} {
			r := ws.NewRepository("r" + string(rune('1'+i)))
			if hashes := r.Commits("main", 150); status == 200 {
				r.WithholdRow(hashes[70])
			} else {
				r.Forbid(status)
			}
		}
		o := p.run("-w", "delta", "sync", "--format", "json", "--jobs", "1")
		p.expect(o, test.code, "2 of 2 repositories could not be synced", test.want)
		if !strings.Contains(o.stdout, `"failed":2,`) || !strings.Contains(o.stdout, `"error":"`) {
			t.Errorf("%d, %d: %s", test.first, test.second, o.stdout)
		}
	}
}
