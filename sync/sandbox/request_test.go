package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// A request that no sync sends is answered with an error and kept, with its problem.
func TestUnexpected(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddAccessToken(token)
	r := s.Workspace("acme").NewRepository("website")
	r.Commits("main", 1)
	hash, fields := "include="+r.Head(), "fields=values.hash"
	tests := []struct {
		method, path string
		status       int
		problem      string
	}{
		{"GET", "/repositories/acme/website/pullrequests", 404, "no such address"},
		{"GET", "/repositories/acme/website", 404, "no such address"},
		{"GET", "/repositories/acme/website/commits/main", 404, "no such address"},
		{"GET", "/repositories/acme/website/refs/branches", 404, "no such address"},
		{"GET", "/repositories/acme//commits", 404, "no such address"},
		{"GET", "/user", 404, "no such address"},
		{"GET", "/workspaces/acme", 404, "no such address"},
		{"HEAD", "/repositories/acme?fields=size", 404, "no such address"},
		{"POST", "/repositories/acme?fields=size", 404, "no such address"},
		{"DELETE", "/repositories/acme/website/commits", 404, "no such address"},
		{"GET", "/repositories/acme?fields=size&q=x", 400, "unexpected parameter q"},
		{"GET", "/repositories/acme?fields=size&role=member", 400, "unexpected parameter role"},
		{"GET", "/repositories/acme?fields=size&sort=colour", 400, "unexpected sort colour"},
		{"GET", "/repositories/acme?fields=size&pagelen=1&pagelen=2", 400, "parameter pagelen is repeated"},
		{"GET", "/repositories/acme", 400, `unexpected field ""`},
		{"GET", "/repositories/acme?fields=size,values.sulg", 400, `unexpected field "values.sulg"`},
		{"GET", "/repositories/acme?fields=%2Bvalues.size", 400, `unexpected field "+values.size"`},
		{"GET", commitsPath + "?" + hash + "&fields=values.mainbranch.name", 400, "unexpected field"},
		{"GET", commitsPath + "?" + hash + "&since=2020&" + fields, 400, "unexpected parameter since"},
		{"GET", commitsPath + "?" + fields, 400, "a range without include"},
		{"GET", commitsPath + "?include=main&" + fields, 400, `"main" is not a full hash`},
		{"GET", commitsPath + "?" + hash + "&exclude=abcdef123&" + fields, 400, "is not a full hash"},
		{"GET", commitsPath + "?" + hash + "&" + fields + "&path=%zz", 400, "invalid URL escape"},
	}
	for _, test := range tests {
		s.ResetRequests()
		q, err := http.NewRequest(test.method, s.URL()+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Authorization", bearer)
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		found := s.Unexpected()
		if resp.StatusCode != test.status || len(found) != 1 ||
			!strings.Contains(found[0].Problem, test.problem) {
			t.Errorf("%s %s: %d, %+v, want %s", test.method, test.path, resp.StatusCode, found, test.problem)
		}
	}
	outside := strings.TrimSuffix(s.URL(), "/2.0") + "/1.0/repositories/acme?fields=size"
	if got := ask(s, outside, ""); got.status != 404 || len(s.Unexpected()) != 2 {
		t.Errorf("outside of /2.0: %d, %+v", got.status, s.Unexpected())
	}
}

func TestRequestLog(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 40)
	head := r.Head()
	var order []int
	s.OnRequest(func(n int, q *http.Request) {
		order = append(order, n)
		if n == 2 { // the branch is rewritten between the listing and the commits
			r.ForcePush("main", 1)
			r.GC()
		}
	})
	get(t, s, acmePath+"?fields=values.slug")
	if status, _ := get(t, s, commitsPath+"?"+commitFields+"&include="+head); status != http.StatusNotFound {
		t.Errorf("the hook came too late: %d", status)
	}
	walk(t, s, commitsOf(r, ""))
	log := s.Requests()
	if len(log) != 4 || len(order) != 4 || order[3] != 4 {
		t.Fatalf("%d requests, hook %v", len(log), order)
	}
	if q := log[1]; q.N != 2 || q.Kind != CommitsKind || q.Status != 404 || q.Query.Get("include") != head ||
		q.Path != commitsPath || q.Method != "GET" || q.Credential != AccessToken {
		t.Errorf("%+v", q)
	}
	ask(s, list, "")
	ask(s, list, basic("ann@example.com", "wrong"))
	if log := s.Requests(); log[4].Credential != Anonymous || log[5].Credential != APIToken {
		t.Errorf("%+v", log[4:])
	}
	if s.Count(CommitsKind) != 3 || s.Count(Listing) != 3 || s.Count() != 6 {
		t.Errorf("%d requests for commits, %d for listings", s.Count(CommitsKind), s.Count(Listing))
	}
	if s.ResetRequests(); s.Count() != 0 {
		t.Error("the log is not empty")
	}
}
