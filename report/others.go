package report

import (
	"context"
	"slices"

	"trunkstat/store"
)

// A rest is what some rows have together.
type rest struct {
	has   []bool // by slot of the tally of rows
	sum   cell
	cells []int // with a pivot, by column
}

// cut keeps the first rows and adds up the others, in which each commit counts once though
// several of them may have it.
func (s *sheet) cut(ctx context.Context, tx *store.Tx) (*Others, error) {
	if s.q.Top == 0 || len(s.entries) <= s.q.Top {
		return nil, nil
	}
	off := s.entries[s.q.Top:]
	s.entries = s.entries[:s.q.Top]
	t := s.counter.tallies[0]
	r := &rest{has: make([]bool, len(t.cells))}
	if s.pivot != nil {
		r.cells = make([]int, len(s.columns))
	}
	for _, e := range off {
		if e.slot >= 0 {
			r.has[e.slot] = true
			r.sum.merge(t.cells[e.slot])
		}
		for column, n := range e.cells {
			r.cells[column] += n
		}
	}
	if err := s.countOnce(ctx, tx, r); err != nil {
		return nil, err
	}
	counts := s.counts(counted{r.sum, s.heads(r.has)})
	return &Others{Rows: len(off), Counts: counts, Cells: r.cells}, nil
}

// heads counts the distinct persons of some rows.
func (s *sheet) heads(in []bool) int32 {
	t := s.counter.tallies[0]
	if t.heads != nil {
		return t.heads.union(in)
	}
	people := map[int]bool{}
	for slot, in := range in {
		if in {
			people[t.layout.spot(t.slots.keys[slot]).person] = true
		}
	}
	return int32(len(people))
}

// countOnce takes from the rest what several of its rows have. Only families can have such
// commits, so only they are read again.
func (s *sheet) countOnce(ctx context.Context, tx *store.Tx, r *rest) error {
	t := s.counter.tallies[0]
	if len(t.layout.places) < 2 {
		return nil
	}
	var b batch
	for _, members := range s.counter.families {
		if len(members) == 1 {
			continue
		}
		err := mergeFamily(tx, s.scope.Repositories, members,
			func(fact *store.HashedFact, holders []int) error {
				if len(holders) > 1 && s.scope.Keeps(fact.Date, fact.Author, fact.Merge) {
					b.reset()
					b.add(fact.Date, uint32(s.scope.People.of[fact.Author]), fact.Merge)
					b.localize(s.counter.clock)
					s.takeCopies(r, &b, holders)
				}
				return ctx.Err()
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeCopies takes away what one commit, all that is in the batch, was counted too often.
func (s *sheet) takeCopies(r *rest, b *batch, holders []int) {
	times := 0
	for _, row := range s.counter.tallies[0].slotsOf(b, holders) {
		if r.has[row] {
			times++
		}
	}
	r.sum.remove(times-1, b.merges[0])
	if s.pivot == nil {
		return
	}
	seen := map[int32]bool{} // columns
	for _, slot := range s.counter.tallies[2].slotsOf(b, holders) {
		m := s.meets[slot]
		switch {
		case !r.has[m.row]:
		case seen[m.column]:
			r.cells[m.column]--
		default:
			seen[m.column] = true
		}
	}
}

// remove takes away what was counted too often.
func (c *cell) remove(times int, merge bool) {
	if times <= 0 {
		return
	}
	c.commits -= uint32(times)
	if merge {
		c.merges -= uint32(times)
	}
}

// slotsOf lists, each once, the slots that the only commit of a batch has in some repositories.
func (t *tally) slotsOf(b *batch, holders []int) []uint32 {
	var all []uint32
	for _, repo := range holders {
		slot, known := t.slots.find(t.keysOf(b, t.layout.place[repo])[0])
		if known && !slices.Contains(all, slot) {
			all = append(all, slot)
		}
	}
	return all
}
