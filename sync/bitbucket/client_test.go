package bitbucket

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The queries are pinned: a fields list that has lost next ends every walk after a page.
const (
	commitsQuery = "?pagelen=100&fields=next,values.hash,values.date,values.message," +
		"values.parents.hash,values.author.raw,values.author.user.uuid,values.author.user.type"
	reposQuery = "?pagelen=100&sort=created_on&fields=next,size,values.uuid,values.slug," +
		"values.name,values.project.key,values.is_private,values.size,values.parent.uuid,values.parent.full_name," +
		"values.updated_on,values.mainbranch.name,values.mainbranch.target.hash"
)

func TestNewRefuses(t *testing.T) {
	cred := credential(t, "", "some-access-token")
	tests := []struct{ name, url, want string }{
		{"plain http", "http://api.bitbucket.org/2.0", "loopback"},
		{"a name like loopback", "http://localhost.example.com/2.0", "loopback"},
		{"a number like loopback", "http://127.0.0.1.example.com/2.0", "loopback"},
		{"no scheme", "api.bitbucket.org/2.0", "https://"},
		{"other scheme", "ftp://api.bitbucket.org/2.0", "https://"},
		{"no host", "https:///2.0", "https://"},
		{"empty", "", "https://"},
		{"user", "https://ann:hunter2@api.bitbucket.org/2.0", "user"},
		{"query", "https://api.bitbucket.org/2.0?a=hunter2", "query"},
		{"fragment", "https://api.bitbucket.org/2.0#hunter2", "fragment"},
		{"dots", "https://api.bitbucket.org/a/../2.0", ".."},
		{"no URL", "https://ann:hunter2@api bitbucket/%zz", "not a URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Config{BaseURL: tt.url, Credential: cred})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v repeats a password", err)
			}
		})
	}
	if _, err := New(Config{BaseURL: "http://x/2.0", Credential: cred}); !errors.Is(err, errPlainHTTP) {
		t.Errorf("got %v, want errPlainHTTP", err)
	}
	if _, err := New(Config{BaseURL: "https://x/2.0"}); err == nil || err.Error() != "no credential" {
		t.Errorf("got %v, want no credential", err)
	}
	for _, url := range []string{"https://api.bitbucket.org/2.0/", "http://127.0.0.1:80", "http://[::1]:80/2.0", "http://LocalHost/x"} {
		if _, err := New(Config{BaseURL: url, Credential: cred}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	tests := []struct {
		name, email, token, want string
	}{
		{"API token", "ann@example.com", "ATATTx", "Basic YW5uQGV4YW1wbGUuY29tOkFUQVRUeA=="},
		{"access token", "", "ATCTTx", "Bearer ATCTTx"},
		{"access token with an e-mail", "ann@example.com", "ATCTTx", "Bearer ATCTTx"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got http.Header
			s := newStub(t, turn{"", func(w http.ResponseWriter, r *http.Request) {
				got = r.Header.Clone()
				ok(`{"values":[],"size":0}`)(w, r)
			}})
			c := s.client(Config{Credential: credential(t, tt.email, tt.token), UserAgent: "trunkstat/1"})
			if _, err := c.Verify(t.Context(), "acme"); err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{"Authorization": tt.want, "User-Agent": "trunkstat/1",
				"Accept": "application/json", "Accept-Encoding": "gzip"} {
				if got.Get(name) != want {
					t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
				}
			}
		})
	}
}

