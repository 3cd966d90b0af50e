package bitbucket

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestPauseSendsOneFirst: after a 429 the walkers wait together, one looks, and when it fares
// well the others follow, each answer bringing one more.
func TestPauseSendsOneFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []Wait
		b := NewBudget(BudgetConfig{OnWait: func(w Wait) { waits = append(waits, w) }})
		// All eight are under way when the limit is reached.
		permits := make([]permit, 8)
		for i := range permits {
			permits[i], _ = b.acquire(t.Context())
		}
		for _, p := range permits {
			b.limited(p, 0)
		}
		if until := time.Until(b.until); until < time.Second || until > 1500*time.Millisecond {
			t.Errorf("eight 429s of one moment make a pause of %v", until)
		}
		var mu sync.Mutex
		underWay, most, refused := 0, 0, 2
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for done := false; !done; {
					p, err := b.acquire(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					underWay++
					most = max(most, underWay)
					done = refused == 0
					if !done {
						refused--
						if underWay != 1 {
							t.Errorf("%d went to look", underWay)
						}
					}
					mu.Unlock()
					time.Sleep(100 * time.Millisecond)
					mu.Lock()
					underWay--
					mu.Unlock()
					if done {
						b.answered(p, true)
					} else {
						b.limited(p, 0)
					}
				}
			})
		}
		group.Wait()
		if got := b.Requests(); got != 8+2+8 {
			t.Errorf("%d requests, want 18", got)
		}
		if most < 2 || most > 4 { // 1, then 2, then 4 or what is left
			t.Errorf("at most %d were under way", most)
		}
		if len(waits) != 6 {
			t.Errorf("3 pauses were said as %v", waits)
		}
	})
}

// TestPauseSurvivesALostProbe: the one that looks may fail without an answer.
func TestPauseSurvivesALostProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{})
		p, _ := b.acquire(t.Context())
		b.limited(p, time.Minute)
		probe, err := b.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second one: %v", err)
		}
		b.answered(probe, false)
		probe, err = b.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b.answered(probe, true)
		spend(t, b, 20)
		if b.allowed != 0 || b.inFlight != 0 {
			t.Errorf("still %d allowed, %d in flight", b.allowed, b.inFlight)
		}
	})
}

// TestPauseLengths: without a named time the pause doubles up to some minutes, and an answer
// brings it back to the beginning.
func TestPauseLengths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{})
		refuse := func(named time.Duration) time.Duration {
			p, err := b.acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b.limited(p, named)
			return time.Until(b.until)
		}
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240} {
			want *= time.Second
			if got := refuse(0); got < want || got > want*3/2 {
				t.Errorf("pause %d is %v, want %v and half of it at most", i+1, got, want)
			}
		}
		spend(t, b, 1)
		if got := refuse(0); got > 1500*time.Millisecond {
			t.Errorf("after an answer the pause is %v", got)
		}
		spend(t, b, 1)
		for i, tt := range []struct{ named, least, most time.Duration }{
			{time.Second, time.Second, time.Second},
			{time.Second, 2 * time.Second, 3 * time.Second}, // was believed once
			{time.Hour, time.Hour, time.Hour},
			{100 * time.Hour, maxPause, maxPause},
		} {
			if got := refuse(tt.named); got < tt.least || got > tt.most {
				t.Errorf("named pause %d is %v, want %v to %v", i, got, tt.least, tt.most)
			}
		}
	})
}

// TestRollingWindow runs walkers against a service that really counts a rolling hour, half of
// which somebody else has spent: they finish, and burn few requests on looking.
func TestRollingWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, wanted = 100, 300
		var mu sync.Mutex
		var hour []time.Time
		for range limit / 2 {
			hour = append(hour, time.Now())
		}
		refused, served := 0, 0
		serve := func() bool {
			mu.Lock()
			defer mu.Unlock()
			for len(hour) > 0 && time.Since(hour[0]) >= time.Hour {
				hour = hour[1:]
			}
			if len(hour) >= limit {
				refused++
				return false
			}
			hour = append(hour, time.Now())
			served++
			return true
		}
		b := NewBudget(BudgetConfig{Limit: limit})
		var group sync.WaitGroup
		work := make(chan bool, wanted)
		for range wanted {
			work <- true
		}
		close(work)
		for range 8 {
			group.Go(func() {
				for range work {
					for done := false; !done; {
						p, err := b.acquire(t.Context())
						if err != nil {
							t.Error(err)
							return
						}
						time.Sleep(100 * time.Millisecond)
						if done = serve(); done {
							b.answered(p, true)
						} else {
							b.limited(p, 0)
						}
					}
				}
			})
		}
		begin := time.Now()
		group.Wait()
		if served != wanted || time.Since(begin) > 4*time.Hour {
			t.Errorf("%d served in %v", served, time.Since(begin))
		}
		if refused > 60 {
			t.Errorf("%d requests were burnt", refused)
		}
		t.Logf("%d refused, %v", refused, time.Since(begin))
	})
}

// TestPauseIsSaidOnce: the 429s of eight walkers come one after the other, while others wait
// already, and one of them asks for much more.
func TestPauseIsSaidOnce(t *testing.T) {
	tests := []struct {
		name string
		last time.Duration // what the last 429 asks for
		want []time.Duration
	}{
		{"all ask for a minute", time.Minute, []time.Duration{time.Minute + 10*time.Millisecond}},
		{"one asks for an hour", time.Hour, []time.Duration{time.Minute + 10*time.Millisecond, time.Hour + 80*time.Millisecond}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said []time.Duration
				over := 0
				begin := time.Now()
				b := NewBudget(BudgetConfig{OnWait: func(w Wait) {
					if w.Until.IsZero() {
						over++
					} else {
						said = append(said, w.Until.Sub(begin))
					}
				}})
				var group sync.WaitGroup
				for i := range 8 {
					group.Go(func() {
						p, err := b.acquire(t.Context())
						if err != nil {
							t.Error(err)
						}
						time.Sleep(time.Duration(i+1) * 10 * time.Millisecond)
						if i < 7 {
							b.limited(p, time.Minute)
						} else {
							b.limited(p, tt.last)
						}
						spend(t, b, 1)
					})
				}
				group.Wait()
				if !slices.Equal(said, tt.want) || over != len(said) {
					t.Errorf("said %v, %d over, want %v", said, over, tt.want)
				}
				if d := time.Since(begin); d != tt.last+80*time.Millisecond {
					t.Errorf("the wait took %v", d)
				}
			})
		})
	}
}

// TestPauseIsOverForAll: all who wait give up, and a wait that nobody is in is over.
func TestPauseIsOverForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []Wait
		b := NewBudget(BudgetConfig{OnWait: func(w Wait) { waits = append(waits, w) }})
		p, _ := b.acquire(t.Context())
		b.limited(p, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		begin := time.Now()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := b.acquire(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		time.Sleep(time.Minute)
		cancel()
		group.Wait()
		if time.Since(begin) != time.Minute {
			t.Errorf("they gave up after %v", time.Since(begin))
		}
		if len(waits) != 2 || !waits[1].Until.IsZero() {
			t.Errorf("said %v", waits)
		}
	})
}
