package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// patience is far more than an interrupted run may take, and far less than what it waits for.
const patience = 5 * time.Second

// interrupted runs until cancel is called, and then no longer than it may.
func (w *world) interrupted(stop func(pages int) bool, prepare func(cancel func())) (Summary, error) {
	w.t.Helper()
	c, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	prepare(cancel)
	type result struct {
		s   Summary
		err error
	}
	done := make(chan result, 1)
	go func() {
		s, err := w.runUntil(c, cancel, stop)
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		if !errors.Is(r.err, context.Canceled) {
			w.t.Fatalf("interrupted: %+v, %v", r.s, r.err)
		}
		if r.s.Complete || r.s.Repositories.Failed > 0 {
			w.t.Errorf("interrupted: %+v", r.s)
		}
		return r.s, r.err
	case <-w.overdue(c):
		w.t.Fatalf("not stopped %v after it was interrupted", patience)
	}
	return Summary{}, nil
}

// overdue is closed some time after the end of a context.
func (w *world) overdue(c ctx) <-chan struct{} {
	late := make(chan struct{})
	context.AfterFunc(c, func() { time.AfterFunc(patience, func() { close(late) }) })
	return late
}

// resumes holds that the next run asks for nothing that is stored.
func (w *world) resumes() {
	w.t.Helper()
	if err := w.sound(); err != nil {
		w.t.Fatal(err)
	}
	total, before := 0, w.pagesStored()
	for _, r := range w.acme.Repositories() {
		total += pages(len(r.Reachable("")))
	}
	// One request is the listing. The server's own count has stragglers of the run before.
	if got := w.sync().Requests - 1; got != total-before {
		w.t.Errorf("%d pages of %d were stored, and %d more requests", before, total, got)
	}
}

func TestInterruptedWhileItWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 750)
	w.server.Limit(4)
	w.throttle("Retry-After", seconds)
	sleep := w.budget.Sleep
	w.budget.Sleep = nil // the real one: it would take an hour
	w.interrupted(nil, func(cancel func()) {
		w.budget.OnWait = func(wait bitbucket.Wait) {
			if !wait.Until.IsZero() {
				time.AfterFunc(20*time.Millisecond, cancel)
			}
		}
	})
	w.server.Limit(0)
	w.budget.Sleep, w.budget.OnWait = sleep, nil
	if got := w.pagesStored(); got != 3 {
		t.Errorf("%d pages stored, want 3", got)
	}
	w.resumes()
}

func TestInterruptedInSlowRequest(t *testing.T) {
	for _, match := range []string{"/repositories/acme?", "/commits?pagelen", "page=3"} {
		t.Run(match, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.acme.NewRepository("repo").Commits("main", 750)
			w.interrupted(nil, func(cancel func()) {
				w.server.OnRequest(func(_ int, r *http.Request) {
					if strings.Contains(r.URL.RequestURI(), match) {
						time.AfterFunc(20*time.Millisecond, cancel)
						<-r.Context().Done()
					}
				})
			})
			w.server.OnRequest(nil)
			w.resumes()
		})
	}
}

// TestDeadline holds that the end of a run's time is no failure of the repositories that it met.
func TestDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(6)
	w.server.OnRequest(func(_ int, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/commits") {
			<-r.Context().Done()
		}
	})
	c, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	s, err := w.runUntil(c, cancel, nil)
	if !errors.Is(err, context.DeadlineExceeded) || s.Repositories.Failed > 0 || len(s.Failures) > 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.server.OnRequest(nil)
	w.resumes()
}

func TestInterruptedAtAnyRequest(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 12; at += shorter(1, 3) {
		t.Run(fmt.Sprint("at ", at), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.town(4)
			w.acme.NewRepository("long").Commits("main", 550)
			w.interrupted(nil, func(cancel func()) {
				w.server.OnRequest(func(n int, r *http.Request) {
					if n == at {
						cancel()
					}
				})
			})
			w.server.OnRequest(nil)
			w.resumes()
		})
	}
}

// TestInterruptedWhileOthersHaveTheFile lets a reader keep the file for longer than anybody waits.
func TestInterruptedWhileOthersHaveTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 750)
	w.run(func(pages int) bool { return pages == 2 })
	before := w.pagesStored()
	reading, release := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- w.db.View(t.Context(), func(*store.Tx) error {
			close(reading)
			<-release
			return nil
		})
	}()
	<-reading
	w.interrupted(nil, func(cancel func()) { time.AfterFunc(50*time.Millisecond, cancel) })
	close(release)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := w.pagesStored(); got < before {
		t.Errorf("%d pages stored, %d before", got, before)
	}
	w.resumes()
}

// TestFileInUse ends a run once, not once for every change.
func TestFileInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(6)
	w.db.Timeout = 300 * time.Millisecond
	other := store.Open(w.db.Path())
	release := make(chan struct{})
	done := make(chan error, 1)
	w.server.OnRequest(func(n int, r *http.Request) {
		if n != 2 {
			return
		}
		reading := make(chan struct{})
		go func() {
			done <- other.View(t.Context(), func(*store.Tx) error {
				close(reading)
				<-release
				return nil
			})
		}()
		<-reading
	})
	begin := time.Now()
	s, err := w.run(nil)
	took := time.Since(begin)
	close(release)
	if e := <-done; e != nil {
		t.Fatal(e)
	}
	if !errors.Is(err, store.ErrInUse) || s.Complete || s.Repositories.Failed > 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if took > patience {
		t.Errorf("it took %v to give up, with a patience of %v", took, w.db.Timeout)
	}
	w.server.OnRequest(nil)
	w.resumes()
}

// TestDatabaseFails takes the right to write away in the middle of a run: it ends with that error,
// and what was stored stays.
func TestDatabaseFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 5000)
	path := w.db.Path()
	moved := filepath.Join(filepath.Dir(path), "moved.db")
	s, err := w.run(func(pages int) bool {
		if pages == 3 {
			w.spoil(path, moved)
		}
		return false
	})
	if err == nil || errors.Is(err, context.Canceled) || s.Complete || s.Repositories.Failed > 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.unspoil(path, moved)
	if got := w.pagesStored(); got < 3 || got >= 50 {
		t.Errorf("%d pages stored", got)
	}
	w.resumes()
}
