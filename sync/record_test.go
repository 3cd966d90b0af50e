package sync

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// What runs leave on record of each repository, besides its commits.

// TestRecordIsFresh runs an hour after a first run: whatever is unchanged or empty is as fresh as the rest.
func TestRecordIsFresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(3)
	w.acme.NewRepository("empty")
	w.sync()
	w.forward(time.Hour)
	w.acme.Repository("repo-001").Commits("main", 1)
	w.sync()
	for _, r := range w.known() {
		if w.clock().Sub(r.LastSync) > time.Minute || w.clock().Sub(r.Listed) > time.Minute {
			t.Errorf("%s: synced %v, listed %v", r.Slug, r.LastSync, r.Listed)
		}
	}
}

// TestRecordOfTheListing changes what a listing says of repositories without a push.
func TestRecordOfTheListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("before")
	r.Commits("main", 1)
	other := w.acme.NewRepository("other")
	other.Commits("main", 1)
	w.opt.Repos = patterns(t, "other") // what is left out is known all the same
	w.sync1()
	if repo, _ := w.repo(r); repo.Slug != "before" || repo.Workspace != "acme" || repo.MainBranch != "main" {
		t.Errorf("%+v", repo)
	}
	r.Rename("after")
	r.SetName("After")
	r.SetProject("P2")
	w.sync1()
	if repo, _ := w.repo(r); repo.Slug != "after" || repo.Name != "After" || repo.Project != "P2" {
		t.Errorf("%+v", repo)
	}
	w.opt.Repos = nil
	child := r.Fork(w.acme, "child")
	w.sync()
	if repo, _ := w.repo(child); repo.ForkOf != "acme/after" || repo.ForkOfUUID != store.UUID(r.UUID()) {
		t.Errorf("fork: %+v", repo)
	}
}

// sync1 is a run that must be complete for what was asked for.
func (w *world) sync1() {
	w.t.Helper()
	if s, err := w.run(nil); err != nil || !s.Complete {
		w.t.Fatalf("%+v, %v", s, err)
	}
}

// TestTouchedIsNotAsked moves the dates of repositories while listings name the heads. When they no longer
// do, those dates are known.
func TestTouchedIsNotAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.ListTargets(false)
	w.town(3)
	w.sync()
	w.server.ListTargets(true)
	for _, r := range w.acme.Repositories() {
		r.SetUpdatedOn(w.clock().Add(time.Hour))
	}
	w.sync()
	w.server.ListTargets(false)
	if w.sync(); w.server.Count() != 1 {
		t.Errorf("%d requests", w.server.Count())
	}
}

// TestFailureIsOver fails to audit a repository, of which the next listing says that nothing is missing.
func TestFailureIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 10)
	w.sync()
	r.Forbid(http.StatusForbidden)
	w.opt.Audit = true
	w.run(nil)
	if repo, _ := w.repo(r); repo.Failure == "" {
		t.Fatal("no failure is on record")
	}
	w.opt.Audit = false
	if w.sync(); w.server.Count() != 1 {
		t.Errorf("%d requests", w.server.Count())
	}
}

// TestUnfinishedAndRewound takes a push back whose walk is unfinished: the head is stored, and so is what
// is no longer on the branch.
func TestUnfinishedAndRewound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 10)
	w.sync()
	before := r.Head()
	r.Commits("main", 350)
	w.budget.Max = 2
	w.run(nil)
	if _, walking := w.repo(r); !walking {
		t.Fatal("no walk is unfinished")
	}
	w.budget.Max = 0
	r.Push("main", before)
	w.sync()
}

// TestFloorIsOfTheFirstSync gives dates to syncs of a repository that is whole, and later ones to one that
// has a floor: neither changes anything.
func TestFloorIsOfTheFirstSync(t *testing.T) {
	t.Parallel()
	f := newFloored(t)
	f.opt.HasSince = false
	for range 20 {
		f.commit("main")
	}
	f.sync()
	f.opt.HasSince, f.opt.Since = true, dayOf(15)
	f.commitAt("main", 3)
	f.sync()
	if repo, _ := f.repo(f.r); repo.Floor != 0 {
		t.Errorf("a floor of %v", time.Unix(repo.Floor, 0))
	}
	begun := f.acme.NewRepository("begun")
	begun.Commits("main", 250)
	f.opt.HasSince, f.budget.Max = false, 2
	f.run(nil)
	f.opt.HasSince, f.budget.Max, f.opt.Since = true, 0, f.clock().Add(time.Hour).Unix()
	f.sync() // a walk that began without a floor ends without one
	f.opt.Since = dayOf(15)
	late := f.acme.NewRepository("late")
	for n := range 30 {
		late.Commit("main", sandbox.Change{Date: time.Unix(dayOf(n), 0)})
	}
	f.sync1()
	f.opt.Since = dayOf(25)
	f.sync1()
	if repo, _ := f.repo(late); repo.Floor != dayOf(15) {
		t.Errorf("the floor is %v", time.Unix(repo.Floor, 0))
	}
}

