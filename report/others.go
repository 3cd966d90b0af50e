package report

import (
	"context"

	"trunkstat/store"
)

// cut keeps the first rows and adds up the others, in which each commit counts once though
// several of them may have it.
func (s *sheet) cut(ctx context.Context, tx *store.Tx) (*Others, error) {
	if s.q.Top == 0 || len(s.entries) <= s.q.Top {
		return nil, nil
	}
	off := s.entries[s.q.Top:]
	s.entries = s.entries[:s.q.Top]
	t := s.counter.tallies[0]
	isOff := make([]bool, len(t.cells))
	var sum cell
	for _, e := range off {
		if e.slot >= 0 {
			isOff[e.slot] = true
			sum.merge(t.cells[e.slot])
		}
	}
	if err := s.countOnce(ctx, tx, isOff, &sum); err != nil {
		return nil, err
	}
	return &Others{Rows: len(off), Counts: s.counts(counted{sum, s.heads(isOff)})}, nil
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

// countOnce takes from the sum what several of the rows have. Only families can have such
// commits, so only they are read again.
func (s *sheet) countOnce(ctx context.Context, tx *store.Tx, in []bool, sum *cell) error {
	t := s.counter.tallies[0]
	if len(t.layout.places) < 2 {
		return nil
	}
	for _, members := range s.counter.families {
		if len(members) == 1 {
			continue
		}
		err := mergeFamily(tx, s.scope.Repositories, members,
			func(fact *store.HashedFact, holders []int) error {
				if len(holders) > 1 && s.scope.Keeps(fact.Date, fact.Author, fact.Merge) {
					sum.remove(s.rowsOf(fact, holders, in)-1, fact.Merge)
				}
				return ctx.Err()
			})
		if err != nil {
			return err
		}
	}
	return nil
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

// rowsOf counts the distinct rows, of those that are in, which have a commit.
func (s *sheet) rowsOf(fact *store.HashedFact, holders []int, in []bool) (n int) {
	t := s.counter.tallies[0]
	var one batch
	one.add(fact.Date, uint32(s.scope.People.of[fact.Author]), fact.Merge)
	one.localize(s.counter.clock)
	seen := map[int32]bool{}
	for _, repo := range holders {
		place := t.layout.place[repo]
		if seen[place] {
			continue
		}
		seen[place] = true
		if slot, known := t.slots.find(t.keysOf(&one, place)[0]); known && in[slot] {
			n++
		}
	}
	return n
}
