package report

import (
	"context"
	"slices"

	"trunkstat/store"
)

// A rest is what some rows of a counter have together.
type rest struct {
	counter *counter
	has     []bool // by slot of its rows
	sum     cell
	cells   []int // with a pivot, by column
}

func newRest(c *counter) *rest {
	return &rest{counter: c, has: make([]bool, c.rows().slots.n), sum: empty}
}

func (r *rest) add(slot uint32) {
	r.has[slot] = true
	r.sum.merge(*r.counter.rows().cell(slot))
}

// cut keeps the first rows and adds up the others, in which each commit counts once though
// several of them may have it.
func (s *sheet) cut(ctx context.Context, tx *store.Tx) (*Others, error) {
	if s.q.Top == 0 || len(s.order) <= s.q.Top {
		return nil, nil
	}
	off := s.order[s.q.Top:]
	s.order = s.order[:s.q.Top]
	now := newRest(s.counter)
	if s.pivot != nil {
		now.cells = make([]int, len(s.pivot.columns))
	}
	for _, slot := range off {
		now.add(slot)
		if s.pivot != nil {
			for _, m := range s.pivot.of(slot) {
				now.cells[m.column] += int(m.commits)
			}
		}
	}
	if err := s.countOnce(ctx, tx, now); err != nil {
		return nil, err
	}
	others := &Others{Rows: len(off), Counts: s.counts(now.sum, now.people()), Cells: now.cells}
	if s.before == nil {
		return others, nil
	}
	was := newRest(s.before.counter)
	for _, slot := range off {
		if before, ok := s.before.slot(slot); ok {
			was.add(before)
		}
	}
	if err := s.countOnce(ctx, tx, was); err != nil {
		return nil, err
	}
	previous := s.counts(was.sum, was.people())
	others.Previous = &previous
	return others, nil
}

// people counts the distinct persons of the rows.
func (r *rest) people() uint32 {
	t := r.counter.rows()
	if t.heads != nil {
		return t.heads.union(r.has)
	}
	people := map[uint64]bool{}
	for slot, has := range r.has {
		if has && t.cell(uint32(slot)).commits > 0 {
			people[t.layout.personField.of(t.slots.at(uint32(slot)).key)] = true
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
	scope := r.counter.scope
	for _, members := range r.counter.families {
		if len(members) == 1 {
			continue
		}
		err := mergeFamily(tx, scope.Repositories, members,
			func(fact *store.HashedFact, holders []int) error {
				if len(holders) > 1 && scope.Keeps(fact.Date, fact.Author, fact.Merge) {
					b.reset()
					b.add(fact.Date, uint32(scope.People.of[fact.Author]), fact.Merge)
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
	for _, row := range r.counter.slotsOf(0, b, holders) {
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
