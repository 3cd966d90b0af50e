package sync

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trunkstat/sync/sandbox"
)

// A floored is a world whose runs have a floor, and that knows of each commit what the sandbox
// does not tell: date and parents.
type floored struct {
	*world
	r       *sandbox.Repository
	dates   map[string]int64
	parents map[string][]string
	day     int
}

func newFloored(t *testing.T) *floored {
	w := newWorld(t)
	w.opt.HasSince = true
	f := &floored{world: w, r: w.acme.NewRepository("repo"), dates: map[string]int64{}, parents: map[string][]string{}}
	f.commit("main")
	return f
}

var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func dayOf(n int) int64 { return epoch.AddDate(0, 0, n).Unix() }

// commit adds a commit of the next day.
func (f *floored) commit(branch string, parents ...string) string {
	f.day++
	return f.commitAt(branch, f.day, parents...)
}

func (f *floored) commitAt(branch string, day int, parents ...string) string {
	if len(parents) == 0 && slices.Contains(f.r.Branches(), branch) {
		parents = []string{f.r.Hash(branch)}
	}
	h := f.r.Commit(branch, sandbox.Change{Date: time.Unix(dayOf(day), 0), Parents: parents})
	f.dates[h], f.parents[h] = dayOf(day), parents
	return h
}

// oracle is DESIGN.md 10 in the plainest words: what is reached from the head without passing through
// a commit older than the floor; and what is reached at all and not older.
func (f *floored) oracle() (least, most []string) {
	seen := map[string]bool{} // value: reached without passing a boundary
	todo := []string{f.r.Head()}
	for len(todo) > 0 {
		h := todo[0]
		todo = todo[1:]
		if seen[h] || f.dates[h] < f.opt.Since {
			continue
		}
		seen[h] = true
		least = append(least, h)
		todo = append(todo, f.parents[h]...)
	}
	for _, h := range f.r.Reachable("") {
		if f.dates[h] >= f.opt.Since {
			most = append(most, h)
		}
	}
	slices.Sort(least)
	slices.Sort(most)
	return least, most
}

// holds says what is wrong with what is stored: it must be all that the floor asks for, nothing that is not
// on the branch, and nothing older than the floor.
func (f *floored) holds() error {
	least, most := f.oracle()
	got := f.stored(f.r)
	if missing := without(least, got); len(missing) > 0 {
		return fmt.Errorf("%d of %d commits are missing, like %s", len(missing), len(least), missing[0])
	}
	if extra := without(got, most); len(extra) > 0 {
		return fmt.Errorf("%d commits are too much, like %s", len(extra), extra[0])
	}
	return nil
}

// grow does something to the branch; wild lets dates be anything.
func (f *floored) grow(rng *rand.Rand, wild bool) {
	date := func() int {
		if wild && rng.IntN(8) == 0 {
			return rng.IntN(2*f.day+10) - 5
		}
		f.day++
		return f.day
	}
	switch past := f.r.Reachable(""); rng.IntN(6) {
	default:
		for range 1 + rng.IntN(40) {
			f.commitAt("main", date())
		}
	case 0: // an old branch, merged late
		topic := fmt.Sprint("topic-", len(f.dates))
		at := past[rng.IntN(len(past))]
		f.r.Push(topic, at)
		old := int(f.dates[at]-dayOf(0)) / 86400
		for n := range 1 + rng.IntN(5) {
			f.commitAt(topic, old+n)
		}
		f.commitAt("main", date(), f.r.Hash("main"), f.r.Hash(topic))
	case 1: // a rewind, often below the floor
		f.r.Push("main", past[rng.IntN(len(past))])
	case 2: // a rewrite
		f.r.Push("main", past[min(rng.IntN(60), len(past)-1)])
		for range 1 + rng.IntN(60) {
			f.commitAt("main", date())
		}
		if rng.IntN(2) == 0 {
			f.r.GC()
		}
	}
}

