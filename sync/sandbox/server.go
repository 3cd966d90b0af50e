package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options configure a Server. The zero value serves under the server's own address with the real clock.
type Options struct {
	Now func() time.Time // the server's clock; nil: time.Now
	URL string           // the base of its links, for a server behind a proxy; empty: its own address
}

// A Server is one Bitbucket Cloud.
type Server struct {
	now  func() time.Time
	url  string
	http *http.Server
	done chan struct{} // closed when the server's goroutine has returned

	log requestLog
	git gitServer

	mu          sync.Mutex // guards what follows, and the workspaces with all that is in them
	faults      faults
	limits      limits
	workspaces  map[string]*Workspace
	credentials []*Credential
	noTargets   bool         // see ListTargets
	refuseUUIDs bool         // see RefuseUUIDs
	noFilters   bool         // see GitFilters
	maxPagelen  map[Kind]int // see MaxPagelen
}

// New starts a server with nothing in it, on a free port of 127.0.0.1.
func New(opt Options) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the sandbox: %w", err)
	}
	s := &Server{
		now: opt.Now, url: opt.URL, done: make(chan struct{}),
		workspaces: map[string]*Workspace{}, maxPagelen: map[Kind]int{},
	}
	s.faults.slowness = 2 * time.Second
	s.limits.spent = map[string][]time.Time{}
	if s.now == nil {
		s.now = time.Now
	}
	if s.url == "" {
		s.url = "http://" + listener.Addr().String() + "/2.0"
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(s.done)
		s.http.Serve(listener) // returns when Close is called
	}()
	return s, nil
}

// Handler returns what serves the requests, for a test with a listener of its own.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// URL returns the base of all addresses, with Bitbucket's path /2.0 and no slash at the end.
func (s *Server) URL() string { return s.url }

// Close stops the server and breaks its connections.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	s.git.close()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop the sandbox: %w", err)
	}
	return nil
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

// RefuseUUIDs makes addresses with a repository's UUID answer 404, though the listing names it; its
// slug works.
func (s *Server) RefuseUUIDs(on bool) { s.change(func() { s.refuseUUIDs = on }) }

// MaxPagelen sets the highest pagelen that requests of a kind may ask for; above it the answer is 400
// "Invalid pagelen". It is 100 by default, and again with n = 0.
func (s *Server) MaxPagelen(kind Kind, n int) { s.change(func() { s.maxPagelen[kind] = n }) }

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
	case q.kind == UnexpectedKind:
		return errorAnswer(http.StatusNotFound, "Resource not found")
	case q.problem != "":
		return errorAnswer(http.StatusBadRequest, q.problem)
	}
	if err := s.refreshGit(q); err != nil {
		return errorAnswer(http.StatusInternalServerError, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.authenticate(q.Request, (*Credential).header)
	if !ok {
		return cannedAnswer(Unauthorized)
	}
	q.credential = c
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
	case w.spam:
		return errorAnswer(http.StatusGone, "This workspace has been deactivated.")
	case q.kind == Listing:
		return s.serveListing(q, w)
	}
	r, refusal := s.repository(q, w)
	switch {
	case refusal != nil:
		return refusal
	case q.kind == CommitsKind:
		return s.serveCommits(q, r)
	}
	return s.serveBranch(q, r)
}

// repository finds the repository that a request names, by slug or UUID. The refusal is the answer if
// there is none or its credential may not read it.
func (s *Server) repository(q *request, w *Workspace) (r *Repository, refusal *answer) {
	name := q.segments[2]
	byUUID := strings.HasPrefix(name, "{")
	r = w.find(strings.ToLower(name))
	switch {
	case r == nil, byUUID && s.refuseUUIDs, !q.credential.canSee(r), r.forbidden == http.StatusNotFound:
		return nil, cannedAnswer(NoAccess)
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
