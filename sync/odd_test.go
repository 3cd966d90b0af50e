package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// What Bitbucket, or the machine, is known to do now and then, and what a run makes of it.

// TestFileIsReplaced removes the database, or puts another in its place, while a sync runs: that ends the
// run with an error, and nothing is stored in the other file.
func TestFileIsReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(path string) error{
		"removed": os.Remove,
		"replaced": func(path string) error {
			other := filepath.Join(filepath.Dir(path), "other.db")
			put := func(tx *store.Tx) error { return tx.PutWorkspace(store.Workspace{Slug: "other"}) }
			return errors.Join(store.Open(other).Update(context.Background(), put), os.Rename(other, path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.acme.NewRepository("repo").Commits("main", 1000)
			s, err := w.run(func(pages int) bool {
				if pages == 2 {
					if err := replace(w.db.Path()); err != nil {
						t.Error(err)
					}
				}
				return false
			})
			if !errors.Is(err, store.ErrReplaced) || s.Complete {
				t.Fatalf("%+v, %v", s, err)
			}
			err = store.Open(w.db.Path()).View(t.Context(), func(tx *store.Tx) error {
				repos, err := tx.Repositories()
				if len(repos) > 0 {
					t.Errorf("the other file has %+v", repos)
				}
				return err
			})
			if name == "removed" != errors.Is(err, store.ErrNoDatabase) {
				t.Errorf("error %v", err)
			}
			w.db = store.Open(w.db.Path())
			w.sync()
		})
	}
}

// TestBrokenCommit has Bitbucket fail for each page that holds one commit: that costs the commit and what
// only it leads to. New commits still come, and in the end all do.
func TestBrokenCommit(t *testing.T) {
	t.Parallel()
	for _, at := range []int{0, 1, 37, 99, 100, 230, 349} {
		t.Run(fmt.Sprint("at ", at), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.town(3)
			r := w.acme.NewRepository("broken")
			r.Commits("main", 350)
			past := r.Reachable("")
			broken := past[at]
			r.BrokenCommit(broken)
			s, err := w.run(nil)
			if err != nil || s.Repositories.Failed != 1 || s.Repositories.Synced != 3 {
				t.Fatalf("%+v, %v", s, err)
			}
			if !strings.HasPrefix(s.Failures[0].Error, "partial") || !strings.Contains(s.Failures[0].Error, broken[:12]) {
				t.Errorf("failure %q", s.Failures[0].Error)
			}
			if n := len(w.stored(r)); n != at {
				t.Errorf("%d commits are stored, want those above the broken one, %d", n, at)
			}
			r.Commits("main", 120)
			if s, err = w.run(nil); err != nil || s.Repositories.Failed != 1 {
				t.Fatalf("%+v, %v", s, err)
			}
			if n := len(w.stored(r)); n != at+120 {
				t.Errorf("%d commits are stored, want the %d new ones too", n, at+120)
			}
			if s, err = w.run(nil); err != nil || w.server.Count(sandbox.CommitsKind) > 12 {
				t.Errorf("an idle run costs %d requests for commits, %v", w.server.Count(sandbox.CommitsKind), err)
			}
			if err := w.sound(); err != nil {
				t.Error(err)
			}
			r.Mend(broken)
			w.sync()
		})
	}
}

// TestBrokenCommitOfABranch: what another parent leads to comes all the same.
func TestBrokenCommitOfABranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.branchy("repo", 40)
	past := r.Reachable("")
	broken := past[len(past)/3]
	r.BrokenCommit(broken)
	s, err := w.run(nil)
	if err != nil || s.Repositories.Failed != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	if err := w.sound(); err != nil {
		t.Error(err)
	}
	if n, want := len(w.stored(r)), len(past)/3; n < want {
		t.Errorf("%d of %d commits are stored, want at least %d", n, len(past), want)
	}
	r.Mend(broken)
	w.sync()
}

