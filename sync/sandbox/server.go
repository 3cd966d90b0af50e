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

// Options shape a Server. The zero value serves on a free port with the real clock.
type Options struct {
	Addr string           // where to listen; empty: a free port of 127.0.0.1
	Now  func() time.Time // the server's clock; nil: time.Now
	Gzip bool             // compress for clients that accept it
	Host string           // serve https under this name, which a Proxy finds; empty: plain http
}

// A Server is one Bitbucket Cloud.
type Server struct {
	opt  Options
	url  string
	addr string // where it listens
	cert []byte // PEM, with Options.Host
	http *http.Server
	done chan struct{} // closed when the server goroutine has returned

	log    requestLog
	faults faults
	limits limits

	mu          sync.RWMutex // guards what follows and all that hangs on it
	workspaces  map[string]*Workspace
	credentials []*Credential
	accounts    map[string]*User // by e-mail, lower case
	noTargets   bool             // in the listing
	nameAll     bool             // see NameEveryHash
}

// New starts a server with nothing in it.
func New(opt Options) (*Server, error) {
	if opt.Addr == "" {
		opt.Addr = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", opt.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", opt.Addr, err)
	}
	s := &Server{
		opt: opt, addr: listener.Addr().String(), done: make(chan struct{}),
		workspaces: map[string]*Workspace{}, accounts: map[string]*User{},
	}
	s.url = "http://" + s.addr + "/2.0"
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	serve := func() { s.http.Serve(listener) }
	if opt.Host != "" {
		if err := s.certify(opt.Host); err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		s.url = "https://" + opt.Host + "/2.0"
		serve = func() { s.http.ServeTLS(listener, "", "") }
	}
	go func() {
		defer close(s.done)
		serve() // returns when Close is called
	}()
	return s, nil
}

// URL returns the base of all addresses, with Bitbucket's path /2.0 and no slash at the end.
func (s *Server) URL() string { return s.url }

// Close stops the server and breaks the connections there are.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the sandbox: %w", err)
	}
	return nil
}

func (s *Server) now() time.Time {
	if s.opt.Now != nil {
		return s.opt.Now()
	}
	return time.Now()
}

// ListTargets says whether the listing expands mainbranch.target when asked to, as the address of
// one repository always does. It does unless told otherwise; nobody is sure that Bitbucket will.
func (s *Server) ListTargets(on bool) { s.change(func() { s.noTargets = !on }) }

// NameEveryHash makes a 404 name all revisions that do not resolve, not only the first.
func (s *Server) NameEveryHash(on bool) { s.change(func() { s.nameAll = on }) }

// Link links an e-mail to an account: commits with that address carry it as author.user.
func (s *Server) Link(email string, u User) {
	s.change(func() { s.accounts[strings.ToLower(email)] = &u })
}

// serve is the way of every request.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	q := s.receive(r)
	a := s.answer(q)
	status := a.status
	if q.fault == Reset {
		status = 0
	}
	s.log.finish(q, status)
	s.send(w, q, a)
}

// answer finds what a request gets: first what is wrong with the request, then who asks, then
// what he has left, then what is made to go wrong, and last what he asked for.
func (s *Server) answer(q *request) answer {
	var pause time.Duration
	q.fault, pause = s.faults.choose(q)
	wait(q, pause)
	if q.bad != nil {
		return errorAnswer(http.StatusBadRequest, q.bad.Error(), "")
	}
	s.refresh(q)
	s.mu.RLock()
	defer s.mu.RUnlock()
	c, ok := s.authenticate(q.Request)
	if !ok {
		return badToken()
	}
	q.credential = c
	granted, a, ok := s.limits.spend(c, s.now())
	if ok {
		a, ok = s.instead(q.fault)
		if !ok {
			a = s.route(q)
		}
		granted.tell(a.header, c)
	}
	a.header.Set("Vary", "Authorization, Accept-Encoding")
	if a.status != http.StatusUnauthorized {
		c.identify(a.header, q.scope)
	}
	return a
}
