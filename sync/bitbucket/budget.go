package bitbucket

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// ErrBudgetSpent is returned, wrapped, instead of a request that BudgetConfig.Max or, with
// NoWait, the hourly limit or a 429 does not allow now. The request was not sent.
var ErrBudgetSpent = errors.New("the request budget is spent")

// A BudgetConfig says how many requests may be sent.
type BudgetConfig struct {
	Limit   int           // requests an hour; 0: none
	Granted bool          // what X-RateLimit-Limit grants an access token replaces Limit
	Max     int           // requests of this run; 0: none
	NoWait  bool          // a wait is ErrBudgetSpent instead
	Spent   map[int64]int // requests of earlier runs per unix minute

	// OnWait is called when a wait begins, once however many walkers wait, and with a zero
	// Until when it is over. Calls come one at a time.
	OnWait func(Wait)

	// Now and Sleep are the clock, of the client's pauses too; nil: the real one. After Sleep
	// returned nil, Now must have moved by as much.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// A Budget counts the requests of a rolling hour and lets no more through than there is room
// for: as fast as they come, then as room comes back. It is shared by all walkers and safe for
// concurrent use.
//
// Requests are counted per minute, and a minute leaves the hour when its last second does, so
// the count is never lower than Bitbucket's.
type Budget struct {
	conf BudgetConfig

	mu       sync.Mutex
	limit    int
	spent    map[int64]int // unix minute → requests
	requests int
	curious  bool // one request may pass a full hour, to learn what is granted (see learn)
	pause    pause

	round   context.Context // ends when something changed that walkers may be waiting for
	advance context.CancelFunc

	says    sync.Mutex // held around OnWait; taken before mu
	said    Wait
	waiters int
}

// NewBudget returns a budget that knows of the requests in conf.Spent.
func NewBudget(conf BudgetConfig) *Budget {
	if conf.Now == nil {
		conf.Now = time.Now
	}
	if conf.Sleep == nil {
		conf.Sleep = sleep
	}
	b := &Budget{conf: conf, limit: max(conf.Limit, 0), spent: maps.Clone(conf.Spent)}
	if b.spent == nil {
		b.spent = make(map[int64]int)
	}
	b.conf.Spent = nil
	b.round, b.advance = context.WithCancel(context.Background())
	return b
}

// Spent returns the requests of the last 60 minutes per unix minute, to be stored for the next
// run's BudgetConfig.
func (b *Budget) Spent() map[int64]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.prune()
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
	if b.limit > 0 {
		left, limited = b.limit-b.prune(), true
	}
	if b.conf.Max > 0 {
		ofRun := b.conf.Max - b.requests
		if !limited || ofRun < left {
			left, limited = ofRun, true
		}
	}
	return max(left, 0), limited
}

// prune forgets what lies outside the hour and returns how many requests lie in it. Minutes
// ahead of the clock are forgotten as well: it was wrong then, and they would never leave.
func (b *Budget) prune() (sum int) {
	now := minute(b.conf.Now())
	for m, n := range b.spent {
		if m < now-60 || m > now+1 || n <= 0 {
			delete(b.spent, m)
			continue
		}
		sum += n
	}
	return sum
}

func minute(t time.Time) int64 { return t.Unix() / 60 }

// A permit allows one request. It must be settled when the request's outcome is known.
type permit struct {
	pauses int  // the number of pauses there had been
	probe  bool // one of the few that go first after a pause
}

// acquire waits until a request may be sent and counts it.
func (b *Budget) acquire(ctx context.Context) (p permit, err error) {
	var w waiter
	defer func() { b.leave(&w, err == nil) }()
	for {
		if err := ctx.Err(); err != nil {
			return permit{}, err
		}
		p, o, err := b.try()
		if o == nil || err != nil {
			return p, err
		}
		if err := b.wait(ctx, &w, *o); err != nil {
			return permit{}, err
		}
	}
}

func (b *Budget) try() (permit, *obstacle, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conf.Max > 0 && b.requests >= b.conf.Max {
		return permit{}, nil, fmt.Errorf("%w: this run was allowed %d", ErrBudgetSpent, b.conf.Max)
	}
	if w, ok := b.obstacle(); ok {
		if b.conf.NoWait {
			return permit{}, nil, fmt.Errorf("%w: %s", ErrBudgetSpent, w.Reason)
		}
		return permit{}, &obstacle{w, b.round}, nil
	}
	b.requests++
	b.spent[minute(b.conf.Now())]++
	b.curious = false
	return b.pause.permit(), nil, nil
}

func (b *Budget) obstacle() (Wait, bool) {
	now := b.conf.Now()
	if w, ok := b.pause.obstacle(now); ok {
		return w, true
	}
	sum := b.prune()
	if b.limit == 0 || sum < b.limit || b.curious {
		return Wait{}, false
	}
	return Wait{
		Until:  b.room(sum),
		Reason: fmt.Sprintf("the %d requests of this hour are spent", b.limit),
	}, true
}

// room returns when enough of the sum requests in the hour have left it for one more.
func (b *Budget) room(sum int) time.Time {
	var m int64
	for _, m = range slices.Sorted(maps.Keys(b.spent)) {
		if sum -= b.spent[m]; sum < b.limit {
			break
		}
	}
	return time.Unix((m+61)*60, 0)
}

// learn makes the budget ask once although the hour may be full: an earlier run's count is held
// against the default limit until an answer says what the token is really granted.
func (b *Budget) learn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.curious = b.conf.Granted
}

// grant takes over an allowance that Bitbucket named.
func (b *Budget) grant(limit int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.conf.Granted || limit <= 0 || limit == b.limit {
		return
	}
	b.limit = limit
	b.changed()
}