// TestWithheldRow leaves a row out of every page: the rest is stored, and a later run costs one request.
func TestWithheldRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	n := shorter(5000, 1500)
	r.Commits("main", n)
	row := r.Reachable("")[1234]
	r.WithholdRow(row)
	for run := range 3 {
		s, err := w.run(nil)
		if err != nil || s.Repositories.Failed != 1 || len(w.stored(r)) != n-1 {
			t.Fatalf("%+v, %v", s, err)
		}
		if want := []int{1 + pages(n) + 1, 2, 2}[run]; s.Requests != want {
			t.Errorf("run %d: %d requests, want %d", run, s.Requests, want)
		}
		if err := w.sound(); err != nil {
			t.Error(err)
		}
	}
	r.Commits("main", 150)
	if s, err := w.run(nil); err != nil || s.Commits.Added != 150 || s.Requests != 1+2+1 {
		t.Errorf("new commits: %+v, %v", s, err)
	}
	r.Mend(row)
	if s := w.sync(); s.Requests != 2 {
		t.Errorf("mended with %d requests", s.Requests)
	}
}

// TestShallow is a repository that was pushed from a shallow clone: Bitbucket does not have what it leads
// to. That is said, complete from the second run on, and asked again now and then.
func TestShallow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 250)
	past := r.Reachable("")
	r.Shallow(past[149])
	s, err := w.run(nil)
	if err != nil || s.Repositories.Failed != 1 || !strings.HasPrefix(s.Failures[0].Error, "partial") {
		t.Fatalf("first: %+v, %v", s, err)
	}
	s, err = w.run(nil)
	if err != nil || !s.Complete || len(w.stored(r)) != 150 {
		t.Fatalf("second: %+v, %v", s, err)
	}
	if told := strings.Join(w.told, "\n"); !strings.Contains(told, "history ends at 1 commit") {
		t.Errorf("told %q", told)
	}
	idle := func() {
		t.Helper()
		if s, err = w.run(nil); err != nil || !s.Complete || s.Requests != 1 || len(w.told) > 0 {
			t.Errorf("idle: %+v, told %q, %v", s, w.told, err)
		}
		if err := w.sound(); err != nil {
			t.Error(err)
		}
	}
	idle()
	r.Commits("main", 120)
	if s, err = w.run(nil); err != nil || !s.Complete || s.Requests != 1+2 {
		t.Errorf("new commits: %+v, %v", s, err)
	}
	idle()
	w.forward(auditEvery + time.Hour)
	if s, err = w.run(nil); err != nil || !s.Complete || s.Requests != 2 {
		t.Errorf("a week later: %+v, %v", s, err)
	}
	idle()
	w.opt.Audit = true
	if s, err = w.run(nil); err != nil || !s.Complete || s.Requests != 3 {
		t.Errorf("audit: %+v, %v", s, err)
	}
	r.Mend(past[149])
	w.sync()
	w.opt.Audit = false
	idle()
}

// TestShallowWithNewHead: what Bitbucket does not have is not asked for again when the branch is rewritten.
func TestShallowRewritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 250)
	r.Shallow(r.Reachable("")[149])
	w.run(nil)
	w.run(nil)
	r.ForcePush("main", 20)
	if s, err := w.run(nil); err != nil || !s.Complete || s.Requests != 2 || s.Commits.Removed != 20 {
		t.Errorf("%+v, %v", s, err)
	}
	if err := w.sound(); err != nil {
		t.Error(err)
	}
}

// TestOutage: the listing answers and nothing else does. The run gives up early and keeps its budget.
func TestOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(40)
	w.server.FailNext("/repositories/acme/", sandbox.ServiceUnavailable, -1)
	s, err := w.run(nil)
	if err == nil || s.Complete || !bitbucket.IsServerError(err) {
		t.Fatalf("%+v, %v", s, err)
	}
	if s.Requests > 60 {
		t.Errorf("%d requests", s.Requests)
	}
	w.server.ClearFaults()
	w.sync()
}

