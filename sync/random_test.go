package sync

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trunkstat/sync/sandbox"
)

var histories = flag.Int("histories", 40, "how many random histories TestRandomHistories goes through")

// shorter is n, or fewer in a short run.
func shorter(n, fewer int) int {
	if testing.Short() {
		return fewer
	}
	return n
}

// A step is one thing that happens in a random history; a and b choose to what, modulo what there is.
type step struct {
	op   string
	a, b int
}

var ops = []struct {
	op     string
	weight int
	do     func(h *history, s step) error
}{
	{"commit", 30, (*history).commit},
	{"branch", 10, (*history).branch},
	{"merge", 12, (*history).merge},
	{"amend", 3, (*history).amend},
	{"rewind", 5, (*history).rewind},
	{"switch", 3, (*history).switchBranch},
	{"rename branch", 2, (*history).renameBranch},
	{"rename", 2, (*history).rename},
	{"create", 2, (*history).create},
	{"recreate", 1, (*history).recreate},
	{"fork", 1, (*history).fork},
	{"forget", 6, (*history).forget},
	{"lose a target", 3, (*history).loseTarget},
	{"sync", 8, (*history).sync},
	{"cut sync", 8, (*history).cutSync},
	{"faulty sync", 4, (*history).faultySync},
	{"odd listing", 2, (*history).oddListing},
	{"odd rows", 4, (*history).oddRows},
}

// A history is a world in which random things happen, the same ones for the same steps.
type history struct {
	*world
	made int
}

func newHistory(t *testing.T) *history {
	h := &history{world: newWorld(t)}
	h.opt.Jobs = 2
	h.create(step{})
	return h
}

func randomSteps(rng *rand.Rand, n int) []step {
	var bag []string
	for _, o := range ops {
		for range o.weight {
			bag = append(bag, o.op)
		}
	}
	steps := make([]step, n)
	for i := range steps {
		steps[i] = step{bag[rng.IntN(len(bag))], rng.IntN(1000), rng.IntN(1000)}
	}
	return steps
}

// play lets the steps happen, and a sync at the end. An error is a broken promise.
func (h *history) play(steps []step) error {
	for i, s := range append(steps, step{op: "sync"}) {
		at := slices.IndexFunc(ops, func(o struct {
			op     string
			weight int
			do     func(h *history, s step) error
		}) bool {
			return o.op == s.op
		})
		if err := ops[at].do(h, s); err != nil {
			return fmt.Errorf("step %d, %s: %w", i, s.op, err)
		}
	}
	return nil
}

func (h *history) repoOf(s step) *sandbox.Repository {
	repos := h.acme.Repositories()
	return repos[s.a%len(repos)]
}

// branchOf is one of the branches of a repository, often the default one.
func branchOf(r *sandbox.Repository, n int) string {
	if n%3 > 0 {
		return r.MainBranch()
	}
	names := r.Branches()
	return names[n%len(names)]
}

// date is mostly now, and sometimes in 1970, next year, or last month.
func (h *history) date(n int) time.Time {
	h.forward(time.Minute)
	switch n % 10 {
	case 0:
		return time.Unix(int64(n), 0)
	case 1:
		return h.clock().AddDate(1, 0, 0)
	case 2:
		return h.clock().AddDate(0, -1, 0)
	}
	return h.clock()
}

func (h *history) commit(s step) error {
	r := h.repoOf(s)
	if s.b%6 == 0 {
		r.Commits(branchOf(r, s.b), 101)
		return nil
	}
	r.Commit(branchOf(r, s.b), sandbox.Change{Date: h.date(s.b)})
	return nil
}

// branch makes a branch somewhere in the default one's past, with a commit of its own.
func (h *history) branch(s step) error {
	r := h.repoOf(s)
	past := r.Reachable("")
	h.made++
	name := fmt.Sprintf("topic/%d", h.made)
	r.Push(name, past[s.b%len(past)])
	r.Commit(name, sandbox.Change{Date: h.date(s.b)})
	return nil
}

// merge merges a branch, however old, into the default one, or the other way round.
func (h *history) merge(s step) error {
	r := h.repoOf(s)
	names := r.Branches()
	into, from := r.MainBranch(), names[s.b%len(names)]
	if s.b%5 == 0 {
		into, from = from, into
	}
	if into != from {
		r.Merge(into, from, sandbox.Change{Date: h.date(s.b / 7)})
	}
	return nil
}

func (h *history) amend(s step) error {
	r := h.repoOf(s)
	if n := len(r.Reachable("")); n > 1 {
		h.firstParents(r, 1+s.b%min(n-1, 5), true)
	}
	return nil
}

func (h *history) rewind(s step) error {
	r := h.repoOf(s)
	h.firstParents(r, 1+s.b%150, false)
	return nil
}

// firstParents takes the default branch back by some commits, as far as it goes, and puts new ones
// in their place if it is to be amended.
func (h *history) firstParents(r *sandbox.Repository, n int, amend bool) {
	past := r.Reachable("")
	if len(past) <= n {
		return
	}
	r.Push(r.MainBranch(), past[n])
	if amend {
		for range n {
			r.Commit(r.MainBranch(), sandbox.Change{Date: h.date(n + 3)})
		}
	}
}

