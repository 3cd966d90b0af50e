package sync

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

func TestListingEmptyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(3)
	w.sync()
	w.failNext("/repositories/acme?", emptyListing, 1)
	if s := w.sync(); s.Repositories.Unchanged != 3 || w.server.Count() != 2 {
		t.Errorf("%+v, %d requests", s, w.server.Count())
	}
}

// TestIncompleteListing leaves a repository out of listings whose size counts it.
func TestIncompleteListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(3)
	w.sync()
	w.mangle(func(q *http.Request, p *jsonPage) {
		if p.Size != nil {
			p.Values = p.Values[1:]
		}
	})
	for range 3 {
		s, err := w.run(nil)
		if err != nil || s.Complete || s.Repositories.Gone != 0 || s.Repositories.Listed != 2 {
			t.Fatalf("%+v, %v", s, err)
		}
		w.forward(time.Minute)
		if !strings.Contains(strings.Join(w.told, "\n"), "2 of 3 repositories") {
			t.Errorf("told %q", w.told)
		}
	}
	if ws := w.workspaces()[0]; !ws.LastListed.Before(ws.LastSync) {
		t.Errorf("an incomplete listing is on record: %+v", ws)
	}
	for _, r := range w.known() {
		if r.Missing() {
			t.Errorf("%s is absent", r.Slug)
		}
	}
	w.via = ""
	w.sync()
}

// TestShiftedListing repeats one repository over two pages and lets another fall between them.
func TestShiftedListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(shorter(102, 8))
	for i := range 102 - len(w.acme.Repositories()) {
		w.acme.NewRepository(fmt.Sprint("empty-", i))
	}
	w.failNext("/repositories/acme?", duplicateRows(), 2) // of which the second is page 2
	if s := w.sync(); s.Repositories.Listed != 102 {
		t.Errorf("a uuid listed twice: %+v", s)
	}
	w.failNext("page=2", shiftedPage, 1)
	if s := w.sync(); s.Repositories.Listed != 102 || s.Requests != 4 {
		t.Errorf("a repository fell between pages, once: %+v", s)
	}
	w.failNext("page=2", shiftedPage, 2)
	if s, err := w.run(nil); err != nil || s.Complete || s.Repositories.Listed != 101 || s.Requests != 4 {
		t.Errorf("a repository fell between pages, twice: %+v, %v", s, err)
	}
	w.sync()
}

// TestHalfAListing is one that looks complete. It takes two of them to call a repository gone, and
// its return is enough to call it back.
func TestHalfAListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(4)
	w.sync()
	half := func(gone int) {
		t.Helper()
		w.failNext("/repositories/acme?", shortListing, 1)
		if s, err := w.run(nil); err != nil || s.Repositories.Listed != 2 || s.Repositories.Gone != gone {
			t.Errorf("%+v, %v", s, err)
		}
	}
	half(0)
	w.sync()
	half(0)
	half(2)
	half(2)
	if s := w.sync(); s.Repositories.Listed != 4 || s.Repositories.Gone != 0 || s.Commits.Added != 0 {
		t.Errorf("they are back: %+v", s)
	}
}

// TestTargetsOfSomeOnly lists heads for some repositories: the others are asked.
func TestTargetsOfSomeOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(6)
	w.mangle(func(q *http.Request, p *jsonPage) {
		for i, v := range p.Values {
			if branch, ok := v["mainbranch"].(map[string]any); ok && i%2 == 0 {
				delete(branch, "target")
			}
		}
	})
	w.sync()
	if got := w.server.Count(sandbox.BranchKind); got != 3 {
		t.Errorf("%d heads were asked for, want 3", got)
	}
	for _, r := range w.acme.Repositories() {
		r.Commits("main", 1)
	}
	w.sync()
	if w.sync(); w.server.Count() != 1 {
		t.Errorf("idle: %d requests", w.server.Count())
	}
	w.forward(auditEvery + time.Hour)
	if w.sync(); w.server.Count() != 1+3 {
		t.Errorf("the weekly audit: %d requests, want the listing and 3 heads it does not tell", w.server.Count())
	}
	w.opt.Audit = true
	if w.sync(); w.server.Count() != 1+6 {
		t.Errorf("--audit: %d requests, want the listing and every head", w.server.Count())
	}
}

