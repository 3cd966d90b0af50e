package bitbucket

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ErrBudgetSpent is returned, wrapped, instead of a request that BudgetConfig.Max or, with
// NoWait, the hourly limit or a 429 does not allow now. The request was not sent.
var ErrBudgetSpent = errors.New("the request budget is spent")

const (
	firstPause = time.Second     // after a 429 that does not say how long
	lastPause  = 4 * time.Minute // room in a rolling hour comes back bit by bit: look now and then
	maxPause   = 65 * time.Minute

	// recovered is how many requests in flight prove that a pause is over.
	recovered = 9
)

// Window is the length of the rolling hour, in minutes.
const Window = 60

// InWindow reports whether requests that were counted in a minute (since 1970) belong to the
// rolling hour that ends now. A request is counted in the minute that ends after it, so it never
// leaves the hour too early. Minutes further ahead are the mark of a clock that was wrong.
func InWindow(minute int64, now time.Time) bool {
	current := now.Unix() / 60
	return current-Window < minute && minute <= current+1
}

// minuteOf is the minute in which a request is counted: t rounded up to whole minutes.
func minuteOf(t time.Time) int64 { return t.Add(time.Minute-time.Nanosecond).Unix() / 60 }

// A BudgetConfig says how many requests may be sent.
type BudgetConfig struct {
	Limit   int           // requests an hour; 0: none
	Granted bool          // what X-RateLimit-Limit grants an access token replaces Limit
	Max     int           // requests of this run; 0: none
	NoWait  bool          // a wait is ErrBudgetSpent instead
	Spent   map[int64]int // requests of earlier runs per minute since 1970 (see InWindow)

	// OnWait is called when a wait begins, once however many walkers wait, and with a zero
	// Until when it is over. Calls come one at a time and may call the Budget.
	OnWait func(Wait)

	// Now and Sleep are the clock, of the client's pauses too; nil: the real one. After Sleep
	// returned nil, Now must have moved by as much.
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

	mu       sync.Mutex // released by unlock
	limit    int
	spent    map[int64]int // minute → requests
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

	waiting   int    // walkers that wait for a time
	notified  Wait   // the wait that OnWait was told of, zero when there is none
	news      []Wait // for OnWait, when the lock is released
	notifying bool
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
	b := &Budget{conf: conf, limit: max(conf.Limit, 0), changed: make(chan struct{})}
	b.spent = map[int64]int{}
	maps.Copy(b.spent, conf.Spent)
	b.conf.Spent = nil
	return b
}

// Spent returns the requests of the rolling hour per minute, to be stored for the next run's
// BudgetConfig.
func (b *Budget) Spent() map[int64]int {
	b.mu.Lock()
	defer b.unlock()
	b.sum()
	return maps.Clone(b.spent)
}

// Requests returns how many requests this run has sent.
func (b *Budget) Requests() int {
	b.mu.Lock()
	defer b.unlock()
	return b.requests
}

// Limit returns the requests an hour that are allowed now, after what Bitbucket granted; 0 is
// no limit.
func (b *Budget) Limit() int {
	b.mu.Lock()
	defer b.unlock()
	return b.limit
}

// Left returns how many requests may be sent now without a wait, by the hour's limit and by
// Max; limited is false where there is neither.
func (b *Budget) Left() (left int, limited bool) {
	b.mu.Lock()
	defer b.unlock()
	if b.limit > 0 {
		left, limited = b.limit-b.sum(), true
	}
	if b.conf.Max > 0 {
		ofRun := b.conf.Max - b.requests
		if !limited || ofRun < left {
			left, limited = ofRun, true
		}
	}
	return max(left, 0), limited
}

// sum drops what lies outside the rolling hour and returns how many requests lie in it.
func (b *Budget) sum() (sum int) {
	now := b.conf.Now()
	for m, n := range b.spent {
		if !InWindow(m, now) || n <= 0 {
			delete(b.spent, m)
			continue
		}
		sum += n
	}
	return sum
}

// probeLimit makes the limit unknown until an answer tells it.
func (b *Budget) probeLimit() {
	b.mu.Lock()
	defer b.unlock()
	b.limitUnknown = b.conf.Granted
}

// grant takes over an allowance that Bitbucket named.
func (b *Budget) grant(limit int) {
	b.mu.Lock()
	defer b.unlock()
	if b.conf.Granted && limit > 0 {
		b.limit = limit
	}
}

// A permit allows one request. It must be returned with answered or limited. It is the number of
// pauses there had been: an answer to a request that was sent before a pause says nothing about it.
type permit int

