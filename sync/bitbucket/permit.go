package bitbucket

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	firstPause = time.Second      // after a 429 that does not say how long
	lastPause  = 4 * time.Minute  // room in a rolling hour comes back bit by bit: look now and then
	maxPause   = 65 * time.Minute // the whole hour has come back by then, whatever an answer asks for

	// recovered is how many requests in flight prove that a pause is over: one more than the default
	// number of walkers.
	recovered = 9
)

// A permit allows one request. It must be returned with answered or limited. It is the number of
// pauses there had been: an answer to a request that was sent before a pause says nothing about it.
type permit int

// acquire waits until a request may be sent and counts it.
func (b *Budget) acquire(ctx context.Context) (permit, error) {
	for {
		p, w, answered, err := b.try(ctx)
		switch {
		case err != nil:
			return 0, err
		case answered != nil:
			select {
			case <-ctx.Done():
			case <-answered:
			}
		case !w.Until.IsZero():
			// Its error is that of ctx, which the next try returns.
			b.conf.Sleep(ctx, w.Until.Sub(b.conf.Now()))
		default:
			return p, nil
		}
	}
}

// try counts a request if it may be sent now. Else it returns what to wait for: a time, or that a request
// in flight was answered. Walkers try one after the other, so that OnWait is told of waits in their order.
func (b *Budget) try(ctx context.Context) (p permit, w Wait, answered <-chan struct{}, err error) {
	b.trying.Lock()
	defer b.trying.Unlock()
	defer func() { b.announce(w) }()
	if err := ctx.Err(); err != nil {
		return 0, Wait{}, nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if w, answered, err = b.next(); err == nil && answered == nil && w.Until.IsZero() {
		// It counts before it is sent: Bitbucket may have counted a request whose answer is lost.
		b.requests++
		b.inFlight++
		b.spent[minuteOf(b.conf.Now())]++
	}
	return permit(b.pauses), w, answered, err
}

// next says what the next request has to wait for, if for anything.
func (b *Budget) next() (w Wait, answered <-chan struct{}, err error) {
	sum := b.sum()
	full := b.limit > 0 && sum >= b.limit
	switch {
	case b.conf.Max > 0 && b.requests >= b.conf.Max:
		return w, nil, fmt.Errorf("%w: this run was allowed %d", ErrBudgetSpent, b.conf.Max)
	case b.conf.Now().Before(b.until):
		w = Wait{b.until, "Bitbucket's rate limit is reached"}
	case b.allowed > 0 && b.inFlight >= b.allowed, full && b.limitUnknown && b.inFlight > 0:
		return w, b.changed, nil
	case full && !b.limitUnknown:
		w = Wait{b.room(sum), fmt.Sprintf("the %d requests of this hour are spent", b.limit)}
	default:
		return w, nil, nil
	}
	if b.conf.NoWait {
		return Wait{}, nil, fmt.Errorf("%w: %s", ErrBudgetSpent, w.Reason)
	}
	return w, nil, nil
}

// room returns when enough of the sum requests in the hour have left it for one more.
func (b *Budget) room(sum int) time.Time {
	var m int64
	for _, m = range slices.Sorted(maps.Keys(b.spent)) {
		if sum -= b.spent[m]; sum < b.limit {
			break
		}
	}
	return time.Unix((m+window)*60, 0)
}

// announce tells OnWait that a wait begins, or with a zero Wait that it is over: when the first of those who
// share it passes or gives up. A wait that grew by more than a second begins anew, so that a countdown stays
// true.
func (b *Budget) announce(w Wait) {
	grew := w.Until.Sub(b.announced) > time.Second
	if !b.announced.IsZero() && (grew || w.Until.IsZero()) {
		b.announced = time.Time{}
		b.conf.OnWait(Wait{})
	}
	if grew {
		b.announced = w.Until
		b.conf.OnWait(w)
	}
}

// limited returns a permit whose request was refused with 429. named is how long Bitbucket asked
// to wait, 0 where it did not say. Of the 429s to requests that were in flight together, the first begins a
// pause; the others may only make it longer.
func (b *Budget) limited(p permit, named time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
	b.finish()
}

// backoff doubles with each 429 in a row. A time that Bitbucket names is relied on once.
func backoff(consecutive int, named bool) time.Duration {
	if named && consecutive == 1 {
		return 0
	}
	d := doubled(firstPause, lastPause, consecutive)
	return d + rand.N(d/2)
}

// doubled is the nth duration of a series that doubles from first up to last.
func doubled(first, last time.Duration, n int) time.Duration {
	return min(last, first<<min(n-1, 16)) // 16 is more than any series has, and no overflow
}

// answered returns a permit whose request was not refused with 429; ok reports that an answer
// came. Without one, a limit that was unknown is still unknown, and the next request goes as a probe again.
func (b *Budget) answered(p permit, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ok {
		b.limitUnknown = false
	}
	if ok && p == permit(b.pauses) {
		b.consecutive = 0
		if b.allowed > 0 {
			b.allowed = (b.allowed + 1) % recovered
		}
	}
	b.finish()
}

// finish counts a request that is no longer in flight, and wakes the walkers that wait for one.
func (b *Budget) finish() {
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
