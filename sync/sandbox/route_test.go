package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// Point 14: what is gone, unknown or not modelled.
func TestAddresses(t *testing.T) {
	s, w := start(t)
	w.NewRepository("website").Commits("main", 1)
	s.Workspace("spam").Spam(true)
	const gone = `{"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated",` +
		`"detail":"Please read the changelog entry for more details.","data":{"announcement_url":` +
		`"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}},"data":{"announcement_url":` +
		`"https://developer.atlassian.com/cloud/bitbucket/changelog#CHANGE-2770"}}`
	const noAccess = `{"type":"error","error":{"message":"You may not have access to this repository or ` +
		`it no longer exists in this workspace. If you think this repository exists and you have ` +
		`access, make sure you are authenticated."}}`
	const none = `{"type":"error","error":{"message":"No workspace with identifier 'None'."}}`
	for path, want := range map[string]struct {
		status int
		body   string // what it begins with
	}{
		"/repositories":                          {410, gone},
		"/workspaces?pagelen=10":                 {410, gone},
		"/user/permissions/repositories":         {410, gone},
		"/user/permissions/workspaces":           {410, gone},
		"/repositories/None":                     {404, none},
		"/repositories/None/website/commits":     {404, none},
		"/workspaces/None":                       {404, none},
		"/repositories/spam":                     {410, `{"type":"error"`},
		"/repositories/spam/x":                   {410, `{"type":"error"`},
		"/repositories/acme/none":                {404, noAccess},
		"/repositories/ACME/Website?fields=slug": {200, `{"slug":"website"}`},
	} {
		status, raw := getRaw(t, s, path, "Bearer "+token)
		if status != want.status || !strings.HasPrefix(string(raw), want.body) {
			t.Errorf("%s: %d %s", path, status, raw)
		}
	}
}

func TestForbid(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	for _, status := range []int{403, 404} {
		r.Forbid(status)
		if got := slugs(t, s, "/repositories/acme"); got != "website" {
			t.Errorf("the listing has %q", got)
		}
		for _, path := range []string{"", "/commits", "/refs/branches/main", "/commit/" + r.Head()} {
			if got, _ := get(t, s, "/repositories/acme/website"+path); got != status {
				t.Errorf("%q: %d, want %d", path, got, status)
			}
		}
	}
	r.Forbid(0)
	if got, _ := get(t, s, "/repositories/acme/website"); got != http.StatusOK {
		t.Errorf("not forbidden any more: %d", got)
	}
}

// A request that nobody expects is answered with an error and kept.
func TestUnexpected(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddAccessToken(token)
	s.Workspace("acme").NewRepository("website").Commits("main", 1)
	paths := map[string]int{
		"/repositories/acme/website/pullrequests": 404,
		"/teams/acme": 404,
		"/repositories/acme/website/commits?since=2020": 400,
		"/repositories/acme?limit=100":                  400,
		"/repositories/acme/website?pagelen=1":          400,
		"/repositories/acme//commits":                   404,
	}
	for path, want := range paths {
		if status, _ := getRaw(t, s, path, "Bearer "+token); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	base := strings.TrimSuffix(s.URL(), "/2.0")
	resp, err := http.Get(base + "/1.0/repositories/acme")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 404 || len(s.Unexpected()) != len(paths)+1 {
		t.Errorf("status %d, %d unexpected, want %d", resp.StatusCode, len(s.Unexpected()), len(paths)+1)
	}
}

func TestRequestLog(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 40)
	var order []int
	s.OnRequest(func(n int, q *http.Request) {
		order = append(order, n)
		if n == 2 { // the default branch is renamed between the listing and the commits
			r.RenameBranch("main", "trunk")
		}
	})
	get(t, s, "/repositories/acme?fields=values.mainbranch.name")
	if status, _ := get(t, s, "/repositories/acme/website/commits?include=main"); status != http.StatusNotFound {
		t.Errorf("the hook came too late: %d", status)
	}
	walk(t, s, "/repositories/acme/website/commits?include=trunk")
	getRaw(t, s, "/repositories/acme", "")
	log := s.Requests()
	if len(log) != 5 || len(order) != 5 || order[4] != 5 {
		t.Fatalf("%d requests, hook %v", len(log), order)
	}
	if q := log[1]; q.N != 2 || q.Kind != CommitsKind || q.Status != 404 || q.Query.Get("include") != "main" ||
		q.Path != "/repositories/acme/website/commits" || q.Credential != AccessToken || q.Method != "GET" {
		t.Errorf("%+v", q)
	}
	if log[4].Credential != Anonymous || s.Count(CommitsKind) != 3 || s.Count(Listing) != 2 || s.Count() != 5 {
		t.Errorf("%+v, %d, %d", log[4], s.Count(CommitsKind), s.Count(Listing))
	}
	s.ResetRequests()
	if s.Count() != 0 {
		t.Error("the log is not empty")
	}
}
