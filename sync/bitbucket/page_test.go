package bitbucket

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// TestNextIsFollowedAtHomeOnly starts a second server, which must see no request: with it would
// come the credential.
func TestNextIsFollowedAtHomeOnly(t *testing.T) {
	var strangers atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		strangers.Add(1)
		t.Errorf("the other server was asked %s with %d bytes of credential", r.URL, len(r.Header.Get("Authorization")))
	}))
	defer other.Close()
	host := strings.TrimPrefix(other.URL, "http://")
	tests := []struct{ name, next, want string }{
		{"other port", other.URL + "/2.0/x?page=2&k=hunter2", "leads to another server: " + other.URL + "/2.0/x"},
		{"other scheme", "https://{home}/2.0/x", "leads to another server"},
		{"other name of this host", "http://localhost:{port}/2.0/x", "leads to another server"},
		{"user info", "http://ann:hunter2@{home}/2.0/x", "leads to another server"},
		{"home as user info", "http://{home}@" + host + "/2.0/x", "leads to another server"},
		{"no scheme", "//" + host + "/2.0/x", "is not a URL"},
		{"a path", "/2.0/x?page=2", "is not a URL"},
		{"no URL", "http://[::1/%zz", "is not a URL"},
		{"other path", "http://{home}/1.0/x", "leads out of the API"},
		{"longer path element", "http://{home}/2.0evil/x", "leads out of the API"},
		{"old alias", "http://{home}/!api/2.0/x", "leads out of the API"},
		{"dots", "http://{home}/2.0/../x", "leads out of the API"},
		{"escaped dots", "http://{home}/2.0/%2e%2e/x", "leads out of the API"},
		{"an ampersand for the question mark", "http://{home}/2.0/repositories/acme/x/commits&page=2", "has & for ?"},
		{"opaque", "mailto:x@example.com", "leads to another server"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t)
			home := strings.TrimPrefix(s.srv.URL, "http://")
			_, port, _ := strings.Cut(home, ":")
			next := strings.NewReplacer("{home}", home, "{port}", port).Replace(tt.next)
			s.then(turn{"", ok(commitPage(next, hashA))})
			got, err := walk(t.Context(), s.client(Config{}))
			if err == nil || !strings.Contains(err.Error(), "the next link "+tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if !IsNextLink(err) || IsNetwork(err) || IsTemporary(err) {
				t.Errorf("%v is a next link: %v", err, IsNextLink(err))
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v repeats a secret", err)
			}
			if !slices.Equal(got, []string{hashA}) {
				t.Errorf("the page before the link came as %v", got)
			}
		})
	}
	if strangers.Load() != 0 {
		t.Error("a request has left home")
	}
}

