package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Fault is something that goes wrong with one request: another answer takes the place of the right
// one or, where it has no status, breaks that one. A test may make its own.
type Fault struct {
	Name     string // faults that are switched on together have different ones
	Status   int
	Type     string // of the body; empty: JSON
	Body     string
	Location string // the header of that name; empty: none
}

// String returns the fault's name.
func (f Fault) String() string { return f.Name }

// The faults that several tests share.
var (
	ServerError        = ErrorFault(http.StatusInternalServerError, "Something went wrong")
	BadGateway         = HTMLFault(http.StatusBadGateway, "Bitbucket")
	ServiceUnavailable = HTMLFault(http.StatusServiceUnavailable, "Bitbucket")
	Unauthorized       = ErrorFault(http.StatusUnauthorized,
		"Token is invalid, expired, or not supported for this endpoint.")
	NoAccess = ErrorFault(http.StatusNotFound,
		"You may not have access to this repository or it no longer exists in this workspace. If you "+
			"think this repository exists and you have access, make sure you are authenticated.")
	IPAllowList = ErrorFault(http.StatusForbidden,
		"To access this workspace, your IP address must be on its IP allowlist.")

	HTMLPage = HTMLFault(http.StatusOK, "Welcome to the network")
	SignOn   = Fault{ // a redirect to the page where a company's users sign on
		Name: "sign-on", Status: http.StatusFound, Type: "text/html",
		Location: "https://sign-on.invalid/?to=bitbucket",
	}
	JunkPage = Fault{ // JSON of another shape
		Name: "junk", Status: http.StatusOK, Body: `{"type":"junk","values":[7,"x",null,{"hash":5}]}`,
	}

	TooManyRequests = Fault{Name: "429"}            // with the headers that Throttle sets
	Reset           = Fault{Name: "reset"}          // the connection breaks before an answer
	ResetMidBody    = Fault{Name: "reset mid-body"} // the connection breaks halfway
	TruncatedJSON   = Fault{Name: "truncated JSON"} // half a body, and its length says so
)

// ErrorFault is a refusal in Bitbucket's envelope of errors.
func ErrorFault(status int, message string) Fault {
	return Fault{Name: fmt.Sprint(status), Status: status, Body: string(errorAnswer(status, message).body)}
}

// HTMLFault is a page as proxies and gateways on the way to Bitbucket send it.
func HTMLFault(status int, title string) Fault {
	const body = "<!DOCTYPE html>\n<html><head><title>%s</title></head>\n<body><h1>%s</h1></body></html>\n"
	return Fault{
		Name: fmt.Sprint("HTML ", status), Status: status, Type: "text/html; charset=utf-8",
		Body: fmt.Sprintf(body, title, title),
	}
}

func (f Fault) answer() *answer {
	a := &answer{f.Status, http.Header{"Content-Type": {cmp.Or(f.Type, jsonType)}}, []byte(f.Body)}
	if f.Location != "" {
		a.header.Set("Location", f.Location)
	}
	return a
}

// insteadOf returns what the request's fault puts in the place of the right answer, nil if that is to be
// sent.
func (s *Server) insteadOf(q *request) *answer {
	switch {
	case q.fault == TooManyRequests:
		return s.limits.refuse(s.now().Add(time.Second))
	case q.fault.Status != 0:
		return q.fault.answer()
	}
	return nil
}

// faults decides what goes wrong.
type faults struct {
	random  *rand.Rand
	chances map[Fault]float64
	scripts []script
	latency time.Duration
}

// A script makes the next requests fail that have its match in them.
type script struct {
	match string
	fault Fault
	times int
}

// Faults makes requests fail at random, each fault with its probability. nil ends it.
func (s *Server) Faults(seed uint64, chances map[Fault]float64) {
	s.change(func() {
		s.faults.random, s.faults.chances = rand.New(rand.NewPCG(seed, seed)), maps.Clone(chances)
	})
}

// FailNext makes the next requests fail whose path and query, as they are sent, contain match. Negative
// times are for ever, until ClearFaults. Any later page of a list is matched by "page=", and a path with a
// UUID by "%7B".
func (s *Server) FailNext(match string, fault Fault, times int) {
	s.change(func() { s.faults.scripts = append(s.faults.scripts, script{match, fault, times}) })
}

// ClearFaults ends Faults and FailNext.
func (s *Server) ClearFaults() {
	s.change(func() { s.faults.scripts, s.faults.chances = nil, nil })
}

// Latency makes every answer take that long at least.
func (s *Server) Latency(d time.Duration) { s.change(func() { s.faults.latency = d }) }

// chooseFault decides what goes wrong with the request, and passes the time that its answer takes, unless
// the client goes away before.
func (s *Server) chooseFault(q *request) {
	var latency time.Duration
	s.change(func() { q.fault, latency = s.faults.pick(q), s.faults.latency })
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-q.http.Context().Done():
		}
	}
}

// pick looks at the scripts in the order of FailNext, then at the random faults in the order of their
// names, because a map has none and the same seed has to give the same faults.
func (f *faults) pick(q *request) Fault {
	for i := range f.scripts {
		x := &f.scripts[i]
		if x.times != 0 && strings.Contains(q.http.URL.RequestURI(), x.match) {
			x.times--
			return x.fault
		}
	}
	byName := func(a, b Fault) int { return strings.Compare(a.Name, b.Name) }
	for _, fault := range slices.SortedFunc(maps.Keys(f.chances), byName) {
		if f.random.Float64() < f.chances[fault] {
			return fault
		}
	}
	return Fault{}
}
