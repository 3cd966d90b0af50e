package sandbox

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"
)

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// inError writes what Bitbucket's envelope holds for a message.
func inError(message, more string) string {
	return `{"type":"error","error":{"message":"` + message + `"` + more + `}}`
}

// lacks is the refusal of a credential that has one scope where another is required.
func lacks(granted, required string) string {
	return inError("Your credentials lack one or more required privilege scopes.",
		`,"detail":{"granted":["`+granted+`"],"required":["`+required+`"]}`)
}

var (
	unauthorized = inError("Token is invalid, expired, or not supported for this endpoint.", "")
	notFound     = NoAccess.Body
)

const (
	list    = acmePath + "?fields=size,values.slug"
	listed  = `{"values":[{"slug":"website"}],"size":1}`
	nothing = `{"values":[],"size":0}`
	branch  = acmePath + "/website/refs/branches/main?fields=name"
	named   = `{"name":"main"}`
)

func TestCredentials(t *testing.T) {
	s, w := start(t)
	w.NewRepository("website").Commits("main", 1)
	s.AddAPIToken("ann@example.com", "ATATT-good")
	s.AddAPIToken("write@example.com", "ATATT-write", "write:repository:bitbucket")
	s.AddAccessToken("ATCTT-good")
	s.AddAccessToken("ATCTT-issues", "issue")
	s.AddAccessToken("ATCTT-project", "project")
	s.AddAccessToken("ATCTT-none").Reach()
	s.AddAPIToken("old@example.com", "ATATT-old").Expire(time.Now().Add(-time.Second))
	s.AddAPIToken("young@example.com", "ATATT-young").Expire(time.Now().Add(time.Hour))
	for _, test := range []struct {
		name, authorization, path string
		status                    int
		body                      string
	}{
		{"API token", basic("ann@example.com", "ATATT-good"), list, 200, listed},
		{"API token, branch", basic("ann@example.com", "ATATT-good"), branch, 200, named},
		{"API token that will expire", basic("young@example.com", "ATATT-young"), list, 200, listed},
		{"API token as Bearer", "Bearer ATATT-good", list, 401, unauthorized},
		{"API token, another e-mail", basic("bob@example.com", "ATATT-good"), list, 401, unauthorized},
		{"API token that may only write", basic("write@example.com", "ATATT-write"), list, 403,
			lacks("write:repository:bitbucket", "read:repository:bitbucket")},
		{"access token", "Bearer ATCTT-good", list, 200, listed},
		{"access token as Basic", basic("x-token-auth", "ATCTT-good"), list, 401, unauthorized},
		{"access token without the scope", "Bearer ATCTT-issues", list, 403, lacks("issue", "repository")},
		{"access token whose scope implies it", "Bearer ATCTT-project", list, 200, listed},
		{"access token that reaches nothing", "Bearer ATCTT-none", list, 200, nothing},
		{"… asks for a branch", "Bearer ATCTT-none", branch, 404, notFound},
		{"app password", basic("ann", "ATBB-dead"), list, 401, unauthorized},
		{"malformed", "Bearer", list, 401, unauthorized},
		{"expired", basic("old@example.com", "ATATT-old"), list, 401, unauthorized},
		{"no credential", "", list, 200, nothing},
		{"no credential, branch", "", branch, 404, notFound},
	} {
		if got := ask(s, test.path, test.authorization); got.status != test.status || !same(got.body, test.body) {
			t.Errorf("%s: %d %s, want %d %s", test.name, got.status, got.body, test.status, test.body)
		}
	}
	w.Repository("website").SetPublic(true)
	if got := ask(s, list, ""); !same(got.body, listed) {
		t.Errorf("a public repository: %s", got.body)
	}
	got := ask(s, acmePath+"?fields=values.is_private", "")
	if !same(got.body, `{"values":[{"is_private":false}]}`) {
		t.Errorf("a public repository: %s", got.body)
	}
}

// Tokens of one repository each list that one, and the workspace's token lists all.
func TestReach(t *testing.T) {
	s, w := start(t)
	for _, slug := range []string{"one", "two", "three"} {
		w.NewRepository(slug)
	}
	s.Workspace("other").NewRepository("four")
	s.AddAccessToken("first").Reach("acme/one")
	s.AddAccessToken("second").Reach("acme/two")
	s.AddAccessToken("workspace").Reach("acme")
	for name, want := range map[string]string{"first": "one", "second": "two", "workspace": "one two three"} {
		got := ask(s, acmePath+"?fields=values.slug", "Bearer "+name)
		if found := strings.Join(slugs(got.body), " "); found != want {
			t.Errorf("%s lists %q, want %q", name, found, want)
		}
		got = ask(s, "/repositories/other?fields=size", "Bearer "+name)
		if !same(got.body, `{"size":0}`) {
			t.Errorf("%s in another workspace: %s", name, got.body)
		}
	}
}

// slugs cuts the slugs out of a body.
func slugs(body string) (list []string) {
	for _, piece := range strings.Split(body, `"slug":"`)[1:] {
		slug, _, _ := strings.Cut(piece, `"`)
		list = append(list, slug)
	}
	return list
}

// The headers tell who asks.
func TestHeaders(t *testing.T) {
	s, w := start(t)
	w.NewRepository("website")
	s.AddAPIToken("ann@example.com", "t", "read:repository:bitbucket", "read:user:bitbucket")
	ann, both := basic("ann@example.com", "t"), "read:repository:bitbucket, read:user:bitbucket"
	for _, test := range []struct{ path, authorization, scopes, accepted, kind string }{
		{list, ann, both, "repository", "apikey"},
		{branch, ann, both, "repository", "apikey"},
		{list, "Bearer " + token, "repository", "repository", "accesstoken"},
		{list, "Bearer wrong", "", "", ""},
		{list, "", "", "", ""},
	} {
		h := ask(s, test.path, test.authorization).header
		if h.Get("X-OAuth-Scopes") != test.scopes || h.Get("X-Credential-Type") != test.kind ||
			h.Get("X-Accepted-OAuth-Scopes") != test.accepted || h.Get("Content-Type") != jsonType {
			t.Errorf("%s by %q: %v", test.path, test.authorization, h)
		}
	}
}

func TestAddresses(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	none := inError("No workspace with identifier 'None'.", "")
	noBranch := inError("No branch with name 'none/x'.", "")
	for path, want := range map[string]response{
		"/repositories/None?fields=size":                                       {status: 404, body: none},
		"/repositories/None/website/refs/branches/main?fields=name":            {status: 404, body: none},
		"/repositories/acme/none/refs/branches/main?fields=name":               {status: 404, body: notFound},
		"/repositories/ACME/Website/refs/branches/main?fields=name":            {status: 200, body: named},
		"/repositories/" + w.uuid + "/website/refs/branches/main?fields=name":  {status: 200, body: named},
		"/repositories/acme/" + r.UUID() + "/refs/branches/main?fields=name":   {status: 200, body: named},
		"/repositories/acme/website/refs/branches/none%2Fx?fields=target.hash": {status: 404, body: noBranch},
	} {
		if got := ask(s, path, bearer); got.status != want.status || !same(got.body, want.body) {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	r.RenameBranch("main", "feature/x")
	for _, name := range []string{"feature%2Fx", "feature/x"} {
		got := ask(s, "/repositories/acme/website/refs/branches/"+name+"?fields=target.hash", bearer)
		if got.status != http.StatusOK || !same(got.body, `{"target":{"hash":"`+r.Head()+`"}}`) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}
