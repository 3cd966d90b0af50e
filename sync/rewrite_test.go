package sync

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// TestRewrites changes a synced branch in every way, and looks at what the next sync costs and says.
func TestRewrites(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name           string
		change         func(w *world, r *sandbox.Repository)
		added, removed int
		commitRequests int
	}{
		{"rewind", func(_ *world, r *sandbox.Repository) { r.Rewind("main", 30) }, 0, 30, 0},
		{"amend", func(_ *world, r *sandbox.Repository) { r.ForcePush("main", 1) }, 1, 1, 1},
		{"force-push", func(_ *world, r *sandbox.Repository) { r.ForcePush("main", 150) }, 150, 150, 2},
		{"force-push, old head forgotten", func(_ *world, r *sandbox.Repository) {
			r.ForcePush("main", 20)
			r.GC()
		}, 20, 20, 2}, // a 404, then without exclude
		{"another history altogether", func(_ *world, r *sandbox.Repository) {
			r.Commits("orphan", 120)
			r.SwitchBranch("orphan")
		}, 120, 260, 2},
		{"rename of the branch", func(_ *world, r *sandbox.Repository) { r.RenameBranch("main", "trunk") }, 0, 0, 0},
		{"rename of the repository", func(_ *world, r *sandbox.Repository) { r.Rename("other") }, 0, 0, 0},
		{"switch to a merged branch", func(_ *world, r *sandbox.Repository) {
			r.Push("old", r.Reachable("main")[100])
			r.SwitchBranch("old")
		}, 0, 100, 0},
		{"switch to another branch", func(_ *world, r *sandbox.Repository) {
			r.Push("next", r.Reachable("main")[10])
			r.Commits("next", 40)
			r.SwitchBranch("next")
		}, 40, 10, 1},
		{"nothing but another branch", func(_ *world, r *sandbox.Repository) {
			r.Push("topic", r.Head())
			r.Commits("topic", 5)
		}, 0, 0, 0},
		{"late merge of an old branch", func(_ *world, r *sandbox.Repository) {
			r.Push("late", r.Reachable("main")[200])
			r.Commit("late", sandbox.Change{Date: time.Unix(0, 0)})
			r.Merge("main", "late", sandbox.Change{})
		}, 2, 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := w.acme.NewRepository("repo")
			r.Commits("main", 260)
			w.sync()
			test.change(w, r)
			s := w.sync()
			if s.Commits.Added != test.added || s.Commits.Removed != test.removed {
				t.Errorf("-%d +%d, want -%d +%d", s.Commits.Removed, s.Commits.Added, test.removed, test.added)
			}
			if got := w.server.Count(sandbox.CommitsKind); got != test.commitRequests {
				t.Errorf("%d requests for commits, want %d", got, test.commitRequests)
			}
			if w.sync(); w.server.Count() != 1 {
				t.Errorf("then idle: %d requests", w.server.Count())
			}
		})
	}
}

func TestForcePushOntoAnUnfinishedWalk(t *testing.T) {
	t.Parallel()
	for _, forgotten := range []bool{false, true} {
		w := newWorld(t)
		r := w.acme.NewRepository("repo")
		r.Commits("main", 450)
		w.run(func(p int) bool { return p == 2 })
		r.ForcePush("main", 120)
		if forgotten {
			r.GC()
		}
		w.sync()
		if w.sync(); w.server.Count() != 1 {
			t.Errorf("forgotten %t: then idle: %d requests", forgotten, w.server.Count())
		}
	}
}

func TestHeadThatRangesDoNotKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 150)
	w.acme.NewRepository("other").Commits("main", 5)
	w.sync()
	r.Commits("main", 3)
	unknown := fmt.Sprintf(`{"type":"error","error":{"message":"Commit not found","data":{"shas":[%q]}}}`, r.Head())
	w.server.FailNext("include="+r.Head(), sandbox.Fault{Status: 404, Body: unknown}, -1)
	s, err := w.run(nil)
	if err != nil || s.Repositories.Failed != 1 || s.Repositories.Unchanged != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	if n := len(w.stored(r)); n != 150 {
		t.Errorf("%d commits stored, want the 150 of before", n)
	}
	w.server.ClearFaults()
	w.sync()
}

func TestRepositoryLifeCycle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keep := w.acme.NewRepository("keep")
	keep.Commits("main", 10)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 10)
	w.sync()

	r.Delete()
	again := w.acme.NewRepository("repo") // another repository under the old slug
	again.Commits("main", 4)
	if s := w.sync(); s.Commits.Added != 4 || s.Commits.Removed != 0 {
		t.Errorf("re-created: %+v", s.Commits)
	}
	if old, _ := w.repo(r); old.Gone() || len(w.stored(r)) != 10 {
		t.Errorf("absent once: gone %t, %d commits", old.Gone(), len(w.stored(r)))
	}
	if s := w.sync(); s.Repositories.Gone != 1 {
		t.Errorf("absent twice: %+v", s.Repositories)
	}
	if old, _ := w.repo(r); !old.Gone() || len(w.stored(r)) != 10 {
		t.Errorf("gone %t, %d commits: they are to be kept", old.Gone(), len(w.stored(r)))
	}
	if !strings.Contains(strings.Join(w.told, "\n"), "repo is gone") {
		t.Errorf("told %q", w.told)
	}
}