func TestRepositories(t *testing.T) {
	s := newStub(t)
	s.then(
		turn{"GET /repositories/acme" + reposQuery, ok(`{"size":4,"values":[
			{"uuid":"{1}","slug":"one","name":"One","is_private":true,"size":2097152,"project":{"key":"P"},"updated_on":"2025-03-31T12:00:00.123456+00:00",
			 "mainbranch":{"name":"main","target":{"hash":"` + hashA + `"}}},
			{"uuid":"{2}","slug":"two","parent":{"uuid":"{1}","full_name":"acme/one"},"mainbranch":{"name":"feature/x"}}],
			"next":"` + s.base() + `/repositories/acme?page=2"}`)},
		turn{"GET /repositories/acme?page=2", ok(`{"values":[
			{"uuid":"{3}","slug":"empty","mainbranch":null,"parent":null,"project":null},
			{"uuid":"{4}","slug":"four","mainbranch":{"name":"main","target":null}}]}`)},
	)
	var got []Listing
	for l, err := range s.client(Config{}).Repositories(t.Context(), "acme") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, l)
	}
	want := []Listing{
		{Size: 4, Repositories: []Repository{
			{UUID: "{1}", Slug: "one", Name: "One", Project: "P", Private: true, Size: 2 << 20, MainBranch: "main", Head: hash(hashA),
				UpdatedOn: time.Date(2025, 3, 31, 12, 0, 0, 123456000, time.UTC)},
			{UUID: "{2}", Slug: "two", ForkOf: "acme/one", ForkOfUUID: "{1}", MainBranch: "feature/x"}}},
		{Repositories: []Repository{
			{UUID: "{3}", Slug: "empty"},
			{UUID: "{4}", Slug: "four"}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// TestHeadsThatAreNone are not reported and cost nobody else the listing.
func TestHeadsThatAreNone(t *testing.T) {
	for _, head := range []string{`""`, `"abc"`, `"` + hashA[1:] + `g"`, `"` + hashA + `0"`, `"main"`, `null`} {
		s := newStub(t, turn{"", ok(`{"values":[{"uuid":"{1}","slug":"x","mainbranch":{"name":"m","target":{"hash":` + head + `}}}]}`)})
		for l, err := range s.client(Config{}).Repositories(t.Context(), "acme") {
			if err != nil || len(l.Repositories) != 1 || l.Repositories[0].MainBranch != "m" || l.Repositories[0].Head != (Hash{}) {
				t.Errorf("%s: %+v, %v", head, l, err)
			}
		}
	}
}

// TestUUIDsHaveOneCase: they are keys.
func TestUUIDsHaveOneCase(t *testing.T) {
	s := newStub(t, turn{"", ok(`{"values":[{"uuid":"{AB-c}","slug":"X","parent":{"uuid":"{DE}","full_name":"acme/Y"}}]}`)})
	for l, err := range s.client(Config{}).Repositories(t.Context(), "acme") {
		if err != nil || l.Repositories[0].UUID != "{ab-c}" || l.Repositories[0].ForkOfUUID != "{de}" {
			t.Errorf("%+v, %v", l, err)
		}
	}
}

// TestUnusableRows: a row that says too little costs itself, and is counted.
func TestUnusableRows(t *testing.T) {
	s := newStub(t, turn{"", ok(`{"size":5,"values":[null,{"slug":"x"},{"uuid":"{2}"},{},{"uuid":"{3}","slug":"three"}]}`)})
	for l, err := range s.client(Config{}).Repositories(t.Context(), "acme") {
		want := Listing{Repositories: []Repository{{UUID: "{3}", Slug: "three"}}, Size: 5, Unusable: 4}
		if err != nil || !reflect.DeepEqual(l, want) {
			t.Errorf("got %+v, %v", l, err)
		}
	}
}

// TestDefaultBranches: a branch that does not exist is told from one whose head the listing does not say.
func TestDefaultBranches(t *testing.T) {
	for row, want := range map[string]Repository{
		`null`:                                              {},
		`{"name":"main"}`:                                   {MainBranch: "main"},
		`{"name":"main","target":null}`:                     {},
		`{"name":"main","target":{}}`:                       {MainBranch: "main"},
		`{"name":"main","target":7}`:                        {MainBranch: "main"},
		`{"name":"","target":{"hash":"` + hashA + `"}}`:     {},
		`{"name":"main","target":{"hash":"` + hashA + `"}}`: {MainBranch: "main", Head: hash(hashA)},
	} {
		s := newStub(t, turn{"", ok(`{"values":[{"uuid":"{1}","slug":"x","mainbranch":` + row + `}]}`)})
		for l, err := range s.client(Config{}).Repositories(t.Context(), "acme") {
			want.UUID, want.Slug = "{1}", "x"
			if err != nil || l.Repositories[0] != want {
				t.Errorf("%s: got %+v, %v", row, l.Repositories[0], err)
			}
		}
	}
}

// TestDateOfRepositoryThatIsNone counts as absent.
func TestDateOfRepositoryThatIsNone(t *testing.T) {
	s := newStub(t, turn{"", ok(`{"values":[{"uuid":"{1}","slug":"x","updated_on":"soon"}]}`)})
	for l, err := range s.client(Config{}).Repositories(t.Context(), "acme") {
		if err != nil || !l.Repositories[0].UpdatedOn.IsZero() {
			t.Errorf("%+v, %v", l, err)
		}
	}
}

// TestListingOfAnotherForm: what is wrong with a page is named.
func TestListingOfAnotherForm(t *testing.T) {
	for body, want := range map[string]string{
		`{"values":[],"next":5}`: `its field "next" is of another kind`, `{"values":[{"uuid":"{1}","slug":5}]}`: `its field "values.slug" is of another kind`,
		`[]`: `it has no values`, `{}`: `it has no values`,
	} {
		_, err := decodePage[*repositoryJSON]([]byte(body), repositoryPage)
		if err == nil || err.Error() != "not a page of repositories: "+want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

func TestCommits(t *testing.T) {
	s := newStub(t)
	at := "/repositories/acme/%7B85d0-b4%7D/commits"
	s.then(
		turn{"GET " + at + commitsQuery + "&include=" + hashA + "&include=" + hashB + "&exclude=" + hashC,
			ok(commitPage(s.base()+at+"?ctx=o%2Fp&page=2", hashA))},
		turn{"GET " + at + "?ctx=o%2Fp&page=2", ok(commitPage("", hashB))},
	)
	var got []string
	r := Range{Include: []Hash{hash(hashA), hash(hashB)}, Exclude: []Hash{hash(hashC)}}
	for page, err := range s.client(Config{}).Commits(t.Context(), "acme", "{85d0-b4}", r) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Commits[0].Hash.String())
	}
	if want := []string{hashA, hashB}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCommitsOfALongRangeArePosted(t *testing.T) {
	r := Range{Exclude: []Hash{hash(hashC)}}
	form := ""
	for i := range 60 {
		r.Include = append(r.Include, hash(fmt.Sprintf("%040x", i)))
		form += "include=" + r.Include[i].String() + "&"
	}
	s := newStub(t)
	s.then(
		turn{"POST /repositories/acme/x/commits" + commitsQuery + " " + form + "exclude=" + hashC,
			func(w http.ResponseWriter, req *http.Request) {
				if got := req.Header.Get("Content-Type"); got != "application/x-www-form-urlencoded" {
					t.Errorf("Content-Type is %q", got)
				}
				answer(503, "")(w, req)
			}},
		turn{"POST /repositories/acme/x/commits" + commitsQuery + " " + form + "exclude=" + hashC,
			ok(commitPage(s.base()+"/repositories/acme/x/commits?ctx=1&page=2", hashA))},
		turn{"GET /repositories/acme/x/commits?ctx=1&page=2", ok(commitPage("", hashB))},
	)
	n := 0
	for page, err := range s.client(Config{}).Commits(t.Context(), "acme", "x", r) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Commits)
	}
	if n != 2 {
		t.Errorf("got %d commits, want 2", n)
	}
}

func TestCommitsURLStaysShort(t *testing.T) {
	c := newStub(t).client(Config{})
	for n := 1; n < 80; n++ {
		req := c.rangeRequest("acme", "x", Range{Include: slices.Repeat([]Hash{hash(hashA)}, n)})
		whole := c.base.String() + "/repositories/acme/x/commits" + commitsQuery + strings.Repeat("&include="+hashA, n)
		if want := len(whole) > 2000; (req.method == "POST") != want || len(req.url) > 2000 {
			t.Fatalf("%d includes: %s with a URL of %d bytes", n, req.method, len(req.url))
		}
	}
}

func TestCommitsWithoutIncludeSendsNothing(t *testing.T) {
	s := newStub(t)
	budget := newClock().budget(BudgetConfig{})
	c := s.client(Config{Budget: budget})
	tests := []struct {
		name      string
		workspace string
		r         Range
		want      error
	}{
		{"nothing", "acme", Range{}, errNoInclude},
		{"exclude alone", "acme", Range{Exclude: []Hash{hash(hashA)}}, errNoInclude},
		{"no workspace", "", Range{Include: []Hash{hash(hashA)}}, nil},
		{"dots for a workspace", "..", Range{Include: []Hash{hash(hashA)}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, err := range c.Commits(t.Context(), tt.workspace, "x", tt.r) {
				if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("got %v, want %v", err, tt.want)
				}
			}
		})
	}
	if budget.Requests() != 0 {
		t.Errorf("%d requests were counted", budget.Requests())
	}
}

func TestHead(t *testing.T) {
	tests := []struct{ branch, escaped string }{
		{"main", "main"}, {"feature/BB-1", "feature%2FBB-1"}, {"a b#c?d%e", "a%20b%23c%3Fd%25e"}, {"größe", "gr%C3%B6%C3%9Fe"},
	}
	for _, tt := range tests {
		t.Run(tt.branch, func(t *testing.T) {
			s := newStub(t, turn{"GET /repositories/acme/x/refs/branches/" + tt.escaped + "?fields=target.hash",
				ok(`{"target":{"hash":"` + hashA + `"}}`)})
			got, err := s.client(Config{}).Head(t.Context(), "acme", "x", tt.branch)
			if got.String() != hashA || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for body, want := range map[string]string{
		`{"target":{"hash":"main"}}`: `target: "main" is not a hash of 40 digits`,
		`{"target":null}`:            "not a branch: it has no target (6 attempts)",
	} {
		s := newStub(t, slices.Repeat([]turn{{"", ok(body)}}, strings.Count(want, "attempts")*5+1)...)
		_, err := s.client(Config{}).Head(t.Context(), "acme", "x", "main")
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

func TestVerify(t *testing.T) {
	request := "GET /repositories/%7B1-2%7D?pagelen=1&fields=size,values.uuid"
	tests := []struct {
		name    string
		body    string
		headers []string
		want    Verification
	}{
		{"a token that says it all", `{"size":407,"values":[{"uuid":"{1}"}]}`,
			[]string{"X-Oauth-Scopes: read:repository:bitbucket, read:user:bitbucket", "X-Credential-Type: apikey"},
			Verification{407, []string{"read:repository:bitbucket", "read:user:bitbucket"}}},
		{"no size", `{"values":[{"uuid":"{1}"}]}`, nil, Verification{Repositories: 1}},
		{"nothing to see", `{"size":0,"values":[]}`, nil, Verification{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, turn{request, answer(200, tt.body, tt.headers...)})
			got, err := s.client(Config{}).Verify(t.Context(), "{1-2}")
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// TestExchangesAreReadable: uuids come unescaped, and pages are numbered.
func TestExchangesAreReadable(t *testing.T) {
	s := newStub(t)
	s.then(turn{"", ok(commitPage(s.base()+"/repositories/acme/%7B85d0%7D/commits?page=2", hashA))}, turn{"", ok(commitPage(""))},
		turn{"", ok(`{"target":{"hash":"` + hashA + `"}}`)})
	var got []string
	c := s.client(Config{Trace: func(e Exchange) { got = append(got, fmt.Sprint(e.Path, " ", e.Page)) }})
	for _, err := range c.Commits(t.Context(), "acme", "{85d0}", Range{Include: []Hash{hash(hashA)}}) {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Head(t.Context(), "acme", "{85d0}", "feature/x"); err != nil {
		t.Error(err)
	}
	want := []string{"/repositories/acme/{85d0}/commits 1", "/repositories/acme/{85d0}/commits 2", "/repositories/acme/{85d0}/refs/branches/feature/x 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTrace pins what --verbose shows.
func TestTrace(t *testing.T) {
	s := newStub(t)
	s.then(
		turn{"", answer(502, "")},
		turn{"", ok(commitPage(s.base()+"/repositories/acme/x/commits?page=2&t="+testToken, hashA))},
		turn{"", answer(404, "")},
	)
	var got []string
	c := s.client(Config{Trace: func(e Exchange) {
		got = append(got, fmt.Sprint(e.Method, " ", e.Path, " ", e.Page, " ", e.Status, " ", e.Attempt, " ", e.Err != nil))
	}})
	if _, err := walk(context.Background(), c); !IsNotFound(err) {
		t.Errorf("got %v, want 404", err)
	}
	path := "GET /repositories/acme/x/commits "
	want := []string{path + "1 502 1 true", path + "1 200 2 false", path + "2 404 1 true"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
