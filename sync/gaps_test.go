package sync

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"trunkstat/store"
	"trunkstat/sync/sandbox"
)

// branchy is a history in which pages of a range hang together in many ways.
func (w *world) branchy(slug string, rounds int) *sandbox.Repository {
	r := w.acme.NewRepository(slug)
	r.Commits("main", 5)
	for n := range rounds {
		topic := fmt.Sprint("topic-", n)
		past := r.Reachable("")
		r.Push(topic, past[n*13%len(past)])
		r.Commits(topic, 1+n%7)
		r.Commits("main", 1+n%5)
		r.Merge("main", topic, sandbox.Change{})
	}
	return r
}

// TestOddRanges lets Bitbucket answer ranges with less or more than was asked for, in another order,
// or by bits. Everything is stored in the end, and it does not take for ever.
func TestOddRanges(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it syncs many times")
	}
	t.Parallel()
	tests := []struct {
		name     string
		requests int // that a history of 8 pages may cost at most
		change   func(rng *rand.Rand, p *jsonPage)
	}{
		{"out of order", 20, func(rng *rand.Rand, p *jsonPage) {
			rng.Shuffle(len(p.Values), func(i, j int) { p.Values[i], p.Values[j] = p.Values[j], p.Values[i] })
		}},
		{"backwards", 20, func(_ *rand.Rand, p *jsonPage) { slices.Reverse(p.Values) }},
		{"rows are missing", 60, func(rng *rand.Rand, p *jsonPage) {
			p.Values = slices.DeleteFunc(p.Values, func(map[string]any) bool { return rng.IntN(20) == 0 })
		}},
		{"the first row is missing", 60, func(rng *rand.Rand, p *jsonPage) {
			if rng.IntN(2) == 0 && len(p.Values) > 1 {
				p.Values = p.Values[1:]
			}
		}},
		{"rows are repeated", 20, func(_ *rand.Rand, p *jsonPage) { p.Values = append(p.Values, p.Values...) }},
		{"next is absent", 40, func(rng *rand.Rand, p *jsonPage) { p.Next = "" }},
		{"next is absent now and then", 40, func(rng *rand.Rand, p *jsonPage) {
			if rng.IntN(3) == 0 {
				p.Next = ""
			}
		}},
		{"ten rows and no next", 200, func(_ *rand.Rand, p *jsonPage) {
			p.Values, p.Next = p.Values[:min(10, len(p.Values))], ""
		}},
		{"empty pages between", 20, func(rng *rand.Rand, p *jsonPage) {
			if rng.IntN(4) == 0 && p.Next != "" {
				p.Values = p.Values[:0]
			}
		}},
	}
	for i, test := range tests {
		floors := []int64{0, 1} // 1: nothing is older, but all is done carefully
		if testing.Short() {
			floors = floors[i%2:][:1]
		}
		for _, floor := range floors {
			t.Run(fmt.Sprint(test.name, ", floor ", floor), func(t *testing.T) {
				most := test.requests
				if floor > 0 { // what lies below a missing row is not known to be wanted: it is read again
					most *= 4
				}
				t.Parallel()
				w := newWorld(t)
				w.opt.HasSince, w.opt.Since = floor > 0, floor
				r := w.branchy("repo", shorter(85, 45))
				rng := rand.New(rand.NewPCG(1, 2))
				w.mangle(func(q *http.Request, p *jsonPage) {
					if strings.Contains(q.URL.Path, "/commits") {
						test.change(rng, p)
					}
				})
				within := func() {
					t.Helper()
					cost := 0
					for range 8 {
						s, err := w.run(nil)
						if err != nil {
							t.Fatal(err)
						}
						cost += s.Requests
						if err := w.sound(); err != nil {
							t.Fatal(err)
						}
						if s.Complete {
							w.checkAll()
							if cost > most {
								t.Errorf("%d requests, want %d at most", cost, most)
							}
							return
						}
					}
					t.Fatal("never complete")
				}
				within()
				for range 30 {
					r.Commits("main", 10)
				}
				within()
				r.ForcePush("main", 250)
				within()
			})
		}
	}
}

