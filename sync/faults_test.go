package sync

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// settled syncs until a run is complete, within a number of runs that faults may cost, and compares.
func (w *world) settled(runs int) {
	w.t.Helper()
	for range runs {
		s, err := w.run(nil)
		if err := w.sound(); err != nil {
			w.t.Fatal(err)
		}
		if err == nil && s.Complete {
			w.checkAll()
			return
		}
	}
	w.t.Fatalf("not complete after %d runs", runs)
}

// town is a workspace in which walks of every kind are going on: long, short, branchy, empty.
func (w *world) town(repositories int) {
	for i := range repositories {
		r := w.acme.NewRepository(fmt.Sprintf("repo-%03d", i))
		r.Commits("main", 1+i*37%260)
		if i%3 == 0 {
			r.Push("topic", r.Reachable("main")[0])
			r.Commits("topic", 30)
			r.Commits("main", 20)
			r.Merge("main", "topic", sandbox.Change{})
		}
	}
}

// TestFaults goes through everything that may go wrong with a request, at a rate of one in seven.
func TestFaults(t *testing.T) {
	t.Parallel()
	const rate = 0.15
	all := func() []fmt.Stringer { // each world has its own, because duplicated rows are remembered
		return []fmt.Stringer{
			sandbox.ServerError, sandbox.ServiceUnavailable, sandbox.Reset, sandbox.ResetMidBody, sandbox.TruncatedJSON,
			sandbox.JunkPage, sandbox.HTMLPage, sandbox.TooManyRequests,
			duplicateRows(), shiftedPage, nextElsewhere, nextLoop,
		}
	}
	lists := [][]fmt.Stringer{all()}
	for i := range all() {
		lists = append(lists, all()[i:i+1])
	}
	for _, list := range lists {
		t.Run(fmt.Sprint(list), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.town(shorter(25, 5))
			chance, ofAnswers, ofPages := rate/float64(min(len(list), 4)), map[sandbox.Fault]float64{}, []pageFault{}
			for _, fault := range list {
				switch f := fault.(type) {
				case sandbox.Fault:
					ofAnswers[f] = chance
				case pageFault:
					ofPages = append(ofPages, f)
				}
			}
			w.server.Faults(7, ofAnswers)
			if len(ofPages) > 0 {
				w.failPages(7, chance, ofPages...)
			}
			w.settled(40)
			for _, r := range w.acme.Repositories() {
				r.Commits("main", 110)
			}
			w.settled(40)
		})
	}
}

// TestPauseAfterFaultsIsTheClocks holds that nothing but the clock of the world is waited for.
func TestPauseAfterFaultsIsTheClocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 10)
	var slept time.Duration
	sleep := w.budget.Sleep
	w.budget.Sleep = func(ctx ctx, d time.Duration) error {
		slept += d
		return sleep(ctx, d)
	}
	w.server.FailNext("/commits", sandbox.ServerError, 5)
	if w.sync(); slept == 0 {
		t.Error("five errors in a row and no pause")
	}
	if got := w.server.Count(sandbox.CommitsKind); got != 6 {
		t.Errorf("%d requests for commits, want 6", got)
	}
}

// TestBadPageOfOneRepository spoils one repository for one run: it fails, the others are stored, and
// the next run mends it. A next link that cannot be followed is mended in the same run, and so is a path
// with a uuid that Bitbucket does not take.
func TestBadPageOfOneRepository(t *testing.T) {
	t.Parallel()
	for _, fault := range []fmt.Stringer{
		nextElsewhere, nextLoop, sandbox.JunkPage, sandbox.NoAccess, sandbox.TruncatedJSON,
	} {
		for _, at := range []string{"", "page=2"} {
			t.Run(fault.String()+" "+at, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.town(3) // of a page each
				bad := w.acme.NewRepository("bad")
				bad.Commits("main", 350)
				w.opt.Jobs = 1 // the recently changed first: bad
				match := at
				if at == "" {
					match = sent(bad) + "/commits"
				}
				w.failNext(match, fault, 6)
				s, err := w.run(nil)
				failed := 0
				if name := fault.String(); name == sandbox.JunkPage.Name || name == sandbox.TruncatedJSON.Name {
					failed = 1
				}
				if err != nil || s.Repositories.Failed != failed || s.Repositories.Synced != 4-failed {
					t.Fatalf("%+v, %v", s, err)
				}
				if failed > 0 && (s.Failures[0].Repository != "bad" || s.Failures[0].Error == "") {
					t.Errorf("failures %+v", s.Failures)
				}
				if err := w.sound(); err != nil {
					t.Error(err)
				}
				w.clearFaults()
				w.sync()
				if repo, walking := w.repo(bad); repo.State(walking) != "ok" {
					t.Errorf("state %q", repo.State(walking))
				}
			})
		}
	}
}

