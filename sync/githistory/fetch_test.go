package githistory

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

const token = "ATCTT3x-secret-of-the-tests"

// served starts a sandbox with a git directory in it, as acme/web.
func served(t *testing.T, dir string) (*sandbox.Server, Remote) {
	t.Helper()
	s, err := sandbox.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.AddAccessToken(token)
	if dir != "" {
		if _, err := s.Workspace("acme").AddGit(dir, "web"); err != nil {
			t.Fatal(err)
		}
	}
	return s, Remote{URL: s.GitURL() + "/acme/web.git", User: AccessTokenUser, Token: func() string { return token }, Transport: http.DefaultTransport}
}

// fromAPI reads the default branch of acme/web over the API.
func fromAPI(t *testing.T, s *sandbox.Server, head Hash) (list []Commit) {
	t.Helper()
	credential, err := bitbucket.NewCredential("", token)
	if err != nil {
		t.Fatal(err)
	}
	client, err := bitbucket.New(bitbucket.Config{BaseURL: s.URL(), Credential: credential})
	if err != nil {
		t.Fatal(err)
	}
	for page, err := range client.Commits(t.Context(), "acme", "web", bitbucket.Range{Include: []bitbucket.Hash{bitbucket.Hash(head)}}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Commits {
			own := Commit{Hash: Hash(c.Hash), Date: c.Date, AuthorRaw: c.AuthorRaw, Message: c.Message}
			for _, p := range c.Parents {
				own.Parents = append(own.Parents, Hash(p))
			}
			list = append(list, own)
		}
	}
	return list
}

// objectsOf counts the objects of a repository by their types.
func objectsOf(t *testing.T, dir string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for line := range strings.Lines(runGit(t, dir, "", "cat-file", "--batch-all-objects", "--batch-check")) {
		count[strings.Fields(line)[1]]++
	}
	return count
}

// noSecret fails where a file of the folder, or a text, holds the token in any form.
func noSecret(t *testing.T, remote Remote, dir string, texts ...string) {
	t.Helper()
	texts = append(texts, snapshot(t, dir))
	for _, text := range texts {
		for _, secret := range []string{token, strings.TrimPrefix(remote.authorization(), "Basic ")} {
			if strings.Contains(text, secret) {
				t.Errorf("the secret is in %.200q", text)
			}
		}
	}
}

// fetchable are the odd commits that the API can tell too: a year beyond 9999 has no room in its dates.
func fetchable(t *testing.T) (dir string, head Hash) {
	t.Helper()
	dir = newRepository(t)
	head = writeCommit(t, dir, commitObject(1, "root\n"))
	root := head
	for _, o := range oddities {
		if o.name != "farther date" {
			head = writeCommit(t, dir, "parent "+head.String()+"\n"+o.object)
		}
	}
	head = writeCommit(t, dir, commitObject(2000, "merge\n", head, root))
	runGit(t, dir, "", "update-ref", "refs/heads/main", head.String())
	return dir, head
}

// A fetched history is, record by record, what git log shows and what the API tells.
func TestFetchIsWhatTheAPITells(t *testing.T) {
	t.Parallel()
	g := find(t)
	dir, head := fetchable(t)
	s, remote := served(t, dir)
	into := t.TempDir()
	if err := g.Fetch(t.Context(), into, remote, "main"); err != nil {
		t.Fatal(err)
	}
	got := all(t, g, into, []Hash{head}, nil)
	same(t, got, gitLog(t, dir, "main"))
	want := fromAPI(t, s, head)
	byHash := func(a, b Commit) int { return bytes.Compare(a.Hash[:], b.Hash[:]) }
	slices.SortFunc(got, byHash)
	slices.SortFunc(want, byHash)
	same(t, got, want)
	noSecret(t, remote, into)
}

// A fetch brings no tree and no blob, not by reading either, though the server would give them.
func TestFetchReadsNoSourceCode(t *testing.T) {
	t.Parallel()
	g := find(t)
	dir, hashes := linear(t, 40)
	runGit(t, dir, "", "update-ref", "refs/heads/other", hashes[5].String())
	runGit(t, dir, "", "tag", "v1", hashes[3].String())
	s, remote := served(t, dir)
	into := t.TempDir()
	if err := g.Fetch(t.Context(), into, remote, "main"); err != nil {
		t.Fatal(err)
	}
	requests := len(s.GitRequests())
	if got := hashesOf(all(t, g, into, hashes[:1], nil)); !slices.Equal(got, hashes) {
		t.Errorf("%d commits, want %d", len(got), len(hashes))
	}
	if got := objectsOf(t, into); got["commit"] != 40 || len(got) != 1 {
		t.Errorf("the repository has %v", got)
	}
	if objectsOf(t, dir)["blob"] != 40 {
		t.Error("the source has no files that could have come along")
	}
	if refs := runGit(t, into, "", "for-each-ref", "--format=%(refname)"); refs != "refs/heads/main\n" {
		t.Errorf("fetched %q", refs)
	}
	if n := len(s.GitRequests()); n != requests || s.Count() != 0 {
		t.Errorf("%d requests while reading, %d of the API", n-requests, s.Count())
	}
	config, _ := os.ReadFile(filepath.Join(into, "config"))
	if strings.Contains(string(config), "http") {
		t.Errorf("the configuration still names the server:\n%s", config)
	}
}