// TestWorkspacesAreApart syncs two into one database: neither misses the repositories of the other.
func TestWorkspacesAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("one").Commits("main", 1)
	w.server.Workspace("beta").NewRepository("two").Commits("main", 1)
	for range 3 {
		for _, ws := range []string{"acme", "beta"} {
			w.opt.Workspace = ws
			if s, err := w.run(nil); err != nil || s.Repositories.Listed != 1 || s.Repositories.Gone != 0 {
				t.Errorf("%s: %+v, %v", ws, s, err)
			}
		}
	}
	for _, r := range w.known() {
		if r.Missing() {
			t.Errorf("%s is absent", r.Slug)
		}
	}
}

// TestOrderOfWork gives a run a request at a time: what has something new is first, the latest of all, and
// those that were never synced follow, the latest first.
func TestOrderOfWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.Jobs = 1
	age := func(slug string, hours int) *sandbox.Repository {
		r := w.acme.Repository(slug)
		if r == nil {
			r = w.acme.NewRepository(slug)
		}
		r.Commits("main", 1)
		r.SetUpdatedOn(w.clock().Add(-time.Duration(hours) * time.Hour))
		return r
	}
	age("known-old", 900)
	age("known-new", 800)
	w.sync()
	age("first-old", 200)
	age("first-new", 100)
	age("known-old", 700)
	age("known-new", 600)
	for _, want := range []string{"known-new", "known-old", "first-new", "first-old"} {
		w.budget.Max = 2
		s, err := w.run(nil)
		if err != nil && !errors.Is(err, bitbucket.ErrBudgetSpent) || s.Repositories.Synced != 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		r := w.acme.Repository(want)
		if got := w.stored(r); len(got) != len(r.Reachable("")) {
			t.Fatalf("%s is not the next: %d of %d commits", want, len(got), len(r.Reachable("")))
		}
	}
}

// TestSpentStartsNothing counts what a run begins when there is nothing left to begin it with.
func TestSpentStartsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.Jobs = 1
	w.town(30)
	w.budget.Max = 1
	started := 0
	if s, err := w.runTold(func(e Event) {
		if e.Kind == Started {
			started++
		}
	}); !errors.Is(err, bitbucket.ErrBudgetSpent) || s.Repositories.Pending != 30 {
		t.Errorf("%+v, %v", s, err)
	}
	if started > 2 {
		t.Errorf("%d walks were begun", started)
	}
}

// TestEndIsNotStored fails to write at the very end of a run that had nothing to do.
func TestEndIsNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(1)
	w.sync()
	path, moved := w.db.Path(), filepath.Join(t.TempDir(), "moved.db")
	_, err := w.runTold(func(e Event) {
		if e.Kind == Planned {
			w.spoil(path, moved)
		}
	})
	w.unspoil(path, moved)
	if err == nil {
		t.Error("no error")
	}
	w.sync()
}

// TestDatabaseFailsAsTheBudgetEnds: the failure is the news.
func TestDatabaseFailsAsTheBudgetEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 1000)
	path, moved := w.db.Path(), filepath.Join(t.TempDir(), "moved.db")
	w.budget.Max, w.opt.ahead = 4, 10
	w.server.OnRequest(func(n int, r *http.Request) {
		if n == w.budget.Max {
			w.spoil(path, moved)
		}
	})
	_, err := w.run(nil)
	w.server.OnRequest(nil)
	w.unspoil(path, moved)
	if err == nil || errors.Is(err, bitbucket.ErrBudgetSpent) {
		t.Errorf("error %v", err)
	}
	w.budget.Max = 0
	w.sync()
}

// runTold is a run whose events are told.
func (w *world) runTold(tell func(Event)) (Summary, error) {
	w.t.Helper()
	w.opt.Emit = tell
	defer func() { w.opt.Emit = nil }()
	return w.run(nil)
}
