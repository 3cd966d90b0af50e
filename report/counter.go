package report

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"trunkstat/store"
)

// A count is one pass over the commits of a scope: its rows, and with a pivot its columns and
// the cells where they meet.
type count struct {
	scope    *Scope
	families []family
	zone     *time.Location
	layouts  []*layout // of rows, columns and cells
	commits  int       // about so many are to be counted
	parts    []part
}

// A part is what one worker counts at a time: a family, or a section of a repository that shares
// no commit with another. So one long history is counted by all workers.
type part struct {
	family  family
	section store.Section
	runs    runs // of the section
}

const (
	// manyCells is where a tally is shared: so many cells, 20 MB, may all workers have of their own.
	// They take a third less time then, as none waits for another.
	manyCells = 1 << 19

	// manyKeys is where cells no longer stay in the caches of a processor; see slots.warm.
	manyKeys = 1 << 16
)

func newCount(q Query, scope *Scope, families []family) *count {
	c := &count{scope: scope, families: families, zone: q.Zone}
	c.layouts = append(c.layouts, newLayout(q.By, scope))
	if q.Pivot != "" {
		both := append(q.By[:len(q.By):len(q.By)], q.Pivot)
		c.layouts = append(c.layouts, newLayout([]Dimension{q.Pivot}, scope), newLayout(both, scope))
	}
	return c
}

// run counts, with several workers where there are several parts. What is counted does not
// depend on which worker took which.
func (c *count) run(ctx context.Context, tx *store.Tx) (*counter, error) {
	if err := c.split(tx); err != nil {
		return nil, err
	}
	counters := c.newCounters(min(runtime.GOMAXPROCS(0), max(len(c.parts), 1)))
	var next atomic.Int64
	err := tx.Parallel(len(counters), func(worker int, tx *store.Tx) error {
		return counters[worker].runAll(ctx, tx, &next)
	})
	if err != nil {
		return nil, err
	}
	for _, other := range counters[1:] {
		counters[0].merge(other)
	}
	counters[0].findBursts()
	return counters[0], nil
}

// split makes the parts.
func (c *count) split(tx *store.Tx) error {
	for _, members := range c.families {
		if len(members) > 1 {
			c.parts = append(c.parts, part{family: members})
		}
		for _, repo := range members {
			sections, commits, err := tx.Sections(c.scope.Repositories[repo].UUID)
			if err != nil {
				return err
			}
			c.commits += commits
			for _, section := range sections {
				if len(members) == 1 {
					c.parts = append(c.parts, part{family: members, section: section})
				}
			}
		}
	}
	return nil
}

// newCounters makes the workers.
func (c *count) newCounters(n int) []*counter {
	counters := make([]*counter, n)
	for i := range counters {
		w := &counter{
			count: c, clock: newClock(c.zone), total: empty,
			used: make([]int64, len(c.scope.fates)), bursts: map[int]int{},
		}
		for j, l := range c.layouts {
			own := c.newTally(j, n)
			if own.shared && i > 0 {
				own = counters[0].tallies[j]
			}
			w.tallies = append(w.tallies, own)
			w.keyings = append(w.keyings, newKeying(l, w.clock))
		}
		counters[i] = w
	}
	return counters
}

// newTally makes a tally of one of the layouts, for one of some workers.
func (c *count) newTally(i, workers int) *tally {
	t := &tally{layout: c.layouts[i]}
	t.slots.likely = min(t.layout.likely(), c.commits)
	cells := t.slots.likely
	if i == 0 && !t.layout.byPerson {
		t.heads = newAudience(c.scope.People.Len())
		cells += t.heads.likely(t.slots.likely, c.commits) * 8 / int(unsafe.Sizeof(keyed{}))
	}
	t.shared = workers > 1 && cells > manyCells/workers
	return t
}

// A counter is one worker's part of a count.
type counter struct {
	*count
	clock   *clock
	keyings []*keying // of rows, columns and cells
	tallies []*tally  // the same
	batch   batch

	used   []int64     // by author: commits within the range and the choice of merges
	total  cell        // each commit once
	shared int64       // commits that several repositories of the scope have
	feeds  []*feed     // by tally, for families
	bursts map[int]int // repository → commits in its longest burst
}

// rows is the tally of rows.
func (w *counter) rows() *tally { return w.tallies[0] }

func (w *counter) runAll(ctx context.Context, tx *store.Tx, next *atomic.Int64) error {
	for {
		i := int(next.Add(1)) - 1
		if i >= len(w.parts) {
			return nil
		}
		p := &w.parts[i]
		var err error
		if len(p.family) == 1 {
			err = w.countAlone(ctx, tx, p)
		} else {
			err = w.countFamily(ctx, tx, p.family)
			if err == nil {
				err = w.watch(ctx, tx, p.family)
			}
		}
		if err != nil {
			return fmt.Errorf("count commits of %s: %w", w.scope.Repositories[p.family[0]].Slug, err)
		}
	}
}

// countAlone counts blocks of a repository that shares no commit with another.
func (w *counter) countAlone(ctx context.Context, tx *store.Tx, p *part) error {
	repo := p.family[0]
	since, until := w.scope.Range()
	for facts, err := range tx.SectionFacts(w.scope.Repositories[repo].UUID, p.section, since, until) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = w.sift(facts)
		}
		if err != nil {
			return err
		}
		p.runs.add(w.batch.dates)
		w.total.addAll(w.batch.dates, w.batch.merges)
		for i, k := range w.keyings {
			w.tallies[i].add(&w.batch, k.keysOf(&w.batch, k.layout.place[repo]))
		}
	}
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

func (w *counter) merge(from *counter) {
	for i, t := range w.tallies {
		t.merge(from.tallies[i])
	}
	for author, n := range from.used {
		w.used[author] += n
	}
	for repo, n := range from.bursts { // of families: each was counted by one worker
		w.bursts[repo] = n
	}
	w.total.merge(from.total)
	w.shared += from.shared
}