// API tokens go with their own user, settings of the user's are not in the way, and pushes after the
// listing change nothing.
func TestFetchDespiteSettings(t *testing.T) {
	g := find(t)
	s, remote := served(t, "")
	s.AddAPIToken("ada@example.com", "ATATT-secret")
	r := s.Workspace("acme").NewRepository("web")
	r.Commits("main", 20)
	head, _ := parseHash(r.Head())
	r.Commits("main", 3)
	home := t.TempDir()
	helper := filepath.Join(home, "asked")
	config := fmt.Sprintf(`[url "git@bitbucket.org:"]
	insteadOf = %s/
[http]
	extraHeader = Authorization: Basic nonsense
	proxy = http://127.0.0.1:1
[credential]
	helper = "!touch %s;:"
[core]
	askPass = touch %s
	hooksPath = %s
[transfer]
	fsckObjects = true
[fetch]
	prune = true
	writeCommitGraph = true
[init]
	templateDir = /nowhere
`, s.GitURL(), helper, helper, home)
	if err := os.WriteFile(filepath.Join(home, "config"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	hook := "#!/bin/sh\ntouch " + helper
	os.WriteFile(filepath.Join(home, "reference-transaction"), []byte(hook), 0o700)
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(home, "config"))
	t.Setenv("GIT_ASKPASS", "touch "+helper)
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	remote.User, remote.Token = APITokenUser, func() string { return "ATATT-secret" }
	into := t.TempDir()
	if err := g.Fetch(t.Context(), into, remote, "main"); err != nil {
		t.Error(err)
	}
	if got := all(t, g, into, []Hash{head}, nil); len(got) != 20 {
		t.Errorf("%d commits", len(got))
	}
	remote.Token = func() string { return "wrong" }
	if err := g.fetch(t.Context(), t.TempDir(), remote, "main"); err == nil || !strings.Contains(err.Error(), "could not read Username") {
		t.Error(err)
	}
	if _, err := os.Stat(helper); err == nil {
		t.Error("a program of the user's was run")
	}
}

// A repository that was pushed from a shallow clone is fetched as far as it goes.
func TestFetchShallow(t *testing.T) {
	t.Parallel()
	g := find(t)
	s, remote := served(t, "")
	r := s.Workspace("acme").NewRepository("web")
	hashes := r.Commits("main", 9)
	r.Shallow(hashes[4])
	head, _ := parseHash(r.Head())
	into := t.TempDir()
	if err := g.Fetch(t.Context(), into, remote, "main"); err != nil {
		t.Fatal(err)
	}
	got := all(t, g, into, []Hash{head}, nil)
	if len(got) != 5 || len(got[4].Parents) != 1 || got[4].Parents[0].String() != hashes[3] {
		t.Errorf("%d commits, the last %+v", len(got), got[len(got)-1])
	}
}

// What goes wrong is a typed error without the secret.
func TestFetchErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	g := find(t)
	dir, _ := linear(t, 300)
	s, remote := served(t, dir)
	elsewhere := remote
	elsewhere.URL = "http://127.0.0.1:1/acme/web.git"
	missing := remote
	missing.URL = s.GitURL() + "/acme/none.git"
	plain := remote
	plain.URL = "http://bitbucket.org/acme/web.git"
	inURL := remote
	inURL.URL = strings.Replace(remote.URL, "://", "://x:"+token+"@", 1)
	const pack = "/web.git/git-upload-pack"
	echo := sandbox.ErrorFault(400, "cannot parse the credential "+token)
	for _, c := range []struct {
		name   string
		remote Remote
		branch string
		match  string
		fault  sandbox.Fault
		want   string
	}{
		{"401", remote, "main", "/web.git/", sandbox.Unauthorized, "refuses the credential"},
		{"403", remote, "main", "/web.git/", sandbox.IPAllowList, ErrUnreadable.Error() + ": 403"},
		{"404", remote, "main", "/web.git/", sandbox.NoAccess, ErrUnreadable.Error() + ": 404"},
		{"503", remote, "main", "/web.git/", sandbox.ServiceUnavailable, "does not answer: 503"},
		{"sign-on", remote, "main", "/web.git/", sandbox.SignOn, "not a git server"},
		{"HTML", remote, "main", "/web.git/", sandbox.HTMLPage, "not a git server"},
		{"echo", remote, "main", "/web.git/", echo, "does not answer"},
		{"reset", remote, "main", "/web.git/", sandbox.Reset, "does not answer"},
		{"401 later", remote, "main", pack, sandbox.Unauthorized, "could not read Username"},
		{"404 later", remote, "main", pack, sandbox.NoAccess, ErrUnreadable.Error()},
		{"cut", remote, "main", pack, sandbox.ResetMidBody, "fatal:"},
		{"short", remote, "main", pack, sandbox.TruncatedJSON, "fatal:"},
		{"no repository", missing, "main", "", sandbox.Fault{}, ErrUnreadable.Error()},
		{"no branch", remote, "gone", "", sandbox.Fault{}, ErrUnreadable.Error()},
		{"no server", elsewhere, "main", "", sandbox.Fault{}, "does not answer"},
		{"plain http", plain, "main", "", sandbox.Fault{}, "git needs an https URL"},
		{"a user in the URL", inURL, "main", "", sandbox.Fault{}, "git needs an https URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.match != "" {
				s.FailNext(c.match, c.fault, -1)
				defer s.ClearFaults()
			}
			into := t.TempDir()
			err := g.Fetch(t.Context(), into, c.remote, c.branch)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatal(err)
			}
			if isUnreadable := strings.HasPrefix(c.want, ErrUnreadable.Error()); isUnreadable != errors.Is(err, ErrUnreadable) {
				t.Error(err)
			}
			noSecret(t, remote, into, err.Error(), fmt.Sprintf("%+v", err))
			if c.name != "a user in the URL" {
				noSecret(t, remote, into, fmt.Sprintf("%#v %+v", c.remote, c.remote))
			}
		})
		if c.remote.check() != nil {
			continue
		}
		t.Run(c.name+", for git", func(t *testing.T) { // what git itself makes of it
			if c.match != "" {
				s.FailNext(c.match, c.fault, -1)
				defer s.ClearFaults()
			}
			into := t.TempDir()
			err := g.fetch(t.Context(), into, c.remote, c.branch)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.HasPrefix(c.want, ErrUnreadable.Error()) != errors.Is(withCause(err), ErrUnreadable) {
				t.Error(err)
			}
			noSecret(t, remote, into, remote.redact(err).Error())
		})
	}
	t.Run("no filter", func(t *testing.T) {
		s.GitFilters(false)
		defer s.GitFilters(true)
		if err := g.Fetch(t.Context(), t.TempDir(), remote, "main"); err == nil || err.Error() != "the git server offers no filter" {
			t.Error(err)
		}
	})
}