func TestRedirects(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the other server was asked %s with %d bytes of credential", r.URL, len(r.Header.Get("Authorization")))
	}))
	defer other.Close()
	first := "GET /repositories/acme/x/commits" + commitsQuery + "&include=" + hashA
	to := func(location string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusMovedPermanently)
		}
	}
	t.Run("at home", func(t *testing.T) {
		s := newStub(t, turn{first, to("/2.0/repositories/acme/y/commits?a=b")},
			turn{"GET /repositories/acme/y/commits?a=b", func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == "" {
					t.Error("the credential was lost")
				}
				ok(commitPage("", hashA))(w, r)
			}})
		b := newClock().budget(BudgetConfig{})
		if got, err := walk(t.Context(), s.client(Config{Budget: b})); err != nil || len(got) != 1 {
			t.Errorf("got %v, %v", got, err)
		}
		if b.Requests() != 2 {
			t.Errorf("%d requests were counted, want 2", b.Requests())
		}
	})
	t.Run("without end", func(t *testing.T) {
		s := newStub(t, slices.Repeat([]turn{{"", to("/2.0/again")}}, maxRedirects+1)...)
		if _, err := walk(t.Context(), s.client(Config{})); err == nil || !strings.Contains(err.Error(), "redirected to "+s.srv.URL+"/2.0/again") {
			t.Errorf("got %v", err)
		}
	})
	for _, location := range []string{other.URL + "/2.0/repositories?k=hunter2", "https://bitbucket.org/account/signin?k=hunter2", "/login?k=hunter2", "http://[::1/%zzhunter2"} {
		t.Run(location, func(t *testing.T) {
			s := newStub(t, turn{first, to(location)})
			_, err := walk(t.Context(), s.client(Config{}))
			if err == nil || !strings.Contains(err.Error(), "301 Moved Permanently: ") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v", err)
			}
			if where, _, _ := strings.Cut(location, "?"); strings.HasPrefix(where, "http") && !strings.Contains(where, "%") && !strings.Contains(err.Error(), where) {
				t.Errorf("%v does not say where to", err)
			}
		})
	}
	t.Run("POST", func(t *testing.T) {
		s := newStub(t, turn{"", to("/2.0/x")})
		r := Range{Include: slices.Repeat([]Hash{hash(hashA)}, 60)}
		for _, err := range s.client(Config{}).Commits(t.Context(), "acme", "x", r) {
			if err == nil || !strings.Contains(err.Error(), "a redirect of a POST to "+s.srv.URL+"/2.0/x") {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestLoops(t *testing.T) {
	at := "/repositories/acme/x/commits"
	tests := []struct {
		name  string
		nexts []string // below the base, of each page
	}{
		{"to the first page", []string{at + commitsQuery + "&include=" + hashA}},
		{"to itself", []string{at + "?page=2", at + "?page=2"}},
		{"round about", []string{at + "?page=2", at + "?page=3", at + "?page=2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t)
			for _, next := range tt.nexts {
				s.then(turn{"", ok(commitPage(s.base()+next, hashA))})
			}
			_, err := walk(t.Context(), s.client(Config{}))
			if !IsNextLink(err) || !strings.Contains(err.Error(), "leads back to a page that was read") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("ever new and empty", func(t *testing.T) {
		s := newStub(t)
		for i := range maxEmptyPages {
			s.then(turn{"", ok(commitPage(fmt.Sprintf("%s%s?page=%d", s.base(), at, i+2)))})
		}
		_, err := walk(t.Context(), s.client(Config{}))
		if !IsNextLink(err) || !strings.Contains(err.Error(), "100 pages in a row that are empty") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an empty page is not the end", func(t *testing.T) {
		s := newStub(t)
		s.then(turn{"", ok(commitPage(s.base() + at + "?page=2"))}, turn{"", ok(commitPage("", hashB))})
		if got, err := walk(t.Context(), s.client(Config{})); err != nil || !slices.Equal(got, []string{hashB}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestTheEnd(t *testing.T) {
	for _, next := range []string{``, `,"next":null`, `,"next":""`} {
		s := newStub(t, turn{"", ok(`{"values":[]` + next + `}`)})
		if got, err := walk(t.Context(), s.client(Config{})); err != nil || got != nil {
			t.Errorf("%s: got %v, %v", next, got, err)
		}
	}
}

// TestForgottenPages: a next page that Bitbucket no longer knows is told from other refusals, and
// from the same answer to the first page.
func TestForgottenPages(t *testing.T) {
	const invalid = `{"type":"error","error":{"message":"Invalid page"}}`
	const noRepo = `{"type":"error","error":{"message":"You may not have access to this repository or it no longer exists in this workspace."}}`
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   bool // of a next page; the first is none
	}{
		{"invalid page", answer(400, invalid), true},
		{"404", answer(404, noRepo), true},
		{"404 without a body", answer(404, ""), true},
		{"400", answer(400, `{"error":{"message":"Bad request"}}`), false},
		{"commit", answer(404, `{"error":{"message":"Commit not found","data":{"shas":["`+hashB+`"]}}}`), false},
		{"404 of another server", answer(404, "<html>", "Content-Type: text/html"), false},
		{"401", answer(401, ""), false},
		{"403", answer(403, ""), false},
		{"410", answer(410, ""), false},
	}
	for _, tt := range tests {
		s := newStub(t, turn{"", tt.answer})
		if _, err := walk(t.Context(), s.client(Config{})); err == nil || IsNextLink(err) {
			t.Errorf("%s on the first page: %v", tt.name, err)
		}
		s = newStub(t)
		s.then(turn{"", ok(commitPage(s.base()+"/repositories/acme/x/commits?page=2", hashA))}, turn{"", tt.answer})
		if got, err := walk(t.Context(), s.client(Config{})); len(got) != 1 || IsNextLink(err) != tt.want {
			t.Errorf("%s on the second page: %v, %v", tt.name, got, err)
		}
	}
}

// TestPageLen: a length is asked for, one that is refused is told, and one that the server makes
// smaller by itself is no end of the walk.
func TestPageLen(t *testing.T) {
	s := newStub(t)
	at := "GET /repositories/acme/x/commits"
	query := strings.Replace(commitsQuery, "pagelen=100", "pagelen=25", 1) + "&include=" + hashA
	s.then(turn{at + query, ok(`{"pagelen":10,` + commitPage(s.base()+"/repositories/acme/x/commits?page=2", hashA)[1:])},
		turn{at + "?page=2", ok(commitPage(s.base()+"/repositories/acme/x/commits?page=3", hashB))},
		turn{at + "?page=3", ok(commitPage("", hashC))},
		turn{at + query, answer(400, `{"type":"error","error":{"message":"Invalid pagelen"}}`)},
		turn{at + query, answer(400, `{"type":"error","error":{"message":"Invalid page"}}`)})
	c := s.client(Config{})
	for _, want := range []int{3, -1, 0} {
		n := 0
		var last error
		for p, err := range c.Commits(t.Context(), "acme", "x", Range{Include: []Hash{hash(hashA)}, PageLen: 25}) {
			n, last = n+len(p.Commits), err
		}
		if want > 0 && (n != want || last != nil) || IsPageLength(last) != (want < 0) {
			t.Errorf("%d commits, %v", n, last)
		}
	}
}

// TestJunkIsNeverTheEnd: whatever comes on the second page, and keeps coming, the walk fails.
func TestJunkIsNeverTheEnd(t *testing.T) {
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!DOCTYPE html><title>Sign in to the hotel's network</title>")
	}
	tests := []struct {
		name     string
		answer   http.HandlerFunc
		attempts int
		want     string
		network  bool
	}{
		{"cut", cut, 6, "connection closed in the middle of the answer: unexpected EOF (6 attempts)", true},
		{"reset", reset, 6, "connection closed in the middle of the answer: EOF (6 attempts)", true},
		{"empty body", ok(""), 6, "not a page of commits: it has no values (6 attempts)", true},
		{"half of it", ok(`{"values":[{"hash":"`), 6, "not a page of commits: damaged JSON (6 attempts)", true},
		{"a captive portal", html, 6, "/2.0 returned an HTML page, not Bitbucket's API (6 attempts)", true},
		{"plain text", answer(200, "OK\nreally", "Content-Type: text/plain"), 6, "not a page of commits: OK (6 attempts)", true},
		{"a picture", answer(200, "GIF89a", "Content-Type: image/gif"), 6, "not a page of commits: image/gif, not JSON (6 attempts)", true},
		{"something else", ok(`{}`), 6, "not a page of commits: it has no values (6 attempts)", false},
		{"no values", ok(`{"values":null}`), 6, "not a page of commits: it has no values (6 attempts)", false},
		{"next of another kind", ok(`{"values":[],"next":5}`), 6, `not a page of commits: its field "next" is of another kind (6 attempts)`, false},
		{"values of another kind", ok(`{"next":"x","values":[7]}`), 6, `not a page of commits: its field "values" is of another kind (6 attempts)`, false},
		{"a list", ok(`[]`), 6, "not a page of commits: it has no values (6 attempts)", false},
		{"an error with 200", ok(`{"type":"error","error":{"message":"Something went wrong."}}`), 6, "not a page of commits: Something went wrong (6 attempts)", false},
		{"a bad hash", answer(200, commitPage("", "main")), 1, `commit: "main" is not a hash of 40 digits`, false},
		{"no content", answer(204, ""), 1, "204 No Content", false},
		{"503", answer(503, "<html>", "Content-Type: text/html"), 6, "503 Service Unavailable: an HTML page, not JSON (6 attempts)", false},
		{"555", answer(555, ""), 6, "commits (page 2): 555 (6 attempts)", false},
		{"400", answer(400, `{"type":"error","error":{"message":"Invalid page"}}`), 1, "400 Bad Request: Invalid page", false},
		{"404", answer(404, ""), 1, "404 Not Found", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t)
			// On a connection that was used before, net/http itself would ask once more after a
			// reset, which is not what is tested here.
			s.then(turn{"", answer(200, commitPage(s.base()+"/repositories/acme/x/commits?page=2&k=hunter2", hashA),
				"Connection: close")})
			s.then(slices.Repeat([]turn{{"GET /repositories/acme/x/commits?page=2&k=hunter2", tt.answer}}, tt.attempts)...)
			got, err := walk(t.Context(), s.client(Config{}))
			if !slices.Equal(got, []string{hashA}) {
				t.Errorf("the first page came as %v", got)
			}
			if err == nil || !strings.HasPrefix(err.Error(), "GET /repositories/acme/x/commits (page 2): ") || !strings.HasSuffix(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if IsNetwork(err) != tt.network {
				t.Errorf("IsNetwork is %v", !tt.network)
			}
		})
	}
}