// TestAuditGoesOn gives each run too small a budget for an audit: the next one goes on where it ended, and a
// repository that fails does not keep it. An audit by itself is over then; one that a person asks for
// begins again.
func TestAuditGoesOn(t *testing.T) {
	t.Parallel()
	const repos, perRun = 20, 5
	for _, byItself := range []bool{false, true} {
		t.Run(fmt.Sprint("by itself ", byItself), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.opt.Jobs = 1
			w.server.ListTargets(!byItself)
			w.town(repos)
			w.sync()
			w.forward(auditEvery + time.Hour)
			w.opt.Audit = !byItself
			refused := w.acme.Repositories()[3]
			refused.Forbid(http.StatusForbidden)
			asked := map[string]int{}
			for run := range repos / perRun {
				w.budget.Max = 1 + perRun
				s, err := w.run(nil)
				if s.Requests != 1+perRun || run < repos/perRun-1 && !errors.Is(err, bitbucket.ErrBudgetSpent) {
					t.Fatalf("run %d: %+v, %v", run, s, err)
				}
				for _, r := range w.server.Requests() {
					if r.Kind == sandbox.BranchKind {
						asked[strings.Split(r.Path, "/")[3]]++
					}
				}
				if w.budget.Max, w.opt.Audit = 0, false; !byItself {
					w.run(nil) // a run that does not audit changes nothing about it
				}
				w.opt.Audit = !byItself
				w.forward(time.Hour)
			}
			refused.Forbid(0)
			want := 1 + 1 // what failed is asked again, and with that the audit is over
			if w.budget.Max = 0; !byItself {
				want = 1 + repos
			}
			if w.sync(); w.server.Count() != want {
				t.Errorf("then %d requests, want %d", w.server.Count(), want)
			}
			for _, r := range w.acme.Repositories() {
				if n := asked[r.UUID()]; n != 1 {
					t.Errorf("%s was asked %d times", r.Slug(), n)
				}
			}
		})
	}
}

// TestListedHeadsThatAreNone lists something else than a hash as some heads: those repositories are asked.
func TestListedHeadsThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(4)
	w.mangle(func(q *http.Request, p *jsonPage) {
		for i, v := range p.Values {
			if branch, ok := v["mainbranch"].(map[string]any); ok && i%2 == 0 {
				branch["target"] = map[string]any{"hash": []string{"main", "abc123"}[i/2%2]}
			}
		}
	})
	w.sync()
	if got := w.server.Count(sandbox.BranchKind); got != 2 {
		t.Errorf("%d heads were asked for, want 2", got)
	}
	if w.sync(); w.server.Count() != 1 {
		t.Errorf("idle: %d requests", w.server.Count())
	}
}

// TestNeitherHeadNorDate lists neither heads nor dates that could be read: every repository is asked, every
// time, so that no push goes unnoticed.
func TestNeitherHeadNorDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(4)
	w.mangle(func(q *http.Request, p *jsonPage) {
		for i, v := range p.Values {
			if branch, ok := v["mainbranch"].(map[string]any); ok {
				delete(branch, "target")
				v["updated_on"] = []any{"soon", nil}[i%2]
			}
		}
	})
	w.sync()
	for range 2 {
		w.acme.Repositories()[0].Commits("main", 3)
		if s := w.sync(); s.Commits.Added != 3 || w.server.Count(sandbox.BranchKind) != 4 {
			t.Errorf("%+v after %d heads were asked for", s, w.server.Count(sandbox.BranchKind))
		}
	}
}

// TestUUIDInCapitals is the same repository.
func TestUUIDInCapitals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(2)
	w.sync()
	w.mangle(func(q *http.Request, p *jsonPage) {
		for _, v := range p.Values {
			if uuid, ok := v["uuid"].(string); ok && v["slug"] != nil {
				v["uuid"] = strings.ToUpper(uuid)
			}
		}
	})
	for range 3 { // as often as it takes to call a repository gone
		if s := w.sync(); s.Repositories != (Repositories{Listed: 2, Unchanged: 2}) || len(w.known()) != 2 {
			t.Errorf("%+v, %d known", s, len(w.known()))
		}
	}
}

// TestForkOfUnnamedParent lists a fork with the uuid of its parent alone, which is enough to count shared
// commits once.
func TestForkOfUnnamedParent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 3)
	w.mangle(func(q *http.Request, p *jsonPage) {
		for _, v := range p.Values {
			if v["slug"] != nil {
				v["parent"] = map[string]any{"uuid": "{0C}"}
			}
		}
	})
	w.sync()
	if repo, _ := w.repo(r); repo.ForkOfUUID != "{0c}" {
		t.Errorf("the parent is %q", repo.ForkOfUUID)
	}
	w.mangle(func(*http.Request, *jsonPage) {})
	w.sync()
	if repo, _ := w.repo(r); repo.ForkOfUUID != "{0c}" {
		t.Errorf("when the parent is deleted, it is %q", repo.ForkOfUUID)
	}
}

// TestBranchesComeAndGo looks at what a listing says of default branches.
func TestBranchesComeAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 30)
	w.acme.NewRepository("other").Commits("main", 1)
	w.sync()
	r.SwitchBranch("not/there/yet")
	s, err := w.run(nil)
	if err != nil || !s.Complete || s.Repositories.Empty != 1 || len(w.stored(r)) != 30 {
		t.Errorf("no default branch: %+v, %v", s, err)
	}
	if !strings.Contains(strings.Join(w.told, "\n"), "repo no longer has a default branch") {
		t.Errorf("told %q", w.told)
	}
	if w.run(nil); len(w.told) > 0 {
		t.Errorf("told again: %q", w.told)
	}
	r.Push("not/there/yet", r.Reachable("main")[10])
	if s := w.sync(); s.Commits.Removed != 10 {
		t.Errorf("another branch: %+v", s)
	}
}

