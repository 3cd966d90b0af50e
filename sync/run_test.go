package sync

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// pages is ⌈n/100⌉: the requests that n things cost.
func pages(n int) int { return (n + 99) / 100 }

func TestRequestsAreTheFewestPossible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sizes := []int{1, 99, 100, 101, 250, 1000}
	want := 1 // the listing
	for i, n := range sizes {
		w.acme.NewRepository(fmt.Sprintf("repo-%d", i)).Commits("main", n)
		want += pages(n)
	}
	for i := range 120 { // a second page of the listing
		w.acme.NewRepository(fmt.Sprintf("empty-%d", i))
	}
	want++

	if s := w.sync(); s.Requests != want || w.server.Count() != want {
		t.Errorf("first sync: %d requests counted, %d sent, want %d", s.Requests, w.server.Count(), want)
	}
	s := w.sync()
	if w.server.Count() != 2 || s.Repositories.Unchanged != len(sizes) || s.Repositories.Empty != 120 {
		t.Errorf("idle sync: %d requests, want 2: %+v", w.server.Count(), s.Repositories)
	}
	w.acme.Repository("repo-0").Commits("main", 7)
	w.acme.Repository("repo-5").Commits("main", 130)
	if s = w.sync(); w.server.Count() != 2+pages(7)+pages(130) || s.Commits.Added != 137 {
		t.Errorf("next day: %d requests, +%d commits", w.server.Count(), s.Commits.Added)
	}
}

func TestStoppedAfterAnyPage(t *testing.T) {
	t.Parallel()
	sizes := []int{350, 120, 80}
	total := 0
	for _, n := range sizes {
		total += pages(n)
	}
	for _, jobs := range []int{1, 3} {
		for stopAt := 1; stopAt < total; stopAt++ {
			t.Run(fmt.Sprintf("jobs %d, page %d", jobs, stopAt), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.opt.Jobs = jobs
				for i, n := range sizes {
					w.acme.NewRepository(fmt.Sprintf("repo-%d", i)).Commits("main", n)
				}
				s, err := w.run(func(p int) bool { return p == stopAt })
				if err == nil || !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				before := w.pagesStored()
				if r := s.Repositories; s.Complete || r.Synced+r.Pending != r.Listed {
					t.Errorf("%+v", s)
				}
				// The server may still see a request of the run before, so the client's are counted; one
				// of them is the listing.
				if got, want := w.sync().Requests, 1+total-before; got != want {
					t.Errorf("%d more requests, want %d", got, want)
				}
			})
		}
	}
}

// pagesStored is how many full or last pages are in the database.
func (w *world) pagesStored() int {
	n := 0
	for _, hashes := range w.storedOf(w.acme.Repositories()...) {
		n += pages(len(hashes))
	}
	return n
}

func TestStoppedAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("long")
	r.Commits("main", 1050)
	for range pages(1050) {
		if _, err := w.run(func(p int) bool { return true }); err == nil {
			break
		}
		r.Commits("main", 1) // a push meanwhile is the next walk
	}
	w.sync()
}

func TestNothingToList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.Workspace("acme")
	if _, err := w.run(nil); !errors.Is(err, ErrNoResources) {
		t.Errorf("empty workspace: %v", err)
	}
	if got := w.server.Count(sandbox.Listing); got != 2 {
		t.Errorf("an empty listing was asked for %d times, want twice", got)
	}
	w.opt.Workspace = "nobody"
	if _, err := w.run(nil); !bitbucket.IsNotFound(err) {
		t.Errorf("unknown workspace: %v", err)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, slug := range []string{"pay-api", "pay-web", "mobile"} {
		w.acme.NewRepository(slug).Commits("main", 3)
	}
	w.acme.Repository("mobile").SetProject("APP")
	w.opt.Repos = patterns(t, "PAY-*")
	s, err := w.run(nil)
	if err != nil || s.Repositories.Listed != 2 || s.Commits.Added != 6 || !s.Complete {
		t.Errorf("--repo PAY-*: %+v, %v", s, err)
	}
	w.opt.Repos = patterns(t, "[!m]*")
	if s, err = w.run(nil); err != nil || s.Repositories.Listed != 2 {
		t.Errorf("--repo [!m]*: %+v, %v", s, err)
	}
	w.opt.Repos, w.opt.Projects = nil, patterns(t, "app")
	if s, err = w.run(nil); err != nil || s.Repositories.Listed != 1 || s.Commits.Added != 3 {
		t.Errorf("--project app: %+v, %v", s, err)
	}
	w.opt.Projects = patterns(t, "none")
	if _, err = w.run(nil); !errors.Is(err, ErrNothingMatches) {
		t.Errorf("--project none: %v", err)
	}
}

func TestOneForbiddenRepository(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		w := newWorld(t)
		w.acme.NewRepository("open").Commits("main", 30)
		secret := w.acme.NewRepository("secret")
		secret.Commits("main", 30)
		secret.Forbid(status)
		s, err := w.run(nil)
		if err != nil || s.Repositories.Failed != 1 || s.Repositories.Synced != 1 || s.Complete || len(s.Failures) != 1 {
			t.Fatalf("%d: %+v, %v", status, s, err)
		}
		if repo, _ := w.repo(secret); repo.State(false) != "failed: "+s.Failures[0].Error {
			t.Errorf("%d: state %q", status, repo.State(false))
		}
		secret.Forbid(0)
		w.sync()
	}
}

func TestRevokedCredentialStopsAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 20 {
		w.acme.NewRepository(fmt.Sprintf("repo-%d", i)).Commits("main", 150)
	}
	s, err := w.run(func(p int) bool {
		if p == 3 {
			w.credential.Expire(time.Unix(0, 0))
		}
		return false
	})
	if !bitbucket.IsUnauthorized(err) || s.Repositories.Pending == 0 || s.Repositories.Failed != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.credential.Expire(time.Time{})
	w.sync()
}

func TestBudgetEndsTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 5 {
		w.acme.NewRepository(fmt.Sprintf("repo-%d", i)).Commits("main", 250)
	}
	w.budget.Max = 4
	for run := range 6 {
		s, err := w.run(nil)
		if w.server.Count() > 4 {
			t.Fatalf("%d requests", w.server.Count())
		}
		if err == nil {
			if want := 4; run != want { // 15 pages, 3 a run, and the last run finds nothing else
				t.Errorf("done in run %d, want %d", run, want)
			}
			w.checkAll()
			return
		}
		if !errors.Is(err, bitbucket.ErrBudgetSpent) || s.Repositories.Failed > 0 {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	t.Error("never done")
}

func TestBudgetOutlivesTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 250)
	w.budget.Limit = 500
	s := w.sync()
	err := w.db.View(t.Context(), func(tx *store.Tx) error {
		b, err := tx.Budget("test")
		spent := b.Spent
		sum := 0
		for _, n := range spent {
			sum += n
		}
		if sum != s.Requests {
			t.Errorf("%d requests on record, want %d", sum, s.Requests)
		}
		if b.Limit != 500 {
			t.Errorf("a limit of %d is on record", b.Limit)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPlanIsNotComplete: what it tells of is still to do, and it stores no commit.
func TestPlanIsNotComplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(3)
	w.opt.Plan = true
	s, err := w.run(nil)
	if err != nil || s.Complete || s.Repositories.Pending != 3 || s.Requests != 1 || s.Plan == nil || s.Plan.First != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	w.opt.Plan = false
	w.sync()
	w.opt.Plan = true
	if s, err := w.run(nil); err != nil || !s.Complete || s.Plan.Requests != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}
