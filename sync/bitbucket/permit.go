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
	firstPause = time.Second     // after a 429 that does not say how long
	lastPause  = 4 * time.Minute // room in a rolling hour comes back bit by bit: look now and then
	maxPause   = 65 * time.Minute

	// recovered is how many requests in flight prove that a pause is over: one more than the default
	// number of walkers.
	recovered = 9
)

// A permit allows one request. It must be returned with answered or limited. It is the number of
// pauses there had been: an answer to a request that was sent before a pause says nothing about it.
type permit int

// acquire waits until a request may be sent and counts it. The wait that all walkers share is over
// when the first of them passes or gives up; contexts end for all at once.
func (b *Budget) acquire(ctx context.Context) (permit, error) {
	b.mu.Lock()
	defer b.unlock()
	defer b.notify(Wait{})
	for ctx.Err() == nil {
		w, open, err := b.next()
		switch {
		case open:
			// It counts before it is sent: Bitbucket may have counted a request whose answer is lost.
			b.requests++
			b.inFlight++
			b.spent[minuteOf(b.conf.Now())]++
			return permit(b.pauses), nil
		case err == nil:
			err = b.await(ctx, w)
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, ctx.Err()
}

// next says whether a request may be sent now, or else how long not. A Wait without a time lasts until
// a request that is in flight was answered.
func (b *Budget) next() (w Wait, open bool, err error) {
	sum := b.sum()
	switch {
	case b.conf.Max > 0 && b.requests >= b.conf.Max:
		return w, false, fmt.Errorf("%w: this run was allowed %d", ErrBudgetSpent, b.conf.Max)
	case b.conf.Now().Before(b.until):
		w = Wait{b.until, "Bitbucket's rate limit is reached"}
	case b.allowed > 0 && b.inFlight >= b.allowed:
		return w, false, nil
	case b.limit == 0 || sum < b.limit:
		return w, true, nil
	case b.limitUnknown:
		return w, b.inFlight == 0, nil
	default:
		w = Wait{b.room(sum), fmt.Sprintf("the %d requests of this hour are spent", b.limit)}
	}
	if b.conf.NoWait {
		err = fmt.Errorf("%w: %s", ErrBudgetSpent, w.Reason)
	}
	return w, false, err
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

// await releases the lock while it waits. It looks at changed before that, so that it misses no answer.
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
	b.finish()
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

// jitter returns a duration in [0, d).
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}
