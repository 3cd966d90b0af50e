package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// A Kind names what a request asks for.
type Kind string

// The kinds of requests.
const (
	Listing        Kind = "listing"    // GET /repositories/{workspace}
	CommitsKind    Kind = "commits"    // GET or POST /repositories/{workspace}/{repository}/commits
	BranchKind     Kind = "branch"     // GET /repositories/{workspace}/{repository}/refs/branches/{name}
	GitKind        Kind = "git"        // a fetch by git; counted apart, see GitRequests
	UnexpectedKind Kind = "unexpected" // anything else
)

// parameters are those of each kind of request.
var parameters = map[Kind][]string{
	Listing:     {"pagelen", "page", "sort", "fields"},
	CommitsKind: {"pagelen", "page", "ctx", "include", "exclude", "fields"},
	BranchKind:  {"fields"},
}

// A request is one that is being answered.
type request struct {
	*http.Request
	n          int
	kind       Kind
	segments   []string   // of the path below /2.0, decoded
	query      url.Values // and the form of a POST
	fields     fields
	problem    string // why the request is unexpected
	credential *Credential
	fault      Fault
}

// receive reads a request, numbers it, and checks whether it is one that a sync sends.
func (s *Server) receive(r *http.Request) *request {
	q := &request{Request: r, kind: UnexpectedKind}
	err := r.ParseForm()
	q.query = r.Form
	if path, ok := strings.CutPrefix(r.URL.Path, "/2.0/"); ok {
		q.segments = strings.Split(path, "/")
	}
	q.kind = q.classify()
	q.problem = q.check()
	if err != nil {
		q.problem = err.Error()
	}
	s.log.begin(q)
	return q
}

// classify goes by the path and the method; an empty segment makes another address.
func (q *request) classify() Kind {
	p, get := q.segments, q.Method == http.MethodGet
	switch {
	case len(p) < 2, p[0] != "repositories", slices.Contains(p, ""):
		return UnexpectedKind
	case get && len(p) == 2:
		return Listing
	case (get || q.Method == http.MethodPost) && len(p) == 4 && p[3] == "commits":
		return CommitsKind
	case get && len(p) > 5 && p[3] == "refs" && p[4] == "branches":
		return BranchKind
	}
	return UnexpectedKind
}

// check reads the fields, and says what of the request no sync sends; "" is nothing.
func (q *request) check() string {
	if q.kind == UnexpectedKind {
		return "no such address: " + q.Method + " " + q.URL.Path
	}
	for name, values := range q.query {
		if !slices.Contains(parameters[q.kind], name) {
			return "unexpected parameter " + name
		}
		if len(values) > 1 && name != "include" && name != "exclude" {
			return "parameter " + name + " is repeated"
		}
	}
	var problem string
	if q.fields, problem = parseFields(q.kind, q.query.Get("fields")); problem != "" {
		return problem
	}
	switch q.kind {
	case Listing:
		if by := q.query.Get("sort"); by != "" && by != "created_on" {
			return "unexpected sort " + by
		}
	case CommitsKind:
		return q.checkRange()
	}
	return ""
}

// checkRange wants at least one include, because Bitbucket takes none for all branches, and hashes, not
// names that may move between two pages. A later page repeats what Bitbucket's next link says.
func (q *request) checkRange() string {
	if q.query.Get("ctx") != "" {
		return ""
	}
	if len(q.query["include"]) == 0 {
		return "a range without include"
	}
	for _, text := range slices.Concat(q.query["include"], q.query["exclude"]) {
		if _, ok := parseHash(text); !ok {
			return fmt.Sprintf("%q is not a full hash", text)
		}
	}
	return ""
}

// A Request is what the log keeps of a request.
type Request struct {
	N       int // counted from 1
	Method  string
	Path    string     // decoded, below the base
	Query   url.Values // and the form of a POST
	Kind    Kind
	Status  int    // 0 where the connection was broken instead of an answer
	Problem string // why the request is unexpected; empty: it is not

	Credential string // APIToken, AccessToken or Anonymous, be it valid or not
}

// A requestLog keeps every request until it is reset.
type requestLog struct {
	mu   sync.Mutex
	next int
	list []Request
	git  []Request
	hook func(n int, r *http.Request)
}

// begin numbers a request. The hook is called without the lock, because it may ask for the log.
func (l *requestLog) begin(q *request) {
	l.mu.Lock()
	l.next++
	q.n = l.next
	hook := l.hook
	l.mu.Unlock()
	if hook != nil {
		hook(q.n, q.Request)
	}
}

// finish logs a request when its status is known.
func (l *requestLog) finish(q *request, status int) {
	if q.fault == Reset {
		status = 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	list := &l.list
	if q.kind == GitKind {
		list = &l.git
	}
	*list = append(*list, Request{
		N: q.n, Method: q.Method, Path: strings.TrimPrefix(q.URL.Path, "/2.0"), Query: q.query,
		Kind: q.kind, Status: status, Problem: q.problem, Credential: kindOf(q.Header.Get("Authorization")),
	})
}

// Requests returns the requests answered so far, in the order of their answers.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.list)
}

// Count returns how many requests of these kinds were answered; without a kind, all of them.
func (s *Server) Count(kinds ...Kind) int {
	n := 0
	for _, r := range s.Requests() {
		if len(kinds) == 0 || slices.Contains(kinds, r.Kind) {
			n++
		}
	}
	return n
}

// Unexpected returns the requests that no sync sends, each with its problem.
func (s *Server) Unexpected() []Request {
	all := append(s.Requests(), s.GitRequests()...)
	return slices.DeleteFunc(all, func(r Request) bool { return r.Problem == "" })
}

// ResetRequests empties the log; numbers begin at 1 again.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.next, s.log.list, s.log.git = 0, nil, nil
}

// OnRequest calls hook at the beginning of every request, before anything is looked up. There a test
// can change the world, or stop a client after its nth request. nil takes the hook away.
func (s *Server) OnRequest(hook func(n int, r *http.Request)) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.hook = hook
}
