package report

import (
	"context"
	"fmt"

	"trunkstat/store"
)

// A feed hands the commits of a family to one tally: each once to every place that has it.
// Places collect commits, so that a tally gets batches here too.
type feed struct {
	keying  *keying
	tally   *tally
	waiting []*batch // by place; nil for places outside of the family
	last    []int64  // by place: the last commit that was fed to it
}

const feedSize = 256

func newFeed(k *keying, t *tally) *feed {
	places := len(k.layout.places)
	return &feed{keying: k, tally: t, waiting: make([]*batch, places), last: make([]int64, places)}
}

// countFamily counts the distinct commits of a family.
func (w *counter) countFamily(ctx context.Context, tx *store.Tx, members family) error {
	if w.feeds == nil {
		for i, t := range w.tallies {
			w.feeds = append(w.feeds, newFeed(w.keyings[i], t))
		}
	}
	number := int64(0)
	visit := func(fact *store.HashedFact, holders []int) error {
		if number++; number%feedSize == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		keeps, err := w.siftOne(fact)
		if err != nil || !keeps {
			return err
		}
		w.total.add(fact.Date, fact.Merge)
		if len(holders) > 1 {
			w.shared++
		}
		person := uint32(w.scope.People.of[fact.Author])
		for _, f := range w.feeds {
			f.add(number, fact, person, holders)
		}
		return nil
	}
	err := mergeFamily(tx, w.scope.Repositories, members, visit)
	for _, f := range w.feeds {
		f.flush()
	}
	return err
}

// siftOne is sift for one commit.
func (w *counter) siftOne(fact *store.HashedFact) (keeps bool, err error) {
	s := w.scope
	if fact.Date < s.since || fact.Date > s.until || !s.merges.keeps(fact.Merge) {
		return false, nil
	}
	if int64(fact.Author) >= int64(len(s.fates)) {
		return false, fmt.Errorf("%w: there is no author %d", store.ErrDamaged, fact.Author)
	}
	w.used[fact.Author]++
	return s.fates[fact.Author] == kept, nil
}

// add feeds one commit, whose number is not that of another in this family.
func (f *feed) add(number int64, fact *store.HashedFact, person uint32, holders []int) {
	for _, repo := range holders {
		place := f.keying.layout.place[repo]
		b := f.waiting[place]
		if b == nil {
			b = &batch{}
			f.waiting[place] = b
		} else if f.last[place] == number {
			continue
		}
		f.last[place] = number
		b.add(fact.Date, person, fact.Merge)
		if len(b.dates) == feedSize {
			f.hand(b, place)
		}
	}
}

func (f *feed) hand(b *batch, place int32) {
	f.tally.add(b, f.keying.keysOf(b, place))
	b.reset()
}

// flush hands over what waits, and forgets the family.
func (f *feed) flush() {
	for place, b := range f.waiting {
		if b != nil {
			f.hand(b, int32(place))
			f.waiting[place] = nil
		}
	}
}