// TestRandomFloors moves the floor down over histories that grow meanwhile, with interruptions, and
// in the end takes it away.
func TestRandomFloors(t *testing.T) {
	t.Parallel()
	for seed := range shorter(*histories/2, 2) {
		for _, wild := range []bool{false, true} {
			t.Run(fmt.Sprintf("seed=%d wild=%t", seed, wild), func(t *testing.T) {
				t.Parallel()
				f := newFloored(t)
				rng := rand.New(rand.NewPCG(uint64(seed), 1))
				for range 6 {
					f.grow(rng, wild)
				}
				floor := f.day
				for round := 0; floor > 0; round++ {
					floor -= rng.IntN(1 + f.day/4)
					f.opt.Since = dayOf(floor)
					if floor <= 0 {
						f.opt.Since = 0
					}
					if rng.IntN(3) == 0 { // between: also between the listing and the first page
						stop := rng.IntN(3)
						f.run(func(pages int) bool { return pages > stop })
						if err := f.sound(); err != nil {
							t.Fatalf("round %d, cut: %v", round, err)
						}
						if rng.IntN(2) == 0 {
							f.grow(rng, wild)
						}
					}
					s, err := f.run(nil)
					if err != nil || !s.Complete {
						t.Fatalf("round %d: %+v, %v", round, s, err)
					}
					if err := errors.Join(f.holds(), f.sound()); err != nil {
						t.Fatalf("round %d, floor %d: %v", round, floor, err)
					}
					if f.run(nil); f.server.Count() != 1 {
						t.Fatalf("round %d, floor %d: then idle: %d requests", round, floor, f.server.Count())
					}
					f.grow(rng, wild)
				}
				f.opt.Since = 0
				f.sync() // exact: nothing is hidden any more
				if err := f.sound(); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// TestFloorKeepsHeadWhole stops a run that lowered a floor before it fetched anything: what the head reaches
// must be stored as before.
func TestFloorKeepsHeadWhole(t *testing.T) {
	t.Parallel()
	f := newFloored(t)
	for n := range 289 {
		if n == 100 { // a second boundary, among what the first one hides
			f.r.Push("late", f.r.Head())
		}
		f.commit("main")
	}
	late := f.commitAt("late", 290)
	f.commitAt("main", 291, f.r.Head(), late)
	f.opt.Since = dayOf(250)
	if s, err := f.run(nil); err != nil || s.Commits.Added != 43 {
		t.Fatalf("%+v, %v", s, err)
	}
	if repo, _ := f.repo(f.r); len(repo.Roots) != 2 {
		t.Fatalf("%d boundaries", len(repo.Roots))
	}
	f.opt.Since = 0
	f.budget.Max = 1 // the listing
	f.run(nil)
	f.budget.Max = 2
	for range 6 {
		if err := f.sound(); err != nil {
			t.Fatal(err)
		}
		if repo, walking := f.repo(f.r); repo.State(walking) != "partial" {
			t.Errorf("state %q", repo.State(walking))
		}
		if _, err := f.run(nil); err == nil {
			break
		}
	}
	if err := errors.Join(f.holds(), f.sound()); err != nil {
		t.Fatal(err)
	}
}

// TestFloorOfFirstSync is that of the run that first had something to walk.
func TestFloorOfFirstSync(t *testing.T) {
	t.Parallel()
	f := newFloored(t)
	for range 99 {
		f.commit("main")
	}
	empty := f.acme.NewRepository("empty")
	f.opt.Since = dayOf(60)
	if s, err := f.run(nil); err != nil || s.Commits.Added != 41 {
		t.Fatalf("%+v, %v", s, err)
	}
	empty.Commit("main", sandbox.Change{Date: time.Unix(dayOf(1), 0)})
	f.opt.HasSince = false
	if s, err := f.run(nil); err != nil || s.Commits.Added != 1 {
		t.Errorf("a repository that was empty when there was a floor: %+v, %v", s, err)
	}
	f.opt.HasSince, f.opt.Since = true, dayOf(80) // a later one changes nothing
	if s, err := f.run(nil); err != nil || s.Commits.Added+s.Commits.Removed != 0 || f.server.Count() != 1 {
		t.Errorf("a later floor: %+v, %v", s, err)
	}
}

// TestBoundaryOnTop pushes a commit with an old date on top of what is stored.
func TestBoundaryOnTop(t *testing.T) {
	t.Parallel()
	f := newFloored(t)
	for range 99 {
		f.commit("main")
	}
	f.opt.Since = dayOf(60)
	f.run(nil)
	f.commitAt("main", 5)
	f.commit("main")
	s, err := f.run(nil)
	if err != nil || !s.Complete || s.Commits.Removed != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := len(f.stored(f.r)); got != 42 {
		t.Errorf("%d commits stored, want 42", got)
	}
	for range 450 { // and with new ones below it, on another page
		f.commit("main")
	}
	f.commitAt("main", 5)
	for range 99 { // so that the old one is the last on its page
		f.commit("main")
	}
	f.budget.Max = 2 // the listing and that page
	f.run(nil)
	f.budget.Max = 0
	s, err = f.run(nil)
	if err != nil || !s.Complete || s.Commits.Removed != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := len(f.stored(f.r)); got != 42+549 {
		t.Errorf("%d commits stored, want %d", got, 42+549)
	}
	if err := f.sound(); err != nil {
		t.Error(err)
	}
}
