package bitbucket

import (
	"errors"
	"maps"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// spend acquires and returns n permits, and returns when each was given.
func spend(t *testing.T, b *Budget, n int) (times []time.Time) {
	t.Helper()
	for range n {
		p, err := b.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, time.Now())
		b.answered(p, true)
	}
	return times
}

// TestBudgetHour spends at random over a day and looks at every rolling hour of it.
func TestBudgetHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 50
		b := NewBudget(BudgetConfig{Limit: limit})
		rnd := rand.New(rand.NewPCG(3, 4))
		var times []time.Time
		for range 2000 {
			if rnd.IntN(3) == 0 {
				time.Sleep(time.Duration(rnd.IntN(100)) * time.Second)
			}
			before := time.Now()
			times = append(times, spend(t, b, 1)...)
			if n := len(times); n > limit {
				if hour := times[n-1].Sub(times[n-1-limit]); hour < time.Hour {
					t.Fatalf("%d requests in %v", limit+1, hour)
				} else if waited := times[n-1].Sub(before); waited > 0 && hour > 62*time.Minute {
					t.Fatalf("waited %v although there was room after an hour, %v", waited, hour)
				}
			}
		}
	})
}

func TestBudgetSpendsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{Limit: 1000})
		begin := time.Now()
		spend(t, b, 1000)
		if !time.Now().Equal(begin) {
			t.Errorf("the first thousand took %v", time.Since(begin))
		}
		if left, limited := b.Left(); left != 0 || !limited {
			t.Errorf("left %d, %v", left, limited)
		}
		spend(t, b, 1)
		if d := time.Since(begin); d < time.Hour || d > 61*time.Minute {
			t.Errorf("the next came after %v", d)
		}
	})
}

// TestBudgetOutlivesTheRun: what one run spent is held against the next.
func TestBudgetOutlivesTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{Limit: 100})
		spend(t, b, 60)
		time.Sleep(20 * time.Minute)
		spend(t, b, 30)
		spent := b.Spent()
		b = NewBudget(BudgetConfig{Limit: 100, Spent: spent})
		if left, _ := b.Left(); left != 10 || b.Requests() != 0 {
			t.Errorf("left %d after %d requests", left, b.Requests())
		}
		begin := time.Now()
		spend(t, b, 11)
		if d := time.Since(begin); d < 40*time.Minute || d > 41*time.Minute {
			t.Errorf("the eleventh came after %v", d)
		}
		time.Sleep(2 * time.Hour)
		if got := b.Spent(); len(got) != 0 {
			t.Errorf("still %v after two hours", got)
		}
		if spent[minuteOf(begin)] != 30 {
			t.Errorf("the map that was given away has changed: %v", spent)
		}
	})
}

// TestBudgetForgetsTheFuture: requests that a wrong clock has put ahead never leave the hour.
func TestBudgetForgetsTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := minuteOf(time.Now())
		b := NewBudget(BudgetConfig{Limit: 10, Spent: map[int64]int{
			now + 60: 10, now + 1<<40: 10, now - 61: 10, -7: 10, now - 1: -10, now - 2: 3}})
		if left, _ := b.Left(); left != 7 {
			t.Errorf("left %d, want 7", left)
		}
		if got := b.Spent(); !maps.Equal(got, map[int64]int{now - 2: 3}) {
			t.Errorf("spent %v", got)
		}
	})
}

// TestInWindow: requests count for an hour at least, and for a minute more at most.
func TestInWindow(t *testing.T) {
	begin := time.Unix(1_750_000_000, 0)
	for after := range 130 * 60 {
		spent := begin.Add(time.Duration(after) * time.Second)
		for _, age := range []time.Duration{0, time.Minute, time.Hour - time.Nanosecond} {
			if !inWindow(minuteOf(spent), spent.Add(age)) {
				t.Fatalf("%v has left the hour after %v", spent, age)
			}
		}
		if inWindow(minuteOf(spent), spent.Add(61*time.Minute)) {
			t.Fatalf("%v is in the hour after 61 minutes", spent)
		}
	}
}

func TestBudgetMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{Limit: 10, Max: 3, Spent: map[int64]int{minuteOf(time.Now()): 4}})
		if left, limited := b.Left(); left != 3 || !limited {
			t.Errorf("left %d, %v", left, limited)
		}
		spend(t, b, 3)
		if _, err := b.acquire(t.Context()); !errors.Is(err, ErrBudgetSpent) {
			t.Errorf("got %v", err)
		}
		if b.Requests() != 3 {
			t.Errorf("%d requests", b.Requests())
		}
	})
}

func TestBudgetNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		said := 0
		conf := BudgetConfig{Limit: 2, NoWait: true, OnWait: func(Wait) { said++ }}
		b := NewBudget(conf)
		spend(t, b, 2)
		if _, err := b.acquire(t.Context()); !errors.Is(err, ErrBudgetSpent) || !strings.Contains(err.Error(), "the 2 requests of this hour are spent") {
			t.Errorf("full hour: got %v", err)
		}
		b = NewBudget(conf)
		p, _ := b.acquire(t.Context())
		b.limited(p, 0)
		if _, err := b.acquire(t.Context()); !errors.Is(err, ErrBudgetSpent) {
			t.Errorf("429: got %v", err)
		}
		if said != 0 {
			t.Errorf("%d waits were said", said)
		}
	})
}

func TestBudgetWithoutLimit(t *testing.T) {
	b := NewBudget(BudgetConfig{})
	spend(t, b, 5000)
	if left, limited := b.Left(); limited || left != 0 || b.Limit() != 0 {
		t.Errorf("left %d, %v", left, limited)
	}
}

// TestBudgetSaysAWaitOnce: eight walkers run into a full hour, twice.
func TestBudgetSaysAWaitOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits []Wait
		b := NewBudget(BudgetConfig{Limit: 4, OnWait: func(w Wait) { waits = append(waits, w) }})
		begin := time.Now()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() { spend(t, b, 1) })
		}
		group.Wait()
		spend(t, b, 1)
		if len(waits) != 4 || waits[0].Until.IsZero() || waits[2].Until.IsZero() ||
			!waits[1].Until.IsZero() || !waits[3].Until.IsZero() {
			t.Fatalf("waits: %v", waits)
		}
		if !waits[0].Until.Equal(begin.Add(60*time.Minute)) || !waits[2].Until.Equal(begin.Add(120*time.Minute)) {
			t.Errorf("waits: %v since %v", waits, begin)
		}
		if waits[0].Reason != "the 4 requests of this hour are spent" {
			t.Errorf("reason %q", waits[0].Reason)
		}
	})
}

func TestBudgetGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := map[int64]int{minuteOf(time.Now()): 1000}
		b := NewBudget(BudgetConfig{Limit: 1000, Granted: true, Spent: full})
		begin := time.Now()
		p, err := b.acquire(t.Context()) // one may go, to learn
		if err != nil || !time.Now().Equal(begin) {
			t.Fatalf("the first waited %v, %v", time.Since(begin), err)
		}
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() { spend(t, b, 1) })
		}
		time.Sleep(time.Second)
		if b.Requests() != 1 {
			t.Errorf("%d requests before the answer", b.Requests())
		}
		b.grant(1500)
		b.answered(p, true)
		group.Wait()
		if time.Since(begin) != time.Second {
			t.Errorf("the others waited %v", time.Since(begin))
		}
		if left, _ := b.Left(); left != 496 || b.Limit() != 1500 {
			t.Errorf("left %d of %d", left, b.Limit())
		}
		b = NewBudget(BudgetConfig{Limit: 100})
		b.grant(5000)
		if b.Limit() != 100 || b.limitUnknown {
			t.Errorf("the user's own limit became %d", b.Limit())
		}
	})
}

// TestLimitIsProbedWithoutWaiting: NoWait refuses to wait for time, not for the answer of the request
// that tells the limit.
func TestLimitIsProbedWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBudget(BudgetConfig{Limit: 1000, Granted: true, NoWait: true, Spent: map[int64]int{minuteOf(time.Now()): 1000}})
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				p, err := b.acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Second)
				b.grant(1500)
				b.answered(p, true)
			})
		}
		group.Wait()
		if left, _ := b.Left(); left != 492 {
			t.Errorf("left %d", left)
		}
	})
	b := NewBudget(BudgetConfig{Limit: 10, Granted: true, NoWait: true, Spent: map[int64]int{minuteOf(time.Now()): 10}})
	spend(t, b, 1) // whose answer names no limit
	if _, err := b.acquire(t.Context()); !errors.Is(err, ErrBudgetSpent) {
		t.Errorf("got %v", err)
	}
}

// TestOnWaitMayCallTheBudget, as a progress line does, while walkers come and go.
func TestOnWaitMayCallTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b *Budget
		open, calls := false, 0
		b = NewBudget(BudgetConfig{Limit: 20, OnWait: func(w Wait) {
			if calls++; open != w.Until.IsZero() {
				t.Errorf("call %d: a wait is open: %v, and now %v", calls, open, w)
			}
			open = !w.Until.IsZero()
			b.Left()
			b.Requests()
			for range 100 { // the others come and go meanwhile
				runtime.Gosched()
			}
		}})
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				for j := range 10 {
					p, err := b.acquire(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					time.Sleep(time.Duration(i) * time.Second)
					if (i+j)%7 == 0 {
						b.limited(p, time.Duration(j)*time.Minute)
					} else {
						b.answered(p, true)
					}
				}
			})
		}
		group.Wait()
		if open || calls < 8 {
			t.Errorf("%d calls, still open: %v", calls, open)
		}
	})
}
