package sandbox

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Server is one Bitbucket Cloud.
type Server struct {
	address string // host and port
	http    *http.Server
	done    chan struct{} // closed when the server's goroutine has returned

	log requestLog
	git gitServer

	mu          sync.Mutex // guards what follows, and the workspaces with all that is in them
	now         func() time.Time
	faults      faults
	limits      limits
	workspaces  map[string]*Workspace
	credentials []*Credential
	made        int  // workspaces and repositories so far, each with a UUID of its own
	noTargets   bool // see ListTargets
	noFilters   bool // see GitFilters
}

// New starts a server with nothing in it, on a free port of 127.0.0.1.
func New() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	s := &Server{
		address: listener.Addr().String(), done: make(chan struct{}), now: time.Now,
		workspaces: map[string]*Workspace{}, limits: limits{spent: map[string][]time.Time{}},
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(s.done)
		s.http.Serve(listener) // returns when Close is called
	}()
	return s, nil
}

// SetClock gives the server another clock than the real one.
func (s *Server) SetClock(now func() time.Time) { s.change(func() { s.now = now }) }

// Handler returns what serves the requests, for a test with a listener of its own. Links lead to the
// host that a request was sent to.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// URL returns the base of all addresses, with Bitbucket's path /2.0 and no slash at the end.
func (s *Server) URL() string { return s.GitURL() + "/2.0" }

// Close stops the server and breaks its connections.
func (s *Server) Close() {
	s.http.Close() // fails only for a listener that is closed already
	<-s.done
	s.git.close()
}

// change runs f as one step, which no request sees half done.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// read returns what f returns, which sees no change half done.
func read[T any](s *Server, f func() T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f()
}

// ListTargets sets whether a listing has mainbranch.target where fields name it. It has by default;
// Bitbucket does not document it.
func (s *Server) ListTargets(on bool) { s.change(func() { s.noTargets = !on }) }

// serve answers a request, of git or of the API.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	var a *answer
	q, service := gitRequest(r)
	if q != nil {
		a = s.answerGit(q, service)
	} else {
		q = s.receive(r)
		a = s.answer(q)
	}
	s.log.finish(q, a.status)
	s.send(w, q, a)
}

// answer finds what a request gets. An unexpected request is refused first. Then come the credential
// (401), its allowance (429), the fault that is switched on, and at last what was asked for.
func (s *Server) answer(q *request) *answer {
	s.chooseFault(q)
	switch {
	case q.Kind == UnexpectedKind:
		return errorAnswer(http.StatusNotFound, "Resource not found")
	case q.Problem != "":
		return errorAnswer(http.StatusBadRequest, q.Problem)
	}
	if err := s.refreshGit(q); err != nil {
		return errorAnswer(http.StatusInternalServerError, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.authenticate(q.http, (*Credential).header)
	if !ok {
		return Unauthorized.answer()
	}
	q.credential = c
	// A request that a fault hits is spent too: a client cannot tell whether Bitbucket counted it.
	left, a := s.limits.spend(c, s.now())
	if a == nil {
		if a = s.insteadOf(q); a == nil {
			a = s.route(q)
		}
		s.limits.tell(a.header, c, left)
	}
	if a.status != http.StatusUnauthorized {
		c.identify(a.header)
	}
	return a
}

// route answers an expected request as Bitbucket does.
func (s *Server) route(q *request) *answer {
	w := s.workspace(q.segments[1])
	required, allowed := q.credential.mayRead()
	switch {
	case !allowed:
		return lacksScope(q.credential.scopes, required)
	case w == nil:
		return errorAnswer(http.StatusNotFound, "No workspace with identifier '"+q.segments[1]+"'.")
	case q.Kind == Listing:
		return s.serveListing(q, w)
	}
	r, refusal := w.repository(q)
	switch {
	case refusal != nil:
		return refusal
	case q.Kind == CommitsKind:
		return r.serveCommits(q)
	}
	return r.serveBranch(q)
}

// repository finds the repository that a request names, by slug or UUID. The refusal is the answer if
// there is none or its credential may not read it.
func (w *Workspace) repository(q *request) (r *Repository, refusal *answer) {
	r = w.find(strings.ToLower(q.segments[2]))
	switch {
	case r == nil, !q.credential.canSee(r), r.forbidden == http.StatusNotFound:
		return nil, NoAccess.answer()
	case r.forbidden != 0:
		return nil, errorAnswer(r.forbidden, "Access denied. You must have read access to this repository.")
	}
	return r, nil
}

// workspace finds a workspace by its slug, in any case, or its UUID.
func (s *Server) workspace(name string) *Workspace {
	name = strings.ToLower(name)
	if w := s.workspaces[name]; w != nil {
		return w
	}
	for _, w := range s.workspaces {
		if w.uuid == name {
			return w
		}
	}
	return nil
}