// TestACommitThatIsNeverGiven holds that it is said, that all else is stored, and what it costs.
func TestACommitThatIsNeverGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 450)
	kept := []any{r.Reachable("")[220], r.Reachable("")[250]}
	w.mangle(func(q *http.Request, p *jsonPage) {
		p.Values = slices.DeleteFunc(p.Values, func(v map[string]any) bool { return slices.Contains(kept, v["hash"]) })
	})
	for run := range 3 {
		s, err := w.run(nil)
		if err != nil || s.Repositories.Failed != 1 || !strings.HasPrefix(s.Failures[0].Error, "partial") {
			t.Fatalf("%+v, %v", s, err)
		}
		if got := len(w.stored(r)); got != 448 {
			t.Errorf("%d commits stored, want 448", got)
		}
		// The first run reads all, then what begins at the commits; the others only that.
		if want := []int{1 + 5 + 1, 1 + 1, 1 + 1}[run]; s.Requests != want {
			t.Errorf("run %d: %d requests, want %d", run, s.Requests, want)
		}
		if repo, walking := w.repo(r); !strings.Contains(repo.State(walking), "partial") {
			t.Errorf("state %q", repo.State(walking))
		}
		if err := w.sound(); err != nil {
			t.Error(err)
		}
	}
	w.via = ""
	if w.sync(); w.server.Count() != 2 {
		t.Errorf("mended with %d requests, want the listing and a page", w.server.Count())
	}
}

// TestOneGap misses one row of a long history: that costs the request that fills it, and no more.
func TestOneGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 1950)
	gap, times := r.Reachable("")[320], 0
	w.mangle(func(q *http.Request, p *jsonPage) {
		p.Values = slices.DeleteFunc(p.Values, func(v map[string]any) bool {
			if v["hash"] == gap {
				times++
			}
			return v["hash"] == gap && times == 1
		})
	})
	if s := w.sync(); s.Requests != 1+20+1 || times != 2 {
		t.Errorf("%d requests, want the listing, 20 pages, and one for the gap", s.Requests)
	}
}

// TestForgottenWithoutAWord lets Bitbucket say that it does not know a commit, but not which. The
// unfinished walk of a rewritten branch must not stand in the way for ever.
func TestForgottenWithoutAWord(t *testing.T) {
	t.Parallel()
	for _, synced := range []bool{false, true} {
		w := newWorld(t)
		r := w.acme.NewRepository("repo")
		r.Commits("main", 20)
		if synced {
			w.sync()
		}
		r.Commits("main", 450)
		w.run(func(pages int) bool { return pages == 2 })
		r.ForcePush("main", 460)
		r.GC()
		w.mangleErrors()
		w.sync()
		if got := w.server.Count(sandbox.CommitsKind); got > pages(470)+4 {
			t.Errorf("synced before %t: %d requests", synced, got)
		}
	}
}

// TestWide has thousands of wanted commits at once: branches that were all merged into one, and none
// of which has been read when the run is interrupted.
func TestWide(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the graph is large")
	}
	t.Parallel()
	const branches, length = 1500, 3
	w := newWorld(t)
	r := w.acme.NewRepository("octopus")
	root := r.Commit("main", sandbox.Change{})
	parents := []string{root}
	for n := range branches {
		topic := fmt.Sprint("topic-", n)
		r.Push(topic, root)
		parents = append(parents, r.Commits(topic, length)[length-1])
	}
	w.forward(1000)
	r.Commit("main", sandbox.Change{Parents: parents})
	for run := 0; ; run++ {
		_, err := w.run(func(pages int) bool { return pages == 9 })
		if soundErr := w.sound(); soundErr != nil {
			t.Fatal(soundErr)
		}
		if err == nil {
			break
		}
		if walk := w.walkOf(r); run == 0 && len(walk.Wanted) < branches/2 {
			t.Errorf("only %d are wanted", len(walk.Wanted))
		}
		posts := 0
		for _, q := range w.server.Requests() {
			if q.Method == http.MethodPost {
				posts++
			}
		}
		if run > 0 && run < 4 && posts == 0 {
			t.Errorf("run %d asked without a form", run)
		}
	}
	w.checkAll()
}

func (w *world) walkOf(r *sandbox.Repository) (walk store.Walk) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		walk, _, err = tx.Walk(store.UUID(r.UUID()))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return walk
}