// acquire waits until a request may be sent and counts it.
func (b *Budget) acquire(ctx context.Context) (p permit, err error) {
	b.mu.Lock()
	defer b.unlock()
	waited := false
	for err == nil {
		var wait Wait
		var blocked bool
		if err = ctx.Err(); err != nil {
			break
		}
		if wait, blocked, err = b.blocked(); err != nil || !blocked {
			break
		}
		if !waited && !wait.Until.IsZero() {
			waited = true
			b.waiting++
		}
		err = b.await(ctx, wait)
	}
	if waited {
		b.waiting--
		if err == nil || b.waiting == 0 {
			b.notify(Wait{})
		}
	}
	if err != nil {
		return 0, err
	}
	b.requests++
	b.inFlight++
	b.spent[minuteOf(b.conf.Now())]++
	return permit(b.pauses), nil
}

// blocked says why no request may be sent now. A Wait without a time lasts until a request that
// is in flight was answered.
func (b *Budget) blocked() (w Wait, blocked bool, err error) {
	sum := b.sum()
	switch {
	case b.conf.Max > 0 && b.requests >= b.conf.Max:
		return w, true, fmt.Errorf("%w: this run was allowed %d", ErrBudgetSpent, b.conf.Max)
	case b.conf.Now().Before(b.until):
		w = Wait{b.until, "Bitbucket's rate limit is reached"}
	case b.allowed > 0 && b.inFlight >= b.allowed:
		return w, true, nil
	case b.limit == 0 || sum < b.limit:
		return w, false, nil
	case b.limitUnknown:
		return w, b.inFlight > 0, nil
	default:
		w = Wait{b.room(sum), fmt.Sprintf("the %d requests of this hour are spent", b.limit)}
	}
	if b.conf.NoWait {
		err = fmt.Errorf("%w: %s", ErrBudgetSpent, w.Reason)
	}
	return w, true, err
}

// room returns when enough of the sum requests in the hour have left it for one more.
func (b *Budget) room(sum int) time.Time {
	var m int64
	for _, m = range slices.Sorted(maps.Keys(b.spent)) {
		if sum -= b.spent[m]; sum < b.limit {
			break
		}
	}
	return time.Unix((m+Window)*60, 0)
}

// await releases the lock while it waits.
func (b *Budget) await(ctx context.Context, w Wait) error {
	changed := b.changed
	if w.Until.IsZero() {
		if !b.conf.Now().Before(b.notified.Until) {
			b.notify(Wait{})
		}
		b.unlock()
		defer b.mu.Lock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
			return nil
		}
	}
	// A wait that grew by more than a second begins anew, so that a countdown stays true.
	if w.Until.Sub(b.notified.Until) > time.Second {
		b.notify(Wait{})
		b.notify(w)
	}
	b.unlock()
	err := b.conf.Sleep(ctx, w.Until.Sub(b.conf.Now()))
	b.mu.Lock()
	return err
}

// notify tells OnWait that a wait begins, or that the one it was told of is over.
func (b *Budget) notify(w Wait) {
	if w.Until.IsZero() && b.notified.Until.IsZero() {
		return
	}
	b.notified = w
	b.news = append(b.news, w)
}

// unlock releases the lock. OnWait is called without it, in order, by one goroutine at a time.
func (b *Budget) unlock() {
	for len(b.news) > 0 && !b.notifying {
		w := b.news[0]
		b.news, b.notifying = b.news[1:], true
		b.mu.Unlock()
		b.conf.OnWait(w)
		b.mu.Lock()
		b.notifying = false
	}
	b.mu.Unlock()
}

// limited returns a permit whose request was refused with 429. named is how long Bitbucket asked
// to wait, 0 where it did not say.
func (b *Budget) limited(p permit, named time.Duration) {
	b.mu.Lock()
	defer b.unlock()
	wait := min(named, maxPause)
	if p == permit(b.pauses) {
		b.pauses++
		b.consecutive++
		b.allowed = 1
		wait = max(wait, backoff(b.consecutive, named > 0))
	}
	if until := b.conf.Now().Add(wait); until.After(b.until) {
		b.until = until
	}
	b.settle()
}

// backoff doubles with each 429 in a row. A time that Bitbucket names is relied on once.
func backoff(consecutive int, named bool) time.Duration {
	if named && consecutive == 1 {
		return 0
	}
	d := lastPause
	if consecutive < 9 {
		d = min(d, firstPause<<(consecutive-1))
	}
	return d + jitter(d/2)
}

// answered returns a permit whose request was not refused with 429; ok reports that an answer
// came.
func (b *Budget) answered(p permit, ok bool) {
	b.mu.Lock()
	defer b.unlock()
	if ok {
		b.limitUnknown = false
	}
	if ok && p == permit(b.pauses) {
		b.consecutive = 0
		if b.allowed > 0 {
			b.allowed = (b.allowed + 1) % recovered
		}
	}
	b.settle()
}

// settle wakes the walkers that wait for an answer.
func (b *Budget) settle() {
	b.inFlight--
	close(b.changed)
	b.changed = make(chan struct{})
}

// sleep is the real BudgetConfig.Sleep.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// jitter returns a duration in [0, d).
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}
