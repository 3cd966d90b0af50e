package sync

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// throttles are the headers by which a 429 may say how long to wait: in all, until when.
var throttles = []struct {
	name, header string
	value        func(wait time.Duration, until time.Time) string
}{
	{"nothing", "", nil},
	{"seconds", "Retry-After", seconds},
	{"date", "Retry-After", func(_ time.Duration, t time.Time) string { return t.UTC().Format(http.TimeFormat) }},
	{"thirty years", "Retry-After", func(time.Duration, time.Time) string { return "946080000" }},
	{"a word", "Retry-After", func(time.Duration, time.Time) string { return "soon" }},
	{"reset in seconds", "X-Ratelimit-Reset", seconds},
	{"epoch", "X-Ratelimit-Reset", func(_ time.Duration, t time.Time) string { return fmt.Sprint(t.Unix() + 1) }},
	{"ISO 8601", "X-Ratelimit-Reset", func(_ time.Duration, t time.Time) string {
		return t.Add(time.Second).UTC().Format(time.RFC3339)
	}},
}

func seconds(wait time.Duration, _ time.Time) string { return fmt.Sprint(int(wait.Seconds()) + 1) }

// throttle has 429s say how long to wait. With X-RateLimit-Reset comes the limit, as a gateway sends it.
func (w *world) throttle(header string, value func(wait time.Duration, until time.Time) string) {
	w.server.Throttle(func(until time.Time) http.Header {
		h := http.Header{"X-Ratelimit-Remaining": {"0"}}
		if header == "X-Ratelimit-Reset" {
			h.Set("X-RateLimit-Limit", "15, 15;w=3600")
		}
		if header != "" {
			h.Set(header, value(until.Sub(w.clock()), until))
		}
		return h
	})
}

// TestThrottled spends Bitbucket's allowance several times over, however it says so. The clock of
// the world moves as often as somebody sleeps.
func TestThrottled(t *testing.T) {
	t.Parallel()
	for i, form := range throttles {
		limits := []int{0, 12, 1000} // ours: none, below and above Bitbucket's
		if testing.Short() {
			limits = limits[i%3:][:1]
		}
		for _, limit := range limits {
			t.Run(fmt.Sprintf("%s, limit %d", form.name, limit), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.town(shorter(30, 12))
				w.server.Limit(15)
				w.throttle(form.header, form.value)
				w.budget.Limit = limit
				waits, over := 0, 0
				w.budget.OnWait = func(wait bitbucket.Wait) {
					if wait.Until.IsZero() {
						over++
					} else {
						waits++
					}
				}
				s := w.sync()
				if waits == 0 || waits != over {
					t.Errorf("%d waits were told, and the end of %d", waits, over)
				}
				if limit == 12 && w.refused() > 0 {
					t.Errorf("%d of %d requests were refused, though the limit was known", w.refused(), s.Requests)
				}
				if w.refused() > s.Requests*2/3 { // without a word on how long, it looks now and then
					t.Errorf("%d of %d requests were refused", w.refused(), s.Requests)
				}
			})
		}
	}
}

// refused counts the requests of the last run that were answered with 429.
func (w *world) refused() (n int) {
	for _, r := range w.server.Requests() {
		if r.Status == 429 {
			n++
		}
	}
	return n
}

// TestNoWaitKeepsWhatWasFetched stops at the first 429, with as many walks under way as may be.
func TestNoWaitKeepsWhatWasFetched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.Jobs = 8
	w.town(30)
	w.server.Limit(20)
	w.budget.NoWait = true
	for run := range 30 {
		s, err := w.run(nil)
		if soundErr := w.sound(); soundErr != nil {
			t.Fatal(soundErr)
		}
		answered := w.server.Count(sandbox.CommitsKind) - w.refused()
		if s.Repositories.Listed > 0 && w.pagesAdded != answered {
			t.Errorf("run %d: %d pages were answered and %d stored", run, answered, w.pagesAdded)
		}
		if err == nil {
			w.checkAll()
			return
		}
		if !errors.Is(err, bitbucket.ErrBudgetSpent) || s.Repositories.Failed > 0 || s.Repositories.Pending == 0 && s.Repositories.Listed > 0 {
			t.Fatalf("run %d: %+v, %v", run, s, err)
		}
		w.forward(61 * time.Minute)
	}
	t.Error("never done")
}

// TestTwoRunsKnowOfEachOther gives each run the log of the one before, as the command does.
func TestTwoRunsKnowOfEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(10)
	w.server.Limit(20) // of Bitbucket: it would refuse the 21st
	w.budget.Limit, w.budget.NoWait = 20, true
	for run := range 40 {
		err := w.db.View(t.Context(), func(tx *store.Tx) (err error) {
			b, err := tx.Budget("test")
			w.budget.Spent = b.Spent
			return err
		})
		if err != nil && !errors.Is(err, store.ErrNoDatabase) {
			t.Fatal(err)
		}
		s, err := w.run(nil)
		if w.refused() > 0 {
			t.Fatalf("run %d: %d requests too many", run, w.refused())
		}
		if err == nil && s.Complete && run > 2 {
			w.checkAll()
			return
		}
		if err != nil && !errors.Is(err, bitbucket.ErrBudgetSpent) {
			t.Fatal(err)
		}
		w.forward(7 * time.Minute)
	}
	t.Error("never done")
}

func TestNoLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(30)
	w.budget.Limit = 0
	w.budget.Spent = map[int64]int{w.clock().Unix() / 60: 5000}
	w.budget.OnWait = func(wait bitbucket.Wait) { t.Errorf("waits: %+v", wait) }
	w.sync()
}
