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

const (
	unauthorized = `{"type":"error","error":{"message":"Token is invalid, expired, or not ` +
		`supported for this endpoint."}}`
	wrongKind = `{"type":"error","error":{"message":"This API is not accessible by this ` +
		`authentication mechanism"}}`
)

// lacks is the refusal of a credential that has one scope where another is required.
func lacks(granted, required string) string {
	return `{"type":"error","error":{"message":"Your credentials lack one or more required ` +
		`privilege scopes.","detail":{"granted":["` + granted + `"],"required":["` + required + `"]}}}`
}

const (
	list    = "/repositories/acme?fields=size,values.slug"
	listed  = `{"values":[{"slug":"website"}],"size":1}`
	nothing = `{"values":[],"size":0}`
	repo    = "/repositories/acme/website?fields=slug"
	read    = "read:repository:bitbucket"
)

var (
	ann = basic("ann@example.com", "ATATT-good")
	all = basic("all@example.com", "ATATT-all")
)

var authTests = []struct {
	name, authorization, path string
	status                    int
	body                      string // "": any
}{
	{"API token", ann, list, 200, listed},
	{"API token, repository", ann, repo, 200, `{"slug":"website"}`},
	{"API token as Bearer", "Bearer ATATT-good", list, 401, unauthorized},
	{"API token, another e-mail", basic("bob@example.com", "ATATT-good"), list, 401, unauthorized},
	{"API token that may only write", basic("write@example.com", "ATATT-write"), list, 403,
		lacks("write:repository:bitbucket", read)},
	{"access token", "Bearer ATCTT-good", list, 200, listed},
	{"access token as Basic", basic("x-token-auth", "ATCTT-good"), list, 401, unauthorized},
	{"access token without the scope", "Bearer ATCTT-issues", list, 403, lacks("issue", "repository")},
	{"access token whose scope implies it", "Bearer ATCTT-project", list, 200, listed},
	{"access token that reaches nothing", "Bearer ATCTT-none", list, 200, nothing},
	{"… asks for a repository", "Bearer ATCTT-none", repo, 404, string(noRepository().body)},
	{"app password", basic("ann", "ATBB-dead"), list, 401, unauthorized},
	{"malformed", "Bearer", list, 401, unauthorized},
	{"expired", basic("old@example.com", "ATATT-old"), list, 401, unauthorized},
	{"revoked", "Bearer ATCTT-revoked", list, 401, unauthorized},
	{"nobody", "", list, 200, nothing},
	{"nobody asks for a repository", "", repo, 404, string(noRepository().body)},
	{"nobody asks for commits", "", "/repositories/acme/website/commits", 404, string(noRepository().body)},
	{"user, API token", ann, "/user", 403,
		lacks(read, "read:user:bitbucket")},
	{"user, API token with the scope", all, "/user", 200, ""},
	{"user, access token", "Bearer ATCTT-good", "/user", 403, wrongKind},
	{"user, nobody", "", "/user", 401, unauthorized},
	{"workspaces, access token", "Bearer ATCTT-good", "/user/workspaces", 403, wrongKind},
	{"workspaces, API token", all, "/user/workspaces?fields=values.workspace.slug", 200,
		`{"values":[{"workspace":{"slug":"acme"}}]}`},
	{"workspace, API token", ann, "/workspaces/acme", 403,
		lacks(read, "read:workspace:bitbucket")},
	{"workspace, access token", "Bearer ATCTT-good", "/workspaces/acme?fields=slug", 200, `{"slug":"acme"}`},
}

// Point 11: who may ask what.
func TestAuth(t *testing.T) {
	s, w := start(t)
	w.NewRepository("website").Commits("main", 1)
	s.AddAPIToken("ann@example.com", "ATATT-good")
	s.AddAPIToken("all@example.com", "ATATT-all", read, "read:user:bitbucket", "read:workspace:bitbucket")
	s.AddAPIToken("write@example.com", "ATATT-write", "write:repository:bitbucket")
	s.AddAccessToken("ATCTT-good")
	s.AddAccessToken("ATCTT-issues", "issue")
	s.AddAccessToken("ATCTT-project", "project")
	s.AddAccessToken("ATCTT-none").Reach()
	s.AddAPIToken("old@example.com", "ATATT-old").Expire(time.Now().Add(-time.Second))
	s.AddAccessToken("ATCTT-revoked").Revoke()
	for _, test := range authTests {
		status, raw := getRaw(t, s, test.path, test.authorization)
		if status != test.status || test.body != "" && string(raw) != test.body {
			t.Errorf("%s: %d %s, want %d %s", test.name, status, raw, test.status, test.body)
		}
	}
	w.Repository("website").SetPublic(true)
	if _, raw := getRaw(t, s, list, ""); string(raw) != listed {
		t.Errorf("a public repository: %s", raw)
	}
}

func TestReach(t *testing.T) {
	s, w := start(t)
	for _, slug := range []string{"one", "two", "three"} {
		w.NewRepository(slug)
	}
	s.Workspace("other").NewRepository("four")
	s.AddAccessToken("repository").Reach("acme/two")
	s.AddAccessToken("workspace").Reach("acme")
	for name, want := range map[string]string{"repository": `{"size":1}`, "workspace": `{"size":3}`} {
		if _, raw := getRaw(t, s, "/repositories/acme?fields=size", "Bearer "+name); string(raw) != want {
			t.Errorf("%s: %s, want %s", name, raw, want)
		}
		if _, raw := getRaw(t, s, "/repositories/other?fields=size", "Bearer "+name); string(raw) != `{"size":0}` {
			t.Errorf("%s in another workspace: %s", name, raw)
		}
	}
}

// response asks and returns the answer without its body.
func response(t *testing.T, s *Server, path, authorization string, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest("GET", s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// Point 12: the headers that say who asks.
func TestHeaders(t *testing.T) {
	s, w := start(t)
	w.NewRepository("website")
	s.AddAPIToken("ann@example.com", "t", "read:repository:bitbucket", "read:user:bitbucket")
	ann := basic("ann@example.com", "t")
	for _, test := range []struct{ path, authorization, scopes, kind string }{
		{"/repositories/acme", ann, "read:repository:bitbucket, read:user:bitbucket", "apikey"},
		{"/repositories/acme/none", ann, "read:repository:bitbucket, read:user:bitbucket", "apikey"},
		{"/repositories/acme", "Bearer " + token, "repository", "accesstoken"},
		{"/repositories/acme", "Bearer wrong", "", ""},
		{"/repositories/acme", "", "", ""},
	} {
		h := response(t, s, test.path, test.authorization).Header
		accepted := "repository"
		if test.scopes == "" {
			accepted = ""
		}
		if h.Get("X-OAuth-Scopes") != test.scopes || h.Get("X-Credential-Type") != test.kind ||
			h.Get("X-Accepted-OAuth-Scopes") != accepted {
			t.Errorf("%s by %q: %v", test.path, test.authorization, h)
		}
		if !strings.Contains(h.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %v", test.path, h)
		}
	}
	first := response(t, s, "/repositories/acme", ann)
	tag := first.Header.Get("ETag")
	if !strings.HasPrefix(tag, `"gz[`) || first.Header.Get("Vary") == "" {
		t.Errorf("headers %v", first.Header)
	}
	again := response(t, s, "/repositories/acme", ann, "If-None-Match", tag)
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("asked for another version: %s", again.Status)
	}
	w.NewRepository("more")
	again = response(t, s, "/repositories/acme", ann, "If-None-Match", tag)
	if again.StatusCode != http.StatusOK {
		t.Errorf("changed: %s", again.Status)
	}
}
