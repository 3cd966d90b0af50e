package synccmd

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/sync/sandbox"
)

// many is a program whose workspace has n repositories, all of them synced.
func many(t *testing.T, n int) *program {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for i := range n {
		p.server.Workspace("many").NewRepository(fmt.Sprintf("r%02d", i)).Commits("main", 1)
	}
	p.expect(p.run("-w", "many", "sync"), 0)
	return p
}

// largerListing is the answer to the listing that was asked for last, but for its size, which is one more.
func (p *program) largerListing() sandbox.Fault {
	p.t.Helper()
	i := len(p.server.Requests()) - 1
	for p.server.Requests()[i].Kind != sandbox.Listing {
		i--
	}
	listing := p.server.Requests()[i]
	req, _ := http.NewRequest("GET", p.server.URL()+listing.Path+"?"+listing.Query.Encode(), nil)
	req.Header.Set("Authorization", "Bearer "+testAccessToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	larger := strings.Replace(string(body), `"size":7,"values"`, `"size":8,"values"`, 1)
	return sandbox.Fault{Status: http.StatusOK, Body: larger}
}

// A listing that is incomplete, and access that was lost, exit 3 though no repository failed.
func TestListingOutcomes(t *testing.T) {
	p := many(t, 7)
	p.server.FailNext("/repositories/many", p.largerListing(), 2)
	o := p.run("sync", "--format", "json")
	p.expect(o, 3, "listing of many was incomplete", `"complete":false`, `"failures":[]`)

	p.access.Reach("many/r00", "many/r01")
	o = p.run("sync", "--format", "json")
	p.expect(o, 3, "access to many was probably lost", "trunkstat auth status --workspace many", `"complete":false`)
	if strings.Contains(o.all(), "incomplete") {
		t.Errorf("it is not the listing that is incomplete: %s", o.all())
	}
	p.access.Reach("many")
	p.expect(p.run("sync"), 0)
}

// The error of a stopped run says what stopped it, after how many requests, and what is left.
func TestStoppedSays(t *testing.T) {
	t.Parallel()
	p := many(t, 9)
	for _, r := range p.server.Workspace("many").Repositories() {
		r.Commits("main", 1)
	}
	o := p.run("sync", "--jobs", "1", "--max-requests", "4")
	p.expect(o, 75, "run trunkstat sync again to continue")
	if want := "stopped after 4 requests (--max-requests); 6 of 9 repositories are left"; o.err.Error() != want {
		t.Errorf("%v, want %s", o.err, want)
	}
	o = p.run("sync", "--no-wait", "--rate", "1")
	if p.expect(o, 75, "--no-wait"); strings.Contains(o.all(), "--max-requests") {
		t.Error(o.err)
	}
	p.server.FailNext("/repositories/many", sandbox.TooManyRequests, 1)
	o = p.run("sync", "--no-wait")
	p.expect(o, 75, "stopped after 1 request (the rate limit is reached, and --no-wait is given)", "listing of many")
}

func TestSyncExcludes(t *testing.T) {
	t.Parallel()
	p := many(t, 3)
	p.server.Workspace("many").Repository("r02").SetProject("OPS")
	p.expect(p.run("sync", "--exclude-repo", "R01"), 0, "2 repositories listed, 2 unchanged")
	p.expect(p.run("sync", "--exclude-project", "o*"), 0, "2 repositories listed")
	o := p.run("sync", "--repo", "r00", "--repo", "r9?", "--exclude-project", "none", "--project", "prj")
	p.expect(o, 0, `no repository matches --repo "r9?"`, `no repository matches --exclude-project "none"`)
	if strings.Count(o.stderr, "matches") != 2 {
		t.Error(o.stderr)
	}
	p.env["TZ"] = "Europe/Berlinn"
	p.expect(p.run("sync", "--since", "2020-01-01"), 2, "Europe/Berlinn")
	p.env["TZ"] = ""
	p.expect(p.run("sync", "--project", "ops", "--exclude-repo", "r0[01]"), 0, "1 repository listed")
	p.expect(p.run("sync", "--repo", "r00", "--exclude-repo", "many/r*"), 2,
		`no repository matches --repo "r00" and --exclude-repo "many/r*"`)
}

// The summary in JSON is one line with the promised keys, in their order.
func TestSummaryJSON(t *testing.T) {
	p := many(t, 2)
	p.server.Workspace("many").Repository("r01").Forbid(403)
	p.server.Workspace("many").Repository("r01").Commits("main", 1)
	o := p.run("sync", "--format", "json")
	p.expect(o, 3)
	if strings.Count(o.stdout, "\n") != 1 || !strings.HasSuffix(o.stdout, "}\n") {
		t.Fatalf("not one line: %q", o.stdout)
	}
	var keys []string
	dec := json.NewDecoder(strings.NewReader(o.stdout))
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			break
		}
		switch v := token.(type) {
		case json.Delim:
			depth += map[json.Delim]int{'{': 1, '[': 1, '}': -1, ']': -1}[v]
		case string:
			if strings.Contains(o.stdout, `"`+v+`":`) {
				keys = append(keys, v)
			}
		}
	}
	want := strings.Fields(`schema workspace complete repositories listed synced unchanged empty failed pending gone
		commits added removed requests duration_seconds waited_seconds failures repository error`)
	if !slices.Equal(keys, want) {
		t.Errorf("keys\n%v, want\n%v", keys, want)
	}
}

// Bitbucket that fails for one repository after another ends the run as failed, with what came before stored.
func TestOutageFails(t *testing.T) {
	t.Parallel()
	p := many(t, 12)
	for _, r := range p.server.Workspace("many").Repositories() {
		r.Commits("main", 1)
	}
	p.server.FailNext("/repositories/many/", sandbox.ServiceUnavailable, -1)
	begin := time.Now()
	p.expect(p.run("sync", "--jobs", "2"), 1, "gave up after", "run trunkstat sync again")
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	p.server.ClearFaults()
	p.expect(p.run("sync"), 0, "12 synced")
}