// TestAccessLost has most repositories vanish from a listing that answers 200: nothing is marked, and each
// run says so and is not complete.
func TestAccessLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(20)
	w.sync()
	w.credential.Reach("acme/repo-000", "acme/repo-001")
	for range 3 {
		s, err := w.run(nil)
		if err != nil || s.Complete || s.Repositories.Gone != 0 || s.Repositories.Listed != 2 {
			t.Errorf("%+v, %v", s, err)
		}
		if told := strings.Join(w.told, "\n"); !strings.Contains(told, "18 of 20 repositories are no longer listed") {
			t.Errorf("told %q", told)
		}
		if !w.workspaces()[0].ListingIncomplete {
			t.Error("the database says that the listing was complete")
		}
	}
	for _, r := range w.known() {
		if r.Missing() {
			t.Errorf("%s is marked", r.Slug)
		}
	}
	w.credential.Reach("acme")
	w.sync()
}

// TestNarrowTokens uses three tokens in turn that list a repository each: none says anything of the others'.
func TestNarrowTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		slug := fmt.Sprint("repo-", i)
		w.acme.NewRepository(slug).Commits("main", 5)
		w.server.AddAccessToken(testToken + slug).Reach("acme/" + slug)
	}
	for range 4 {
		for i := range 3 {
			w.token = testToken + fmt.Sprint("repo-", i)
			w.opt.Credential = fmt.Sprint("token-", i)
			s, err := w.run(nil)
			if err != nil || !s.Complete || s.Repositories.Gone != 0 || len(w.told) > 0 {
				t.Fatalf("%+v, told %q, %v", s, w.told, err)
			}
		}
	}
	for _, r := range w.known() {
		if r.Missing() || r.Gone() {
			t.Errorf("%s: %+v", r.Slug, r.Listings)
		}
	}
}

// TestOddListings are read once more; what is usable is used.
func TestOddListings(t *testing.T) {
	t.Parallel()
	for _, fault := range []pageFault{nullRow, rowWithoutUUID, repeatedRepository, largerSize} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.town(7)
			w.sync()
			w.failNext("/repositories/acme?", fault, 1)
			if s := w.sync(); s.Requests != 2 {
				t.Errorf("once: %d requests", s.Requests)
			}
			w.failNext("/repositories/acme?", fault, -1)
			for range 3 {
				s, err := w.run(nil)
				if err != nil || s.Complete || s.Repositories.Listed < 6 || s.Repositories.Gone > 0 || s.Requests != 2 {
					t.Errorf("%+v, %v", s, err)
				}
				if told := strings.Join(w.told, "\n"); !strings.Contains(told, "is incomplete") {
					t.Errorf("told %q", told)
				}
			}
			w.clearFaults()
			w.sync()
		})
	}
}

// TestMissingBranch is a repository whose default branch does not exist: it is empty.
func TestMissingBranch(t *testing.T) {
	t.Parallel()
	for _, targets := range []bool{true, false} {
		w := newWorld(t)
		w.server.ListTargets(targets)
		w.acme.NewRepository("full").Commits("main", 3)
		r := w.acme.NewRepository("never-pushed")
		w.mangle(func(_ *http.Request, p *jsonPage) {
			for _, v := range p.Values {
				if v["mainbranch"] == nil {
					v["mainbranch"] = map[string]any{"name": "main", "target": nil}
					if !targets {
						delete(v["mainbranch"].(map[string]any), "target")
					}
				}
			}
		})
		for range 2 {
			s := w.sync()
			if s.Repositories.Empty != 1 {
				t.Errorf("targets %t: %+v", targets, s)
			}
		}
		if n := w.server.Count(); n > 2 {
			t.Errorf("targets %t: an idle run costs %d requests", targets, n)
		}
		w.clearFaults()
		r.Commits("main", 5)
		w.sync()
	}
}

