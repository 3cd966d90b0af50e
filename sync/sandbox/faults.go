package sandbox

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// A Fault is something that goes wrong with one request.
type Fault string

// Faults of any request: Bitbucket in trouble.
const (
	ServerError        Fault = "500"            // in Bitbucket's envelope
	BadGateway         Fault = "502"            // with a page of HTML
	ServiceUnavailable Fault = "503"            // with a page of HTML
	TooManyRequests    Fault = "429"            // in the form that Throttle sets
	Unauthorized       Fault = "401"            // the token is refused
	NoAccess           Fault = "404"            // the repository is gone
	Reset              Fault = "reset"          // the connection breaks before an answer
	ResetMidBody       Fault = "reset mid-body" // the connection breaks halfway
	TruncatedJSON      Fault = "truncated JSON" // half a body, and its length says so
	JunkPage           Fault = "junk"           // 200 with JSON of another shape
	Slow               Fault = "slow"           // the answer takes as long as SlowFor says
	HTMLPage           Fault = "HTML"           // 200 with the page of another server
)

// Faults of any request: Bitbucket refuses for a reason of its own, or is not who answers.
const (
	IPAllowList     Fault = "403, IP"         // the workspace allows certain IP addresses only
	TwoStepRequired Fault = "403, two-step"   // the workspace requires two-step verification
	HTML401         Fault = "HTML 401"        // a sign-on page
	HTML403         Fault = "HTML 403"        // the page of a web filter
	HTML404         Fault = "HTML 404"        // the page of another server
	SignOn          Fault = "sign-on"         // 302 to a sign-on page on another host
	OtherJSON401    Fault = "other JSON 401"  // an error of another kind of server
	OtherJSON403    Fault = "other JSON 403"  // an error of another kind of server
	OtherJSON404    Fault = "other JSON 404"  // an error of another kind of server
	DataCenter401   Fault = "Data Center 401" // a Data Center that refuses the credential
	DataCenter404   Fault = "Data Center 404" // a Data Center that has no such address
	EchoToken       Fault = "echo token"      // an error that holds the whole token
)

// Faults of a page, of a listing or of commits.
const (
	NextElsewhere Fault = "next elsewhere" // the next page is at another host
	NextOutside   Fault = "next outside"   // the next page is outside of /2.0
	NextAmpersand Fault = "next ampersand" // the next link has & for ?
	NextForgotten Fault = "next forgotten" // the next page answers 400 "Invalid page"
	NextLoop      Fault = "next loop"      // the next page is this one
	EndlessRows   Fault = "endless rows"   // every page has the rows of the first one, and a next link
	EndlessEmpty  Fault = "endless empty"  // every page has no rows, and a next link
	DuplicateRows Fault = "duplicate rows" // a later page repeats the last row before it
	ShiftedPage   Fault = "shifted page"   // a later page leaves out its first row
	NullRow       Fault = "null row"       // the row in the middle is null
)

// Faults of a listing alone.
const (
	EmptyListing       Fault = "empty listing"       // no repositories
	ShortListing       Fault = "short listing"       // every other repository
	RepeatedRepository Fault = "repeated repository" // one repository twice, and another never
	LargerSize         Fault = "larger size"         // size is one more than what comes
	RowWithoutUUID     Fault = "row without uuid"    // the repository in the middle has no uuid
)

// fits reports whether the fault can hit the request.
func (f Fault) fits(q *request) bool {
	isPage := q.kind == Listing || q.kind == CommitsKind
	switch f {
	case NextElsewhere, NextOutside, NextAmpersand, NextForgotten, NextLoop, EndlessRows, EndlessEmpty, NullRow:
		return isPage
	case DuplicateRows, ShiftedPage:
		return isPage && q.query.Get("page") > "1"
	case EmptyListing, ShortListing, RepeatedRepository, LargerSize, RowWithoutUUID:
		return q.kind == Listing
	}
	return true
}

// faults decides what goes wrong.
type faults struct {
	random   *rand.Rand
	chances  map[Fault]float64
	scripts  []script
	outage   bool
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
	s.change(func() {
		s.faults.random, s.faults.chances = rand.New(rand.NewPCG(seed, seed)), maps.Clone(chances)
	})
}

// FailNext makes the next requests fail whose path and query, as they are sent, contain match, and that
// the fault can hit. Negative times are for ever, until ClearFaults. The third page of a listing is
// matched by "/repositories/acme?page=3&", and any later page by "page=".
func (s *Server) FailNext(match string, fault Fault, times int) {
	s.change(func() { s.faults.scripts = append(s.faults.scripts, script{match, fault, times}) })
}

// Outage makes Bitbucket answer the listing, and everything else with 503.
func (s *Server) Outage(on bool) { s.change(func() { s.faults.outage = on }) }

// ClearFaults ends Faults, FailNext and Outage.
func (s *Server) ClearFaults() {
	s.change(func() { s.faults.scripts, s.faults.chances, s.faults.outage = nil, nil, false })
}

// Latency makes every answer take that long at least.
func (s *Server) Latency(d time.Duration) { s.change(func() { s.faults.latency = d }) }

// SlowFor sets how long the fault Slow takes; it is two seconds at first.
func (s *Server) SlowFor(d time.Duration) { s.change(func() { s.faults.slowness = d }) }

// chooseFault decides what goes wrong with the request, and passes the time that its answer takes.
func (s *Server) chooseFault(q *request) {
	var pause time.Duration
	s.change(func() {
		q.fault, pause = s.faults.pick(q), s.faults.latency
		if q.fault == Slow {
			q.fault, pause = "", pause+s.faults.slowness
		}
	})
	wait(q, pause)
}

// pick looks at the outage first, then at the scripts in the order of FailNext, then at the random faults
// in the order of their names, because a map has none and the same seed has to give the same faults.
func (f *faults) pick(q *request) Fault {
	if f.outage && q.kind != Listing {
		return ServiceUnavailable
	}
	for i := range f.scripts {
		x := &f.scripts[i]
		if x.times != 0 && x.fault.fits(q) && strings.Contains(q.URL.RequestURI(), x.match) {
			x.times--
			return x.fault
		}
	}
	for _, fault := range slices.Sorted(maps.Keys(f.chances)) {
		if f.random.Float64() < f.chances[fault] && fault.fits(q) {
			return fault
		}
	}
	return ""
}
