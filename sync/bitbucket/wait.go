package bitbucket

import (
	"context"
	"math/rand/v2"
	"time"
)

// A Wait is a time in which no request is sent.
type Wait struct {
	Until  time.Time
	Reason string
}

// An obstacle is why no request may be sent now.
type obstacle struct {
	Wait                  // a zero Until: until round ends
	round context.Context // ends when it is worth to try again earlier
}

// A waiter is one walker that waits, through as many obstacles as it meets.
type waiter struct{ counted bool }

// wait sleeps until the obstacle's time, until something changed, or until ctx ends.
func (b *Budget) wait(ctx context.Context, w *waiter, o obstacle) error {
	if o.Until.IsZero() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.round.Done():
			return nil
		}
	}
	b.begin(w, o.Wait)
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(o.round, cancel)()
	if err := b.conf.Sleep(ctx2, o.Until.Sub(b.conf.Now())); err != nil && ctx2.Err() == nil {
		return err
	}
	b.wake()
	return ctx.Err()
}

// begin, wake and leave frame the wait that all walkers share: the first to begin it says so, and
// that it is over says the first to wake up in time, to be let through, or the last to give up.
// One that grows by more than a second is over and begins anew, so that a countdown stays true.
func (b *Budget) begin(w *waiter, wait Wait) {
	b.says.Lock()
	defer b.says.Unlock()
	if !w.counted {
		w.counted = true
		b.waiters++
	}
	if !b.said.Until.IsZero() && wait.Until.Sub(b.said.Until) > time.Second {
		b.say(Wait{})
	}
	if b.said.Until.IsZero() {
		b.say(wait)
	}
}

func (b *Budget) wake() {
	b.says.Lock()
	defer b.says.Unlock()
	if !b.said.Until.IsZero() && !b.conf.Now().Before(b.said.Until) {
		b.say(Wait{})
	}
}

func (b *Budget) leave(w *waiter, passed bool) {
	if !w.counted {
		return
	}
	b.says.Lock()
	defer b.says.Unlock()
	b.waiters--
	if !b.said.Until.IsZero() && (passed || b.waiters == 0) {
		b.say(Wait{})
	}
}

func (b *Budget) say(w Wait) {
	b.said = w
	if b.conf.OnWait != nil {
		b.conf.OnWait(w)
	}
}

// changed wakes all who wait, so that they look again.
func (b *Budget) changed() {
	b.advance()
	b.round, b.advance = context.WithCancel(context.Background())
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