// TestExcluded leaves out a repository that cannot be read.
func TestExcluded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(3)
	r := w.acme.NewRepository("zombie")
	r.Commits("main", 5)
	r.Forbid(404)
	if s, err := w.run(nil); err != nil || s.Complete {
		t.Fatalf("%+v, %v", s, err)
	}
	w.opt.ExcludeRepos = patterns(t, "ZOMB*")
	w.sync1()
	if repo, _ := w.repo(r); !repo.Excluded {
		t.Errorf("%+v", repo)
	}
	w.opt.ExcludeRepos = nil
	r.Forbid(0)
	w.sync()
	if repo, _ := w.repo(r); repo.Excluded {
		t.Errorf("%+v", repo)
	}
}

// TestNextLinks that cannot be followed cost a request each, in the same run, and lose nothing.
func TestNextLinks(t *testing.T) {
	t.Parallel()
	for _, fault := range []pageFault{nextElsewhere, nextOutside, nextAmpersand, nextForgotten, nextLoop} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.acme.NewRepository("repo").Commits("main", 650)
			w.failNext("/commits", fault, -1)
			s := w.sync()
			if most := 1 + 2*7; s.Requests > most {
				t.Errorf("%d requests, want %d at most", s.Requests, most)
			}
		})
	}
}

// TestEndlessPages bring nothing new: the range ends.
func TestEndlessPages(t *testing.T) {
	t.Parallel()
	for _, fault := range []pageFault{endlessRows(false), endlessRows(true)} {
		w := newWorld(t)
		w.acme.NewRepository("repo").Commits("main", 50)
		w.failNext("/commits", fault, -1)
		s, err := w.run(nil)
		if err != nil || s.Requests > 20 {
			t.Errorf("%s: %+v, %v", fault, s, err)
		}
		if err := w.sound(); err != nil {
			t.Error(err)
		}
		w.clearFaults()
		w.sync()
	}
}

// TestPagelen: Bitbucket takes shorter pages only.
func TestPagelen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, refused := range []string{"pagelen=100&", "pagelen=50&"} {
		w.server.FailNext("/commits?"+refused, sandbox.ErrorFault(400, "Invalid pagelen"), -1)
	}
	w.acme.NewRepository("repo").Commits("main", 500)
	if s := w.sync(); s.Requests > 1+2+20+2 {
		t.Errorf("%d requests", s.Requests)
	}
}

// TestExcludesAreIgnored: ranges bring what is stored too. They end when nothing is wanted any more.
func TestExcludesAreIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.noExcludes = true
	w.mangle(func(*http.Request, *jsonPage) {})
	r := w.acme.NewRepository("repo")
	r.Commits("main", 500)
	w.sync()
	r.Commits("main", 3)
	if s := w.sync(); s.Commits.Added != 3 || s.Requests != 2 {
		t.Errorf("%+v", s)
	}
	r.ForcePush("main", 150)
	r.Commits("main", 20)
	if s := w.sync(); s.Requests > 1+2+2 { // two pages are new
		t.Errorf("rewritten: %+v", s)
	}
}

// TestUUIDsAreRefused in paths: the slug is tried, and used for the rest of the run.
func TestUUIDsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.Jobs = 1
	w.town(6)
	w.server.FailNext("/%7B", sandbox.NoAccess, -1)
	if s := w.sync(); s.Requests > 1+6+2+1+2 { // two repositories have more than a page
		t.Errorf("%d requests", s.Requests)
	}
}