func TestFloors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	day := func(n int) time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }
	for n := range 300 {
		if n == 50 {
			r.Push("late", r.Head())
		}
		r.Commit("main", sandbox.Change{Date: day(n)})
	}
	for n := range 3 {
		r.Commit("late", sandbox.Change{Date: day(50 + n)})
	}
	w.opt.HasSince, w.opt.Since = true, day(200).Unix()
	run := func(what string, commits, requests int) {
		t.Helper()
		s, err := w.run(nil)
		if err != nil || !s.Complete {
			t.Fatalf("%s: %+v, %v", what, s, err)
		}
		if got := len(w.stored(r)); got != commits {
			t.Errorf("%s: %d commits, want %d", what, got, commits)
		}
		if got := w.server.Count(sandbox.CommitsKind); got != requests {
			t.Errorf("%s: %d requests for commits, want %d", what, got, requests)
		}
	}
	run("first", 100, 2) // the boundary is on the second page
	run("again", 100, 0)
	r.Merge("main", "late", sandbox.Change{Date: day(301)})
	run("late merge", 101, 1)
	w.opt.Since = day(100).Unix()
	run("earlier", 201, 1) // 99 commits and the boundary
	r.Rewind("main", 150)
	w.opt.HasSince = false
	run("rewind", 51, 0)
	w.opt.HasSince, w.opt.Since = true, 0
	run("from the beginning", len(r.Reachable("")), 1)
	w.checkAll()
}

func TestListingWithoutTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.ListTargets(false)
	a, b := w.acme.NewRepository("a"), w.acme.NewRepository("b")
	a.Commits("main", 20)
	b.Commits("main", 20)
	w.sync()
	if got := w.server.Count(); got != 1+2+2 { // the listing, two heads, two pages
		t.Errorf("first: %d requests, want 5", got)
	}
	if w.sync(); w.server.Count() != 1 {
		t.Errorf("idle: %d requests, want 1", w.server.Count())
	}
	a.Commits("main", 1)
	if w.sync(); w.server.Count() != 3 {
		t.Errorf("one changed: %d requests, want 3", w.server.Count())
	}
	before, _ := w.repo(b)
	b.Commits("main", 1)
	b.SetUpdatedOn(before.UpdatedOn) // so that the listing does not show it, as with imported repositories
	if s, err := w.run(nil); err != nil || s.Commits.Added != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	w.forward(auditEvery + time.Hour)
	if s := w.sync(); s.Commits.Added != 1 {
		t.Errorf("the audit found %d commits, want 1", s.Commits.Added)
	}
}

// TestNewHeadFirst leaves a walk unfinished, of which the listing does not tell the head, and the head moves.
// The next run asks for it and stores the new commits before the old ones, whatever the budget is.
func TestNewHeadFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.server.ListTargets(false)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 1)
	w.sync()
	r.Commits("main", 250)
	w.budget.Max = 1 + 1 + 1 // listing, head, the first page
	w.run(nil)
	r.Commits("main", 5)
	w.budget.Max = 1 + 1 + 1 // listing, head, what is new
	if s, err := w.run(nil); !errors.Is(err, bitbucket.ErrBudgetSpent) || s.Commits.Added != 5 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.budget.Max = 1 + 1 + 2 // listing, head, the other pages
	if s := w.sync(); s.Commits.Added != 150 {
		t.Errorf("%+v", s)
	}
}

// TestStaleNext: the address of a next page may be forgotten while a run waits for its budget. The
// walk asks anew for what is wanted, and for nothing that is stored.
func TestStaleNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.Jobs = 1
	r := w.acme.NewRepository("repo")
	r.Commits("main", 100)
	w.sync()
	r.Commits("main", 450)
	stale := 0
	w.mangle(func(q *http.Request, p *jsonPage) {
		if q.URL.Query().Get("page") == "2" && strings.Contains(p.Next, "ctx=") {
			p.Next = strings.Replace(p.Next, "ctx=", "ctx=0", 1)
			stale++
		}
	})
	w.sync()
	if got, want := w.server.Count(sandbox.CommitsKind), pages(450)+stale; stale == 0 || got != want {
		t.Errorf("%d stale pages, %d requests for commits, want %d", stale, got, want)
	}
}