func (h *history) switchBranch(s step) error {
	r := h.repoOf(s)
	names := r.Branches()
	r.SwitchBranch(names[s.b%len(names)])
	return nil
}

func (h *history) renameBranch(s step) error {
	r := h.repoOf(s)
	h.made++
	r.RenameBranch(r.MainBranch(), fmt.Sprintf("main-%d", h.made))
	return nil
}

func (h *history) rename(s step) error {
	h.made++
	h.repoOf(s).Rename(fmt.Sprintf("renamed-%d", h.made))
	return nil
}

func (h *history) create(step) error {
	h.made++
	h.acme.NewRepository(fmt.Sprintf("repo-%d", h.made)).Commits("main", 3)
	return nil
}

func (h *history) recreate(s step) error {
	r := h.repoOf(s)
	r.Delete()
	h.acme.NewRepository(r.Slug()).Commits("main", 1+s.b%120)
	return nil
}

func (h *history) fork(s step) error {
	h.made++
	h.repoOf(s).Fork(h.acme, fmt.Sprintf("fork-%d", h.made))
	return nil
}

func (h *history) forget(s step) error {
	h.repoOf(s).GC()
	return nil
}

// loseTarget leaves a walk unfinished whose target is then rewritten and forgotten.
func (h *history) loseTarget(s step) error {
	r := h.repoOf(s)
	r.Commits(r.MainBranch(), 150)
	h.cutSync(step{})
	h.firstParents(r, 1+s.b%140, s.b%2 == 0)
	r.GC()
	return nil
}

// sync must end complete and exact.
func (h *history) sync(step) error {
	s, err := h.run(nil)
	if err != nil {
		return err
	}
	if !s.Complete {
		return fmt.Errorf("not complete: %+v", s)
	}
	return errors.Join(h.differs(), h.sound(), h.unsettled())
}

// cutSync is cut off after a page. Whatever it leaves, a later sync mends it.
func (h *history) cutSync(s step) error {
	h.run(func(pages int) bool { return pages > s.a%2 })
	return h.sound()
}

// faultySync has everything go wrong now and then. Whatever comes of it, the database is sound.
func (h *history) faultySync(s step) error {
	h.server.Faults(uint64(s.b), map[sandbox.Fault]float64{
		sandbox.ServerError: .1, sandbox.ResetMidBody: .1, sandbox.JunkPage: .1, sandbox.TooManyRequests: .1,
	})
	h.failPages(uint64(s.b), .15, duplicateRows(), shiftedPage, nextLoop)
	defer h.clearFaults()
	h.run(func(pages int) bool { return pages > s.a%7 })
	return h.sound()
}

// oddListing leaves out half of the repositories, or all.
func (h *history) oddListing(s step) error {
	h.failNext("/repositories/acme?", []pageFault{emptyListing, shortListing}[s.a%2], 1+s.b%2)
	defer h.clearFaults()
	h.run(nil)
	return h.sound()
}

// oddRows has rows withheld and commits that make Bitbucket fail, anywhere. A run stores what can be had and
// says that a repository is partial, the database is sound, and when the fault is over, the next sync is exact.
func (h *history) oddRows(s step) error {
	r := h.repoOf(s)
	past := r.Reachable("")
	odd := map[string]bool{}
	for i := range 1 + s.b%3 {
		hash := past[(s.b*7+i*31)%len(past)]
		odd[hash] = true
		if s.a%2 == 0 {
			r.BrokenCommit(hash)
		} else {
			r.WithholdRow(hash)
		}
	}
	h.run(nil)
	err := h.sound()
	if repo, walking := h.repo(r); repo.State(walking) == "ok" {
		stored := h.stored(r)
		for hash := range odd {
			if _, ok := slices.BinarySearch(stored, hash); !ok {
				err = errors.Join(err, fmt.Errorf("%s is said to be whole without %s", r.Slug(), hash))
			}
		}
	}
	for hash := range odd {
		r.Mend(hash)
	}
	return err
}

// TestRandomHistories lets anything happen, in any order, and syncs now and then. A failure is
// shrunk to a history that is easier to understand.
func TestRandomHistories(t *testing.T) {
	for seed := range shorter(*histories, 3) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			t.Parallel()
			steps := randomSteps(rand.New(rand.NewPCG(uint64(seed), 0)), 60)
			err := newHistory(t).play(slices.Clone(steps))
			if err == nil {
				return
			}
			steps, err = shrink(t, steps, err)
			t.Errorf("%v, after:", err)
			for _, s := range steps {
				t.Errorf("  %v", s)
			}
		})
	}
}

// shrink leaves steps out as long as the rest still fails.
func shrink(t *testing.T, steps []step, err error) ([]step, error) {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(steps); {
			fewer := slices.Delete(slices.Clone(steps), at, at+size)
			if e := newHistory(t).play(slices.Clone(fewer)); e != nil {
				steps, err = fewer, e
				continue
			}
			at += size
		}
	}
	return steps, err
}
