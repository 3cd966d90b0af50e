package sandbox

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault is something that goes wrong with one request.
type Fault string

// Faults of any request.
const (
	ServerError        Fault = "500"            // with Bitbucket's envelope
	EmptyError         Fault = "500, empty"     // without a body
	BadGateway         Fault = "502"            // with a page of HTML
	ServiceUnavailable Fault = "503"            // with a page of HTML
	GatewayTimeout     Fault = "504"            // with a page of HTML
	Timeout555         Fault = "555"            // Atlassian's own
	TooManyRequests    Fault = "429"            // as Throttle says
	Unauthorized       Fault = "401"            // a token that is refused in between
	NoAccess           Fault = "404"            // a repository that is gone in between
	Reset              Fault = "reset"          // the connection breaks before an answer
	ResetMidBody       Fault = "reset mid-body" // the connection breaks halfway
	TruncatedJSON      Fault = "truncated JSON" // half a body, and its length says so
	HTMLPage           Fault = "HTML"           // 200 with a page of HTML
	JunkPage           Fault = "junk"           // 200 with JSON of another shape
	Slow               Fault = "slow"           // see SlowFor
	NextElsewhere      Fault = "next elsewhere" // the next page is at another origin
	NextLoop           Fault = "next loop"      // the next page is this one
	DuplicateRows      Fault = "duplicate rows" // a later page repeats the last row before it
	ShiftedPage        Fault = "shifted page"   // a later page leaves out its first row
	EmptyListing       Fault = "empty listing"  // no repositories
	ShortListing       Fault = "short listing"  // every other repository
)

// only says which requests a fault can hit; those not named here can hit any.
var only = map[Fault]func(*request) bool{
	NextElsewhere: (*request).isPage,
	NextLoop:      (*request).isPage,
	DuplicateRows: (*request).isLaterPage,
	ShiftedPage:   (*request).isLaterPage,
	EmptyListing:  func(q *request) bool { return q.kind == Listing },
	ShortListing:  func(q *request) bool { return q.kind == Listing },
}

func (q *request) isPage() bool      { return q.kind == Listing || q.kind == CommitsKind }
func (q *request) isLaterPage() bool { return q.isPage() && q.query.Get("page") > "1" }

// faults decides what goes wrong.
type faults struct {
	mu       sync.Mutex
	random   *rand.Rand
	chances  map[Fault]float64
	script   []script
	latency  time.Duration
	slowness time.Duration
}

// A script makes the next requests fail that have its match in them.
type script struct {
	match string
	fault Fault
	times int
}

// Faults makes requests fail at random, each fault with its probability. nil ends it.
func (s *Server) Faults(seed uint64, chances map[Fault]float64) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.random = rand.New(rand.NewPCG(seed, seed))
	s.faults.chances = maps.Clone(chances)
}

// FailNext makes the next requests fail whose path and query, as they are sent, have match in
// them and that the fault can hit at all. Negative times are for ever, until ClearFaults.
func (s *Server) FailNext(match string, fault Fault, times int) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.script = append(s.faults.script, script{match, fault, times})
}

// ClearFaults ends Faults and FailNext.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.script, s.faults.chances = nil, nil
}

// Latency makes every answer take that long at least.
func (s *Server) Latency(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.latency = d
}

// SlowFor sets how long the fault Slow takes; at first it is two seconds.
func (s *Server) SlowFor(d time.Duration) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.slowness = d
}

// choose returns what goes wrong with the request, "" for nothing, and how long it takes.
func (f *faults) choose(q *request) (fault Fault, wait time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fault, wait = f.pick(q), f.latency
	if fault == Slow {
		slowness := f.slowness
		if slowness == 0 {
			slowness = 2 * time.Second
		}
		return "", wait + slowness
	}
	return fault, wait
}

func (f *faults) pick(q *request) Fault {
	for i := range f.script {
		x := &f.script[i]
		if x.times != 0 && fits(x.fault, q) && strings.Contains(q.URL.RequestURI(), x.match) {
			x.times--
			return x.fault
		}
	}
	for _, fault := range slices.Sorted(maps.Keys(f.chances)) {
		if f.random.Float64() < f.chances[fault] && fits(fault, q) {
			return fault
		}
	}
	return ""
}

func fits(f Fault, q *request) bool { return only[f] == nil || only[f](q) }

// instead returns the answer that a fault puts in the place of the real one.
func (s *Server) instead(f Fault) (answer, bool) {
	switch f {
	case ServerError:
		return errorAnswer(http.StatusInternalServerError, "Something went wrong", ""), true
	case EmptyError:
		return answer{http.StatusInternalServerError, http.Header{}, nil}, true
	case BadGateway:
		return htmlAnswer(http.StatusBadGateway), true
	case ServiceUnavailable:
		return htmlAnswer(http.StatusServiceUnavailable), true
	case GatewayTimeout:
		return htmlAnswer(http.StatusGatewayTimeout), true
	case Timeout555:
		return answer{555, http.Header{}, nil}, true
	case TooManyRequests:
		return s.limits.tooMany(s.now()), true
	case Unauthorized:
		return badToken(), true
	case NoAccess:
		return noRepository(), true
	case HTMLPage:
		return htmlAnswer(http.StatusOK), true
	case JunkPage:
		return jsonAnswer(http.StatusOK, []byte(`{"type":"junk","values":[7,"x",null,{"hash":5}]}`)), true
	}
	return answer{}, false
}

func htmlAnswer(status int) answer {
	const page = "<!DOCTYPE html>\n<html><head><title>Bitbucket</title></head>\n" +
		"<body><h1>Something is not right</h1></body></html>\n"
	return answer{status, http.Header{"Content-Type": {"text/html"}}, []byte(page)}
}