// TestUndated commits are stored with the date of a neighbour, and told.
func TestUndated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 20)
	past := r.Reachable("")
	w.mangle(func(q *http.Request, p *jsonPage) {
		for i, date := range []any{nil, "", "2025-02-30T00:00:00+00:00", "absent"} {
			for _, v := range p.Values {
				if v["hash"] != past[3+i*4] {
					continue
				}
				if v["date"] = date; date == "absent" {
					delete(v, "date")
				}
			}
		}
	})
	w.sync()
	if told := strings.Join(w.told, "\n"); !strings.Contains(told, "4 commits without a readable date") {
		t.Errorf("told %q", told)
	}
	err := w.db.View(t.Context(), func(tx *store.Tx) error {
		h, _ := store.ParseHash(past[3])
		child, _ := store.ParseHash(past[2])
		a, _, err := tx.Commit(store.UUID(r.UUID()), h)
		b, _, err2 := tx.Commit(store.UUID(r.UUID()), child)
		if a.Date != b.Date {
			t.Errorf("dates %d and %d", a.Date, b.Date)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
}

// TestWorkspaceIsRenamed: history goes on under the uuids.
func TestWorkspaceIsRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(4)
	w.sync()
	w.acme.Rename("acme-corp")
	w.opt.Workspace = "acme-corp"
	s := w.sync()
	if s.Commits.Added != 0 || s.Requests != 1 {
		t.Errorf("%+v", s)
	}
	if told := strings.Join(w.told, "\n"); !strings.Contains(told, "4 repositories moved from the workspace acme to acme-corp") {
		t.Errorf("told %q", told)
	}
}

// TestReaderIsWaitedFor has a reader keep the file for longer than a command waits.
func TestReaderIsWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 500)
	w.db.Timeout = store.NoTimeout
	waiting, release := make(chan struct{}), make(chan struct{})
	w.db.Waiting = func() { close(waiting) }
	reader := store.Open(w.db.Path())
	done := make(chan error, 1)
	go func() {
		<-waiting // a second: far more than this test lets commands wait
		time.Sleep(200 * time.Millisecond)
		close(release)
	}()
	s, err := w.run(func(pages int) bool {
		if pages == 1 {
			reading := make(chan struct{})
			go func() {
				done <- reader.View(t.Context(), func(*store.Tx) error { close(reading); <-release; return nil })
			}()
			<-reading
		}
		return false
	})
	if err := errors.Join(err, <-done); err != nil || !s.Complete || s.Requests != 1+5 {
		t.Fatalf("%+v, %v", s, err)
	}
	w.checkAll()
}

// TestInterruptedSweep stops the run while it drops what a rewritten branch no longer reaches.
func TestInterruptedSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it syncs many times")
	}
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", shorter(3, 2)*sweepBatch)
	w.sync()
	r.Commits("orphan", 10)
	r.SwitchBranch("orphan")
	ctx, cancel := context.WithCancel(t.Context())
	w.opt.Emit = func(e Event) {
		if e.Kind == Stored {
			cancel()
		}
	}
	w.runUntil(ctx, cancel, nil)
	w.opt.Emit = nil
	if err := w.sound(); err != nil {
		t.Error(err)
	}
	for n := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Duration(n)*5*time.Millisecond, cancel)
		_, err := w.runUntil(ctx, cancel, nil)
		cancel()
		if err := w.sound(); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			break
		}
	}
	w.sync()
}

// TestOldBranchUnderAFloor merges branches of commits that are all older than the floor: what is
// remembered of them does not grow with their number.
func TestOldBranchUnderAFloor(t *testing.T) {
	t.Parallel()
	f := newFloored(t)
	for range 50 {
		f.commit("main")
	}
	f.opt.Since = dayOf(40)
	f.sync1()
	f.r.Push("old", f.r.Reachable("")[45])
	for range 900 {
		f.commitAt("old", 10)
	}
	f.commitAt("main", 60, f.r.Hash("main"), f.r.Hash("old"))
	f.sync1()
	repo, _ := f.repo(f.r)
	if len(repo.Roots) > 3 {
		t.Errorf("%d roots", len(repo.Roots))
	}
	if err := errors.Join(f.holds(), f.sound()); err != nil {
		t.Error(err)
	}
}
