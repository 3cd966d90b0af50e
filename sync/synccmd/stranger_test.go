package synccmd

import (
	"strings"
	"testing"

	"trunkstat/sync/sandbox"
)

// htmlPages are a captive portal, a sign-on page, the page of a web filter and that of another server.
var htmlPages = []sandbox.Fault{sandbox.HTMLPage, sandbox.SignOn, sandbox.HTMLFault(401, "Sign in"),
	sandbox.HTMLFault(403, "Blocked: category file sharing"), sandbox.HTMLFault(404, "404 Not Found")}

// Whatever else answers instead of Bitbucket, the token is not to blame, and doctor says so too.
func TestNotBitbucket(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	const other, dataCenter = `{"message":"Not here","documentation_url":"https://docs.example.com/rest"}`,
		`{"errors":[{"context":null,"message":"Authentication failed. Please check your credentials and try again.",` +
			`"exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]}`
	for _, fault := range append(htmlPages,
		sandbox.Fault{Name: "other JSON, 401", Status: 401, Body: other},
		sandbox.Fault{Name: "other JSON, 403", Status: 403, Body: other},
		sandbox.Fault{Name: "other JSON, 404", Status: 404, Body: other},
		sandbox.Fault{Name: "Data Center, 401", Status: 401, Body: dataCenter},
		sandbox.Fault{Name: "Data Center, 404", Status: 404, Body: `{"message":"HTTP 404 Not Found","status-code":404}`},
	) {
		for _, command := range []string{"sync", "auth status", "doctor"} {
			p.server.FailNext("/repositories/acme", fault, -1)
			o := p.run(append([]string{"-w", "acme"}, strings.Fields(command)...)...)
			p.server.ClearFaults()
			p.expect(o, 1, "what answers at "+p.server.URL()+" is not Bitbucket Cloud: ",
				"log in to this network with a browser, or check the proxy (HTTPS_PROXY) and --api-url")
			if strings.Contains(o.all(), "invalid_") || strings.Contains(o.all(), "no_resources") ||
				strings.Contains(o.all(), "auth login") {
				t.Errorf("%s, %s: %s", fault, command, o.all())
			}
		}
	}
}

// The probe of doctor, which has no credential, knows a page as well.
func TestDoctorKnowsPages(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	for _, fault := range htmlPages {
		p.server.FailNext("/repositories", fault, -1)
		found := lines(p.run("-w", "acme", "doctor"))
		p.server.ClearFaults()
		if !strings.HasPrefix(found["API"], "problem what answers at "+p.server.URL()+" is not Bitbucket Cloud: it ") ||
			!strings.Contains(found["credential"], "no connection") {
			t.Errorf("%s: %v", fault, found)
		}
	}
}

// With --verbose there is a line for each request, which names the repository, is short and holds no secret.
func TestVerboseLines(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	long := strings.Repeat("long-", 50)
	p.server.Workspace("acme").NewRepository(long).Commits("main", 201)
	p.server.FailNext("/commits", sandbox.ErrorFault(400, "cannot parse the credential "+testAccessToken), 1)
	o := p.run("-w", "acme", "--verbose", "sync", "--jobs", "1")
	p.expect(o, 3)
	all := 0
	for line := range strings.Lines(o.stderr) {
		if strings.HasPrefix(line, "trunkstat: GET /repositories/acme") {
			all++
			if n := len([]rune(line)); n > len("trunkstat: ")+maxLogLine+1 || strings.ContainsAny(line, "{}%") {
				t.Errorf("%d characters: %s", n, line)
			}
		}
	}
	if all != p.server.Count() {
		t.Errorf("%d lines for %d requests:\n%s", all, p.server.Count(), o.stderr)
	}
	p.expect(o, 3, "GET /repositories/acme/website/commits: 200 in ", "GET /repositories/acme/api/commits: ",
		"GET /repositories/acme/"+long[:100])
	if strings.Contains(o.all(), testAccessToken) {
		t.Error("the token is shown")
	}
}

// Doctor tells what Bitbucket does here where its documentation is silent.
func TestDoctorFacts(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Workspace("acme").Repository("website").Commits("main", 120)
	p.server.Limit(1000)
	if o := p.run("-w", "acme", "doctor"); strings.Contains(o.stdout, "uuid paths") {
		t.Errorf("said without --verbose: %s", o.stdout)
	}
	p.expect(p.run("-w", "acme", "--verbose", "doctor"), 0, "what Bitbucket does at acme:",
		"heads in the listing: 2 of 2 default branches", "uuid paths:           taken",
		"children before parents, dates descend (100 commits)", "rate limit headers:   X-Ratelimit-Limit: 1000")
	p.expect(p.run("-w", "acme", "--verbose", "doctor"), 0, "filters by git:       offered")
	p.server.GitFilters(false)
	p.expect(p.run("-w", "acme", "--verbose", "doctor"), 0, "filters by git:       not offered")
	p.server.ListTargets(false)
	p.server.FailNext("/%7B", sandbox.NoAccess, -1)
	o := p.run("-w", "acme", "--verbose", "doctor")
	p.expect(o, 0, "heads in the listing: 0 of 2", "refused with 404", "(100 commits)")
	if strings.Contains(o.all(), testAccessToken) {
		t.Error("the token is shown")
	}
	if odd := p.server.Unexpected(); len(odd) > 0 {
		t.Errorf("asked for something else than a sync does: %+v", odd)
	}
	p.server.FailNext("/commits", sandbox.BadGateway, -1)
	p.expect(p.run("-w", "acme", "--verbose", "doctor"), 0, "order of commits:     not known", "stopped by: ",
		"filters by git:       not offered")
}
