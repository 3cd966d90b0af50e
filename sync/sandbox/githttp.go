package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// A gitServer serves fetches by git, of the same commits and branches that the API tells. Each repository
// that was asked for has a bare copy in a temporary folder, which git http-backend serves.
type gitServer struct {
	mu     sync.Mutex // held while copies are brought up to date
	root   string
	copies map[*Repository]*gitCopy
}

// GitURL returns the base of the addresses for git, {GitURL}/{workspace}/{slug}.git, without a slash at
// the end. FailNext and Faults hit them as well; a match for one repository is "/acme/website.git".
func (s *Server) GitURL() string { return "http://" + s.address }

// GitFilters sets whether fetches may ask for a filter, as on Bitbucket. They may at first; else a server
// ignores the filter and sends everything.
func (s *Server) GitFilters(on bool) { s.change(func() { s.noFilters = !on }) }

// gitRequest reads a request of git, and which service of git's it is for; nil is that it is none.
func gitRequest(r *http.Request) (q *request, service string) {
	name, service, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), ".git/")
	segments := strings.Split("git/"+name, "/")
	if !ok || len(segments) != 3 || segments[1] == "2.0" {
		return nil, ""
	}
	return newRequest(GitKind, r, segments), service
}

// answerGit finds what a request gets: a refusal, what its fault says, or what git http-backend says.
func (s *Server) answerGit(q *request, service string) *answer {
	s.chooseFault(q)
	advertises := q.Method == http.MethodGet && service == "info/refs" &&
		q.Query.Get("service") == "git-upload-pack"
	if !advertises && !(q.Method == http.MethodPost && service == "git-upload-pack") {
		q.Problem = "no fetch: " + q.Method + " " + q.Path
		return gitRefusal(http.StatusForbidden, "only fetches are served")
	}
	r, a := s.gitRepository(q)
	if a != nil {
		return a
	}
	dir, settings, err := s.git.update(s, r)
	if err != nil {
		return gitRefusal(http.StatusInternalServerError, err.Error())
	}
	return runBackend(q.http, dir, "/"+q.segments[1]+"/"+q.segments[2]+".git", settings)
}

func gitRefusal(status int, text string) *answer {
	a := &answer{status, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, []byte(text + "\n")}
	if status == http.StatusUnauthorized {
		a.header.Set("WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`)
	}
	return a
}

// gitRepository finds the repository that a request names. The refusal is the answer if its credential may
// not read it, or if the request's fault is another answer.
func (s *Server) gitRepository(q *request) (r *Repository, refusal *answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	credential, ok := s.authenticate(q.http, (*Credential).gitHeader)
	q.credential = credential
	_, allowed := credential.mayRead()
	w := s.workspace(q.segments[1])
	instead := s.insteadOf(q)
	switch {
	case instead != nil:
		return nil, instead
	case !ok:
		return nil, gitRefusal(http.StatusUnauthorized, "the credential is not valid")
	case !allowed:
		return nil, gitRefusal(http.StatusForbidden, "the credential lacks a scope")
	case w == nil:
		return nil, gitRefusal(http.StatusNotFound, "Repository not found")
	}
	r, refusal = w.repository(q)
	if refusal != nil && credential == nil {
		refusal = gitRefusal(http.StatusUnauthorized, "a credential is required")
	}
	return r, refusal
}

// runBackend has git http-backend answer a request.
func runBackend(r *http.Request, dir, prefix string, settings []string) *answer {
	git, err := exec.LookPath("git")
	if err != nil {
		return gitRefusal(http.StatusInternalServerError, err.Error())
	}
	r = r.Clone(r.Context())
	r.Header.Del("Authorization")
	body := &recorder{header: http.Header{}, status: http.StatusOK}
	backend := &cgi.Handler{
		Path: git, Args: append(settings, "http-backend"), Root: prefix, Dir: dir, Stderr: io.Discard,
		Env: []string{
			"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1",
			"GIT_PROTOCOL=" + r.Header.Get("Git-Protocol"),
		},
	}
	backend.ServeHTTP(body, r)
	return &answer{body.status, body.header, body.Bytes()}
}

// A recorder keeps an answer, so that a fault can break it.
type recorder struct {
	bytes.Buffer
	status int
	header http.Header
}

func (r *recorder) Header() http.Header    { return r.header }
func (r *recorder) WriteHeader(status int) { r.status = status }

func (g *gitServer) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.root != "" {
		os.RemoveAll(g.root) // a leftover in the system's temporary folder harms nothing
		g.root, g.copies = "", nil
	}
}
