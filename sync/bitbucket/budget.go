package bitbucket

import (
	"context"
	"errors"
	"maps"
	"math"
	"sync"
	"time"
)

// ErrBudgetSpent is returned, wrapped, instead of a request that BudgetConfig.Max or, with
// NoWait, the hourly limit or a 429 does not allow now. The request was not sent.
var ErrBudgetSpent = errors.New("the request budget is spent")

// window is the length of the rolling hour, in minutes.
const window = 60

// inWindow reports whether requests that were counted in a minute (since 1970) belong to the
// rolling hour that ends now. A request is counted in the minute that ends after it, so it never
// leaves the hour too early. A minute further ahead was counted while the clock was wrong.
func inWindow(minute int64, now time.Time) bool {
	current := now.Unix() / 60
	return current-window < minute && minute <= current+1
}

// minuteOf is the minute in which a request is counted: t rounded up to whole minutes.
func minuteOf(t time.Time) int64 { return t.Add(time.Minute-time.Nanosecond).Unix() / 60 }

// A BudgetConfig says how many requests may be sent.
type BudgetConfig struct {
	Limit   int           // requests an hour; 0: none
	Granted bool          // a limit in an answer replaces Limit; for access tokens alone
	Max     int           // requests of this run; 0: none
	NoWait  bool          // a wait is ErrBudgetSpent instead
	Spent   map[int64]int // requests of earlier runs per minute since 1970 (see Budget.Spent)

	// OnWait is called when a wait begins, once however many walkers wait, and with a zero
	// Until when it is over. Calls come one at a time, may ask the Budget for its counts, and
	// hold up the walkers that want to send a request.
	OnWait func(Wait)

	// Now and Sleep are the clock, of the client's pauses too; nil: the real one. Sleep fails with
	// the error of an ended context alone; after it returned nil, Now must have moved by as much.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// A Wait is a time in which no request is sent.
type Wait struct {
	Until  time.Time
	Reason string
}

// A Budget counts the requests of a rolling hour and lets no more through than there is room
// for: as fast as they come, then as room comes back. It is shared by all walkers and safe for
// concurrent use.
//
// A 429 makes all walkers wait together. Then one request goes as a probe while the others wait,
// and each good answer lets one more be in flight, until there is no doubt. A dozen walkers that
// all went at once would spend a dozen requests on each look, while room in a rolling hour comes
// back one request at a time.
type Budget struct {
	conf BudgetConfig

	trying    sync.Mutex // locked before mu; one walker at a time tries to pass
	announced time.Time  // the end of the wait that OnWait was told of, zero if there is none

	mu       sync.Mutex // not held while OnWait is called
	limit    int
	spent    map[int64]int // minute → requests; few entries, because it is stored with each batch of pages
	requests int
	inFlight int
	changed  chan struct{} // closed, and replaced, when a request was answered

	// limitUnknown is true until an answer has told what an access token is granted. Till then
	// a full hour lets one request at a time through: what an earlier run spent is counted
	// against the default limit, and the token may be granted more.
	limitUnknown bool

	until       time.Time // no request is sent before, after a 429
	allowed     int       // requests that may be in flight after a 429; 0: any number
	pauses      int       // how often a 429 has begun a pause
	consecutive int       // 429s in a row, one per pause
}

// NewBudget returns a budget that knows of the requests in conf.Spent.
func NewBudget(conf BudgetConfig) *Budget {
	if conf.Now == nil {
		conf.Now = time.Now
	}
	if conf.Sleep == nil {
		conf.Sleep = sleep
	}
	if conf.OnWait == nil {
		conf.OnWait = func(Wait) {}
	}
	b := &Budget{
		conf: conf, limit: max(conf.Limit, 0), limitUnknown: conf.Granted, changed: make(chan struct{}),
	}
	b.spent = map[int64]int{}
	maps.Copy(b.spent, conf.Spent)
	b.conf.Spent = nil
	return b
}

// Spent returns the requests of the rolling hour per minute since 1970, to be stored for the next
// run's BudgetConfig.
func (b *Budget) Spent() map[int64]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sum()
	return maps.Clone(b.spent)
}

// Requests returns how many requests this run has sent.
func (b *Budget) Requests() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests
}

// Limit returns the requests an hour that are allowed now, after what Bitbucket granted; 0 is
// no limit.
func (b *Budget) Limit() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limit
}

// Left returns how many requests may be sent now without a wait, by the hour's limit and by
// Max; limited is false where there is neither.
func (b *Budget) Left() (left int, limited bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit == 0 && b.conf.Max == 0 {
		return 0, false
	}
	left = math.MaxInt
	if b.limit > 0 {
		left = b.limit - b.sum()
	}
	if b.conf.Max > 0 {
		left = min(left, b.conf.Max-b.requests)
	}
	return max(left, 0), true
}

// sum drops what lies outside the rolling hour and returns how many requests lie in it.
func (b *Budget) sum() (sum int) {
	now := b.conf.Now()
	for m, n := range b.spent {
		if !inWindow(m, now) || n <= 0 {
			delete(b.spent, m)
			continue
		}
		sum += n
	}
	return sum
}

// grant takes over an allowance that Bitbucket named; 0 is none.
func (b *Budget) grant(limit int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conf.Granted && limit > 0 {
		b.limit = limit
	}
}