// A server that repeats what it was sent, in a form that git prints, does not get it into an error.
func TestEcho(t *testing.T) {
	t.Parallel()
	g := find(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "no %s\nno %s\n", r.Header.Get("Authorization"), token[4:])
	}))
	defer server.Close()
	remote := Remote{URL: server.URL + "/acme/web.git", User: AccessTokenUser, Token: func() string { return token }, Transport: http.DefaultTransport}
	err := g.fetch(t.Context(), t.TempDir(), remote, "main")
	if !errors.Is(withCause(err), ErrUnreadable) || strings.Contains(err.Error(), token[4:]) {
		t.Error(err)
	}
	noSecret(t, remote, t.TempDir(), fmt.Sprint(err))
}

// A hung fetch ends with its context, and nothing of it goes on.
func TestHungFetch(t *testing.T) {
	noLeak(t)
	g := find(t)
	started, ended := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(started)
		<-r.Context().Done() // when git's connection is closed
		close(ended)
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	err := g.fetch(ctx, t.TempDir(), Remote{URL: server.URL + "/acme/web.git"}, "main")
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("git goes on")
	}
}

// A given certificate is trusted, and without it the server is not. The user's own setting holds too.
func TestCertificates(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: git runs many times")
	}
	g := find(t)
	dir, _ := linear(t, 3)
	s, remote := served(t, dir)
	server := httptest.NewTLSServer(s.Handler())
	defer server.Close()
	remote.URL, remote.Transport = server.URL+"/acme/web.git", server.Client().Transport
	unknown := func() {
		t.Helper()
		if err := g.Fetch(t.Context(), t.TempDir(), remote, "main"); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("an unknown certificate: %v", err)
		}
	}
	unknown()
	t.Setenv("GIT_SSL_NO_VERIFY", "1")
	unknown()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	with := remote
	with.CAs = certificate
	if err := g.Fetch(t.Context(), t.TempDir(), with, "main"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"GIT_SSL_CAINFO", "http.sslCAInfo"} {
		into := t.TempDir()
		if strings.HasPrefix(name, "GIT_") {
			t.Setenv(name, file)
		} else {
			os.Unsetenv("GIT_SSL_CAINFO")
			config := filepath.Join(t.TempDir(), "config")
			runGit(t, "", "", "config", "--file", config, name, file)
			t.Setenv("GIT_CONFIG_GLOBAL", config)
		}
		with.CAs = []byte{}
		if err := g.Fetch(t.Context(), into, with, "main"); err != nil {
			t.Errorf("%s beside a CA file: %v", name, err)
		}
		if err := g.Fetch(t.Context(), t.TempDir(), remote, "main"); err != nil {
			t.Errorf("%s alone: %v", name, err)
		}
	}
}