// TestNoDefaultBranchWhileWalking interrupts a walk, takes the branch away, and brings it back.
func TestNoDefaultBranchWhileWalking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 450)
	w.acme.NewRepository("other").Commits("main", 1)
	w.run(func(pages int) bool { return pages == 3 })
	r.SwitchBranch("none")
	s, err := w.run(nil)
	if err != nil || !s.Complete {
		t.Errorf("%+v, %v", s, err)
	}
	if _, walking := w.repo(r); walking || len(w.stored(r)) != 450 {
		t.Errorf("the walk is unfinished: %v, %d commits", walking, len(w.stored(r)))
	}
	if err := w.sound(); err != nil {
		t.Error(err)
	}
	r.SwitchBranch("main")
	w.sync()
}

// TestChangesInTheMiddle changes the world between the listing and the walks.
func TestChangesInTheMiddle(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		targets bool // the listing tells the heads
		at      int  // the request before which it happens
		change  func(w *world, r *sandbox.Repository)
		failed  int
		empty   int
	}{
		{"push", true, 2, func(_ *world, r *sandbox.Repository) { r.Commits("main", 120) }, 0, 0},
		{"force-push", true, 4, func(_ *world, r *sandbox.Repository) { r.ForcePush("main", 150) }, 0, 0},
		{"force-push, old head forgotten", true, 4, func(_ *world, r *sandbox.Repository) {
			r.ForcePush("main", 150)
			r.GC()
		}, 0, 0},
		{"branch renamed", true, 3, func(_ *world, r *sandbox.Repository) { r.RenameBranch("main", "trunk") }, 0, 0},
		{"branch renamed, head asked for", false, 2, func(_ *world, r *sandbox.Repository) { r.RenameBranch("main", "trunk") }, 0, 1},
		{"branch with a slash", false, 1, func(_ *world, r *sandbox.Repository) { r.RenameBranch("main", "release/1.0 #%") }, 0, 0},
		{"renamed", true, 3, func(_ *world, r *sandbox.Repository) { r.Rename("other-name") }, 0, 0},
		{"deleted", true, 3, func(_ *world, r *sandbox.Repository) { r.Delete() }, 1, 0},
		{"transferred", true, 3, func(w *world, r *sandbox.Repository) { r.Transfer(w.server.Workspace("elsewhere")) }, 1, 0},
		{"access lost", true, 3, func(_ *world, r *sandbox.Repository) { r.Forbid(403) }, 1, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.server.ListTargets(test.targets)
			w.opt.Jobs = 1
			w.acme.NewRepository("calm").Commits("main", 5)
			r := w.acme.NewRepository("repo") // pushed to last, so walked first
			r.Commits("main", 450)
			w.server.OnRequest(func(n int, _ *http.Request) {
				if n == test.at {
					test.change(w, r)
				}
			})
			s, err := w.run(nil)
			counts := s.Repositories
			if err != nil || counts.Failed != test.failed || counts.Empty != test.empty || counts.Synced != 2-test.failed-test.empty {
				t.Fatalf("%+v, %v", s, err)
			}
			w.server.OnRequest(nil)
			if err := w.sound(); err != nil {
				t.Error(err)
			}
			stored := len(w.stored(r))
			r.Forbid(0)
			w.sync()
			if len(w.stored(r)) < stored && test.name != "force-push, old head forgotten" {
				t.Errorf("%d commits stored, %d before", len(w.stored(r)), stored)
			}
			if test.name == "transferred" {
				w.opt.Workspace = "elsewhere"
				w.acme = w.server.Workspace("elsewhere")
				if s := w.sync(); s.Commits.Added != 450-stored || stored == 0 {
					t.Errorf("%d commits were stored, then %+v", stored, s.Commits)
				}
			}
		})
	}
}

// TestAccessLostAndRegained takes a repository out of the listing for a while.
func TestAccessLostAndRegained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(3)
	r := w.acme.Repository("repo-001")
	w.sync()
	w.credential.Reach("acme/repo-000", "acme/repo-002")
	for range 3 {
		w.run(nil)
	}
	if repo, _ := w.repo(r); !repo.Gone() || len(w.stored(r)) == 0 {
		t.Errorf("gone %t, %d commits", repo.Gone(), len(w.stored(r)))
	}
	r.Commits("main", 7)
	w.credential.Reach("acme")
	if s := w.sync(); s.Commits.Added != 7 || s.Repositories.Gone != 0 {
		t.Errorf("regained: %+v", s)
	}
}

// TestRefusedInTheMiddle answers one request in the middle of a walk with 401: that is the end of the
// run, and of nothing else.
func TestRefusedInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(8)
	w.acme.NewRepository("long").Commits("main", 500)
	w.server.FailNext("page=3", sandbox.Unauthorized, 1)
	s, err := w.run(nil)
	if !bitbucket.IsUnauthorized(err) || s.Complete || s.Repositories.Failed > 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	if !slices.ContainsFunc(w.known(), func(r store.Repository) bool { return r.Head.IsZero() }) {
		t.Error("every walk ended: the test tests nothing")
	}
	w.resumes()
}
