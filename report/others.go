package report

import (
	"context"
	"slices"

	"trunkstat/store"
)

// A rest is what some rows have together.
type rest struct {
	has   []bool // by slot of the rows
	sum   cell
	cells []int // with a pivot, by column
}

// cut keeps the first rows and adds up the others, in which each commit counts once though
// several of them may have it.
func (s *sheet) cut(ctx context.Context, tx *store.Tx) (*Others, error) {
	if s.q.Top == 0 || len(s.order) <= s.q.Top {
		return nil, nil
	}
	off := s.order[s.q.Top:]
	s.order = s.order[:s.q.Top]
	r := &rest{has: make([]bool, s.tally().slots.n), sum: empty}
	if s.pivot != nil {
		r.cells = make([]int, len(s.pivot.columns))
	}
	for _, slot := range off {
		r.has[slot] = true
		r.sum.merge(*s.tally().cell(slot))
		if s.pivot != nil {
			for _, m := range s.pivot.of(slot) {
				r.cells[m.column] += int(m.commits)
			}
		}
	}
	if err := s.countOnce(ctx, tx, r); err != nil {
		return nil, err
	}
	counts := s.counts(r.sum, s.peopleOf(off, r))
	return &Others{Rows: len(off), Counts: counts, Cells: r.cells}, nil
}

// peopleOf counts the distinct persons of the rows that were cut off.
func (s *sheet) peopleOf(off []uint32, r *rest) uint32 {
	t := s.tally()
	if t.heads != nil {
		return t.heads.union(r.has)
	}
	people := map[uint64]bool{}
	for _, slot := range off {
		if t.cell(slot).commits > 0 {
			people[t.layout.personField.of(s.key(slot))] = true
		}
	}
	return uint32(len(people))
}

// countOnce takes from the rest what several of its rows have. Only families can have such
// commits, so only they are read again.
func (s *sheet) countOnce(ctx context.Context, tx *store.Tx, r *rest) error {
	if len(s.tally().layout.places) < 2 {
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
	for _, row := range s.counter.slotsOf(0, b, holders) {
		if r.has[row] {
			times++
		}
	}
	r.sum.remove(times-1, b.merges[0])
	if s.pivot == nil {
		return
	}
	p, cells := s.pivot, s.counter.tallies[2]
	seen := map[uint32]bool{} // columns
	for _, slot := range s.counter.slotsOf(2, b, holders) {
		key := cells.slots.at(slot).key
		row, _ := s.tally().slots.find(p.toRow(key))
		column := p.columnOf(key)
		switch {
		case !r.has[row]:
		case seen[column]:
			r.cells[column]--
		default:
			seen[column] = true
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

// slotsOf lists, each once, the slots of a tally that the only commit of a batch has in some
// repositories.
func (w *counter) slotsOf(tally int, b *batch, holders []int) []uint32 {
	var all []uint32
	k := w.keyings[tally]
	for _, repo := range holders {
		slot, known := w.tallies[tally].slots.find(k.keysOf(b, k.layout.place[repo])[0])
		if known && !slices.Contains(all, slot) {
			all = append(all, slot)
		}
	}
	return all
}