func TestOffersFilter(t *testing.T) {
	s, remote := served(t, "")
	s.Workspace("acme").NewRepository("web").Commits("main", 2)
	find(t)
	for _, on := range []bool{true, false} {
		s.GitFilters(on)
		if got, err := OffersFilter(t.Context(), remote); err != nil || got != on {
			t.Errorf("filters %v: %v, %v", on, got, err)
		}
	}
	const unreadable, noAnswer, noGit = "no such repository", "does not answer", "not a git server"
	for fault, want := range map[sandbox.Fault]string{
		sandbox.Unauthorized: "(401)", sandbox.IPAllowList: unreadable, sandbox.NoAccess: unreadable,
		sandbox.ServiceUnavailable: noAnswer, sandbox.Reset: noAnswer, sandbox.ResetMidBody: "unexpected EOF",
		sandbox.SignOn: noGit, sandbox.HTMLPage: noGit, sandbox.TooManyRequests: noAnswer,
	} {
		s.FailNext("/web.git/", fault, -1)
		_, err := OffersFilter(t.Context(), remote)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", fault, err)
		}
		noSecret(t, remote, t.TempDir(), fmt.Sprint(err))
		s.ClearFaults()
	}
	remote.URL = "http://bitbucket.org/acme/web.git"
	if _, err := OffersFilter(t.Context(), remote); err == nil || !strings.Contains(err.Error(), "https") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	remote.URL = s.GitURL() + "/acme/web.git"
	if _, err := OffersFilter(ctx, remote); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A server that takes the question and never answers it, or stops in the middle, does not hold up a sync.
func TestOffersFilterOfHungServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hung := func(r *http.Request) error {
			<-r.Context().Done()
			return r.Context().Err()
		}
		for name, transport := range map[string]roundTrip{
			"no answer": func(r *http.Request) (*http.Response, error) { return nil, hung(r) },
			"no end": func(r *http.Request) (*http.Response, error) {
				body := io.NopCloser(readFunc(func([]byte) (int, error) { return 0, hung(r) }))
				header := http.Header{"Content-Type": {advertisementType}}
				return &http.Response{StatusCode: http.StatusOK, Header: header, Body: body}, nil
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			_, err := OffersFilter(ctx, Remote{URL: "https://bitbucket.org/acme/web.git", Transport: transport})
			if ctx.Err() != nil || err == nil || !strings.Contains(err.Error(), "no whole answer in 1m0s") {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// The word must be among the capabilities of a fetch.
func TestAdvertisement(t *testing.T) {
	line := func(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }
	first := line("# service=git-upload-pack\n") + "0000"
	for _, c := range []struct {
		name, body string
		want       bool
	}{
		{"version 2", first + line("version 2\n") + line("ls-refs=unborn\n") + line("fetch=shallow filter\n") + "0000", true},
		{"without the service", line("version 2\n") + line("fetch=filter wait-for-done\n") + "0000", true},
		{"another command's", first + line("version 2\n") + line("fetch=shallow\n") + line("x-fetch=filter\n") + "0000", false},
		{"another word", first + line("version 2\n") + line("fetch=filters\n") + "0000", false},
		{"an old server", first + line(strings.Repeat("a", 40)+" HEAD\x00multi_ack\n") + "0000", false},
		{"nothing", "", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			fmt.Fprint(w, c.body)
		}))
		got, err := OffersFilter(t.Context(), Remote{URL: server.URL + "/acme/web.git", Transport: server.Client().Transport})
		if got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		server.Close()
	}
}
