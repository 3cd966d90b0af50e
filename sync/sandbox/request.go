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
	Listing        Kind = "listing"    // the repositories of a workspace
	RepositoryKind Kind = "repository" // one repository
	CommitsKind    Kind = "commits"    // a list of commits
	CommitKind     Kind = "commit"     // one commit
	RefsKind       Kind = "refs"       // branches and tags, listed
	BranchKind     Kind = "branch"     // one branch or tag
	WorkspaceKind  Kind = "workspace"
	UserKind       Kind = "user"
	UnexpectedKind Kind = "unexpected" // anything else
	DeprecatedKind Kind = "deprecated"
)

// A Request is what the log keeps of a request.
type Request struct {
	N          int // counted from 1
	Method     string
	Path       string     // decoded, below the base
	Query      url.Values // and the form of a POST
	Kind       Kind
	Credential string // APIToken, AccessToken or Anonymous
	Status     int    // 0 where the connection was broken instead of an answer
}

// request is a request being answered.
type request struct {
	*http.Request
	n          int
	kind       Kind
	segments   []string // of the path below /2.0, decoded
	query      url.Values
	bad        error // why it cannot be read
	unexpected bool
	credential *Credential
	scope      string // what the address wants
	fault      Fault
}

// receive reads a request and numbers it.
func (s *Server) receive(r *http.Request) *request {
	q := &request{Request: r, kind: UnexpectedKind}
	if err := r.ParseForm(); err != nil {
		q.bad = fmt.Errorf("read the request: %w", err)
	}
	q.query = r.Form
	q.segments, q.unexpected = segments(r.URL.EscapedPath())
	q.kind = q.classify()
	s.log.begin(q)
	return q
}

// segments cuts the path below /2.0 at its slashes and decodes the pieces.
func segments(path string) (list []string, unexpected bool) {
	rest, ok := strings.CutPrefix(path, "/2.0/")
	if !ok {
		return nil, true
	}
	for piece := range strings.SplitSeq(rest, "/") {
		decoded, err := url.PathUnescape(piece)
		if err != nil {
			return nil, true
		}
		list = append(list, decoded)
	}
	return list, false
}

// at returns the nth segment, or "".
func (q *request) at(n int) string {
	if n < len(q.segments) {
		return q.segments[n]
	}
	return ""
}

// rest joins the segments from the nth on, as branch names have slashes in them.
func (q *request) rest(n int) string {
	return strings.Join(q.segments[min(n, len(q.segments)):], "/")
}

// is compares the segments with a pattern in which "*" is any one segment that is not empty.
func (q *request) is(pattern ...string) bool {
	return len(q.segments) == len(pattern) && q.begins(pattern...)
}

func (q *request) begins(pattern ...string) bool {
	if len(q.segments) < len(pattern) {
		return false
	}
	for i, p := range pattern {
		if s := q.segments[i]; s != p && (p != "*" || s == "") {
			return false
		}
	}
	return true
}

// need asks for a scope; where the credential lacks it, the answer is the refusal.
func (q *request) need(scope string) (refusal answer, ok bool) {
	q.scope = scope
	required, ok := q.credential.allowed(scope)
	if ok {
		return answer{}, true
	}
	return lacksScope(q.credential.scopes, []string{required}), false
}

// takes refuses parameters that the address does not have.
func (q *request) takes(names ...string) (refusal answer, ok bool) {
	for name := range q.query {
		if !slices.Contains(names, name) {
			q.unexpected = true
			return errorAnswer(http.StatusBadRequest, "unexpected parameter "+name, ""), false
		}
	}
	return answer{}, true
}

// A requestLog keeps every request until it is reset.
type requestLog struct {
	mu   sync.Mutex
	next int
	list []Request
	odd  []Request
	hook func(n int, r *http.Request)
}

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

func (l *requestLog) finish(q *request, status int) {
	r := Request{
		N: q.n, Method: q.Method, Path: "/" + q.rest(0), Query: q.query, Kind: q.kind, Status: status,
	}
	if q.credential != nil {
		r.Credential = q.credential.kind
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, r)
	if q.unexpected {
		l.odd = append(l.odd, r)
	}
}

// Requests returns the requests answered so far, in the order of their answers.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.list)
}

// Count returns how many requests of these kinds were answered; without a kind, all of them.
func (s *Server) Count(kinds ...Kind) int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	n := 0
	for _, r := range s.log.list {
		if len(kinds) == 0 || slices.Contains(kinds, r.Kind) {
			n++
		}
	}
	return n
}

// Unexpected returns the requests to addresses or with parameters that are not modelled. A test
// ends with a look at it.
func (s *Server) Unexpected() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.odd)
}

// ResetRequests empties the log; numbers begin at 1 again.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.next, s.log.list, s.log.odd = 0, nil, nil
}

// OnRequest calls hook at the beginning of every request, before anything is looked up: the
// place to change the world or to stop a client after its nth request. nil takes it away.
func (s *Server) OnRequest(hook func(n int, r *http.Request)) {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.hook = hook
}
