package report

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"sync/atomic"
	"time"

	"trunkstat/store"
)

// A count is one pass over the commits of a scope: its rows, and with a pivot its columns and
// the cells where they meet.
type count struct {
	scope    *Scope
	families []family
	zone     *time.Location
	rows     *layout
	columns  *layout // nil without a pivot
	cells    *layout
}

func newCount(q Query, scope *Scope, families []family) *count {
	c := &count{scope: scope, families: families, zone: q.Zone, rows: newLayout(q.By, scope)}
	if q.Pivot != "" {
		c.columns = newLayout([]Dimension{q.Pivot}, scope)
		c.cells = newLayout(append(q.By[:len(q.By):len(q.By)], q.Pivot), scope)
	}
	return c
}

// run counts, with several workers where there are several families. What is counted does not
// depend on which worker took which.
func (c *count) run(ctx context.Context, tx *store.Tx) (*counter, error) {
	workers := min(runtime.GOMAXPROCS(0), len(c.families))
	if workers <= 1 {
		only := newCounter(c)
		return only, only.runAll(ctx, tx, new(atomic.Int64))
	}
	counters := make([]*counter, workers)
	var next atomic.Int64
	err := tx.Parallel(workers, func(worker int, tx *store.Tx) error {
		counters[worker] = newCounter(c)
		return counters[worker].runAll(ctx, tx, &next)
	})
	if err != nil {
		return nil, err
	}
	for _, other := range counters[1:] {
		counters[0].merge(other)
	}
	return counters[0], nil
}

// A counter is one worker's part of a count.
type counter struct {
	*count
	clock   *clock
	tallies []*tally // of rows, columns and cells
	batch   batch

	used   []int64     // by author: commits within the range and the choice of merges
	total  cell        // each commit once
	shared int64       // commits that several repositories of the scope have
	feeds  []*feed     // by tally, for families
	bursts map[int]int // repository → commits in its longest burst
}

func newCounter(c *count) *counter {
	w := &counter{count: c, clock: newClock(c.zone), used: make([]int64, len(c.scope.fates)),
		bursts: map[int]int{}}
	people := c.scope.People.Len()
	if c.rows.byPerson {
		people = 0 // every row has one person
	}
	w.tallies = append(w.tallies, newTally(c.rows, people))
	if c.columns != nil {
		w.tallies = append(w.tallies, newTally(c.columns, 0), newTally(c.cells, 0))
	}
	return w
}

func (w *counter) runAll(ctx context.Context, tx *store.Tx, next *atomic.Int64) error {
	for {
		i := int(next.Add(1)) - 1
		if i >= len(w.families) {
			return nil
		}
		family := w.families[i]
		var err error
		if len(family) == 1 {
			err = w.countAlone(ctx, tx, family[0])
		} else {
			err = w.countFamily(ctx, tx, family)
			if err == nil {
				err = w.watch(ctx, tx, family)
			}
		}
		if err != nil {
			return fmt.Errorf("count commits of %s: %w", w.scope.Repositories[family[0]].Slug, err)
		}
	}
}

// countAlone counts a repository that shares no commit with another.
func (w *counter) countAlone(ctx context.Context, tx *store.Tx, repo int) error {
	since, until := w.scope.Range()
	var r runs
	for facts, err := range tx.Facts(w.scope.Repositories[repo].UUID, since, until) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = w.sift(facts)
		}
		if err != nil {
			return err
		}
		r.add(w.batch.dates)
		w.addTotal(&w.batch)
		w.localize(&w.batch)
		for _, t := range w.tallies {
			t.add(&w.batch, t.layout.place[repo])
		}
	}
	w.noteBurst(repo, r)
	return nil
}

// sift fills the batch with those of the facts that the filter keeps.
func (w *counter) sift(facts *store.Facts) error {
	s := w.scope
	b := &w.batch
	b.resize(len(facts.Dates))
	n := 0
	for i, date := range facts.Dates {
		merge, author := facts.Merges[i], facts.Authors[i]
		if date < s.since || date > s.until || !s.merges.keeps(merge) {
			continue
		}
		if int64(author) >= int64(len(s.fates)) {
			return fmt.Errorf("%w: there is no author %d", store.ErrDamaged, author)
		}
		w.used[author]++
		if s.fates[author] == kept {
			b.dates[n], b.people[n], b.merges[n] = date, uint32(s.People.of[author]), merge
			n++
		}
	}
	b.resize(n)
	return nil
}

func (w *counter) addTotal(b *batch) {
	w.total.addAll(b.dates, b.merges)
}

func (w *counter) localize(b *batch) {
	for _, t := range w.tallies {
		if t.layout.byTime() {
			b.localize(w.clock)
			return
		}
	}
}

func (w *counter) merge(from *counter) {
	for i, t := range w.tallies {
		t.merge(from.tallies[i])
	}
	for author, n := range from.used {
		w.used[author] += n
	}
	maps.Copy(w.bursts, from.bursts) // each repository was counted by one worker
	w.total.merge(from.total)
	w.shared += from.shared
}
