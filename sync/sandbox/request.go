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

// A Request is what the log keeps of a request.
type Request struct {
	N       int // counted from 1; 0: of git
	Method  string
	Path    string     // decoded, below the base
	Query   url.Values // and the form of a POST
	Kind    Kind
	Status  int    // 0 where the connection was broken instead of an answer
	Problem string // why the request is unexpected; empty: it is not

	Credential string // APIToken, AccessToken or Anonymous, be it valid or not
}

// A request is one that is being answered.
type request struct {
	Request
	http       *http.Request
	segments   []string // of the path below /2.0, decoded
	fields     fields
	credential *Credential
	fault      Fault
}

func newRequest(kind Kind, r *http.Request, segments []string) *request {
	return &request{
		Request: Request{
			Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/2.0"), Query: r.URL.Query(),
			Kind: kind, Credential: kindOf(r.Header.Get("Authorization")),
		},
		http: r, segments: segments,
	}
}

// receive reads a request, numbers it, and checks whether it is one that a sync sends.
func (s *Server) receive(r *http.Request) *request {
	err := r.ParseForm()
	q := newRequest(UnexpectedKind, r, nil)
	q.Query = r.Form
	if path, ok := strings.CutPrefix(r.URL.Path, "/2.0/"); ok {
		q.segments = strings.Split(path, "/")
	}
	q.Kind = q.classify()
	q.Problem = q.check()
	if err != nil {
		q.Problem = err.Error()
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
	if q.Kind == UnexpectedKind {
		return "no such address: " + q.Method + " " + q.http.URL.Path
	}
	for name, values := range q.Query {
		if !slices.Contains(parameters[q.Kind], name) {
			return "unexpected parameter " + name
		}
		if len(values) > 1 && name != "include" && name != "exclude" {
			return "parameter " + name + " is repeated"
		}
	}
	var problem string
	if q.fields, problem = parseFields(q.Kind, q.Query.Get("fields")); problem != "" {
		return problem
	}
	switch q.Kind {
	case Listing:
		if by := q.Query.Get("sort"); by != "" && by != "created_on" {
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
	if q.Query.Get("ctx") != "" {
		return ""
	}
	if len(q.Query["include"]) == 0 {
		return "a range without include"
	}
	for _, text := range slices.Concat(q.Query["include"], q.Query["exclude"]) {
		if _, ok := parseHash(text); !ok {
			return fmt.Sprintf("%q is not a full hash", text)
		}
	}
	return ""
}

// A requestLog keeps every request until it is reset.
type requestLog struct {
	mu   sync.Mutex
	next int
	list []Request
	hook func(n int, r *http.Request)
}

// begin numbers a request. The hook is called without the lock, because it may ask for the log.
func (l *requestLog) begin(q *request) {
	l.mu.Lock()
	l.next++
	q.N = l.next
	hook := l.hook
	l.mu.Unlock()
	if hook != nil {
		hook(q.N, q.http)
	}
}

// finish logs a request when its status is known.
func (l *requestLog) finish(q *request, status int) {
	if q.fault != Reset {
		q.Status = status
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, q.Request)
}

// without returns the requests that drop is not true of, in the order of their answers.
func (l *requestLog) without(drop func(Request) bool) []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.list), drop)
}

// Requests returns the requests of the API answered so far, in the order of their answers.
func (s *Server) Requests() []Request {
	return s.log.without(func(r Request) bool { return r.Kind == GitKind })
}

// GitRequests returns the requests of git answered so far, which spend no budget.
func (s *Server) GitRequests() []Request {
	return s.log.without(func(r Request) bool { return r.Kind != GitKind })
}

// Unexpected returns the requests that no sync sends, of the API and of git, each with its problem.
func (s *Server) Unexpected() []Request {
	return s.log.without(func(r Request) bool { return r.Problem == "" })
}

// Count returns how many requests of the API of these kinds were answered; without a kind, all of them.
func (s *Server) Count(kinds ...Kind) int {
	n := 0
	for _, r := range s.Requests() {
		if len(kinds) == 0 || slices.Contains(kinds, r.Kind) {
			n++
		}
	}
	return n
}

// ResetRequests empties the log; numbers begin at 1 again.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.next, s.log.list = 0, nil
}

// OnRequest calls hook at the beginning of every request, before anything is looked up. There a test
// can change the world, or stop a client after its nth request. nil takes the hook away.
func (s *Server) OnRequest(hook func(n int, r *http.Request)) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.hook = hook
}