// TestNextElsewhereCarriesNoCredential lets a page name another server as the place of the next.
func TestNextElsewhereCarriesNoCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 250)
	asked := 0
	elsewhere := w.serve(func(rw http.ResponseWriter, r *http.Request) { asked++ })
	w.mangle(func(q *http.Request, p *jsonPage) {
		if strings.Contains(q.URL.Path, "/commits") && p.Next != "" {
			p.Next = strings.Replace(p.Next, w.via, elsewhere+"/2.0", 1)
		}
	})
	s, err := w.run(nil)
	if err != nil || !s.Complete || s.Commits.Added != 250 || s.Requests != 1+3 {
		t.Fatalf("%+v, %v", s, err)
	}
	if asked != 0 {
		t.Errorf("%d requests to another server", asked)
	}
	w.via = ""
	w.sync()
}

// TestNetworkIsGone cuts every connection after the listing. The run gives up soon, rather than to try each
// repository in turn; the next one has lost nothing.
func TestNetworkIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.town(30)
	w.server.FailNext("/commits", sandbox.Reset, -1)
	s, err := w.run(nil)
	if !bitbucket.IsNetwork(err) || !strings.Contains(fmt.Sprint(err), "gave up") || s.Complete {
		t.Fatalf("%+v, %v", s, err)
	}
	if r := s.Repositories; r.Failed > 2*w.opt.Jobs+2 || r.Failed+r.Pending != 30 {
		t.Errorf("%+v", r)
	}
	w.server.ClearFaults()
	w.sync()
}

// TestNetworkIsBad cuts the connections of every other repository: those between show that it is there.
func TestNetworkIsBad(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.Jobs = 1
	for i := range 20 {
		r := w.acme.NewRepository(fmt.Sprintf("repo-%02d", i))
		r.Commits("main", 1)
		r.SetUpdatedOn(w.clock().Add(-time.Duration(i) * time.Hour)) // walked in this order
		if i%2 == 0 {
			w.server.FailNext(sent(r)+"/commits", sandbox.Reset, -1)
		}
	}
	if s, err := w.run(nil); err != nil || s.Repositories.Failed != 10 || s.Repositories.Synced != 10 {
		t.Errorf("%+v, %v", s, err)
	}
}

// sent is a UUID as it stands in an address.
func sent(r *sandbox.Repository) string {
	return strings.NewReplacer("{", "%7B", "}", "%7D").Replace(r.UUID())
}

// TestBadListing holds that a run that cannot list changes nothing, and that one whose listing breaks off
// uses what was listed, and calls no repository missing.
func TestBadListing(t *testing.T) {
	t.Parallel()
	for _, fault := range []fmt.Stringer{
		nextElsewhere, nextLoop, sandbox.JunkPage, sandbox.NoAccess, sandbox.HTMLPage, sandbox.ServerError, emptyListing,
	} {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.town(3)
			breaksOff := strings.HasPrefix(fault.String(), "next ")
			if breaksOff || !testing.Short() { // behind its first page
				for i := range 100 {
					w.acme.NewRepository(fmt.Sprintf("empty-%d", i))
				}
			}
			w.sync()
			before := w.known()
			w.forward(time.Hour)
			w.acme.Repository("repo-001").Commits("main", 5)
			w.failNext("/repositories/acme?", fault, -1)
			for range 3 { // as often as it takes to call a repository gone
				if s, err := w.run(nil); (err == nil) != breaksOff || s.Complete {
					t.Fatalf("%+v, %v", s, err)
				} else if fault.String() == emptyListing.name && !errors.Is(err, ErrNoResources) {
					t.Errorf("error %v", err)
				}
			}
			after := w.known()
			if !breaksOff && !slices.EqualFunc(before, after, sameRepository) {
				t.Errorf("the repositories are changed:\n%+v\n%+v", before, after)
			}
			for _, r := range after {
				if r.Missing() {
					t.Errorf("%s is missing", r.Slug)
				}
			}
			w.clearFaults()
			w.sync()
			if n := len(w.stored(w.acme.Repository("repo-001"))); n != 38+5 {
				t.Errorf("%d commits of repo-001 are stored", n)
			}
		})
	}
}

// TestMistypedWorkspace holds that it leaves no trace that a later run would take for a workspace.
func TestMistypedWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("repo").Commits("main", 1)
	w.opt.Workspace = "amce"
	if _, err := w.run(nil); !bitbucket.IsNotFound(err) {
		t.Fatal(err)
	}
	if ws := w.workspaces(); len(ws) != 0 {
		t.Errorf("known workspaces: %+v", ws)
	}
	w.opt.Workspace = "acme"
	w.sync()
	if ws := w.workspaces(); len(ws) != 1 || ws[0].Slug != "acme" || ws[0].LastSync.IsZero() {
		t.Errorf("known workspaces: %+v", ws)
	}
}
