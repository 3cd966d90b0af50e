package report

import (
	"math"
	"sync"
)

// A cell is what is counted under one key. It begins as empty.
type cell struct {
	first, last     int64
	commits, merges uint32
}

// empty is before and after everything, so that no cell need be asked whether it is.
var empty = cell{first: math.MaxInt64, last: math.MinInt64}

// add is compiled without a branch: which dates are first or last is not to be guessed.
func (c *cell) add(date int64, merge bool) {
	c.first, c.last = min(c.first, date), max(c.last, date)
	c.commits++
	c.merges += bit(merge)
}

// bit is 1 for true. Compiled without a branch, which would be guessed wrong for every other merge.
func bit(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// addAll adds many commits at a third of the price of one after another.
func (c *cell) addAll(dates []int64, merges []bool) {
	all := empty
	for i, date := range dates {
		all.first, all.last = min(all.first, date), max(all.last, date)
		all.merges += bit(merges[i])
	}
	all.commits = uint32(len(dates))
	c.merge(all)
}

func (c *cell) merge(d cell) {
	c.first, c.last = min(c.first, d.first), max(c.last, d.last)
	c.commits += d.commits
	c.merges += d.merges
}

// A tally counts commits by the keys of a layout. Each worker has its own, and merge adds them
// up; where there may be very many keys, the workers have one together. The sum does not depend
// on who counted what. Nothing is allocated for a commit, only for a key that is new, and then
// seldom.
type tally struct {
	layout *layout
	shared bool
	mu     sync.Mutex // held while adding to a shared tally
	warmed uint32     // see slots.warm

	slots slots     // their numbers are those of the keys as they turned up
	heads *audience // distinct persons by slot; nil where nobody asks, or every row has one
}

// cell is what was counted of a slot.
func (t *tally) cell(slot uint32) *cell { return &t.slots.at(slot).cell }

// add counts a batch by its keys.
func (t *tally) add(b *batch, keys []uint64) {
	if t.shared {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	if t.slots.likely > manyKeys {
		t.warmed += t.slots.warm(keys)
	}
	if l := t.layout; !l.byPerson && !l.byTime() {
		t.addAll(b, keys)
		return
	}
	for i, key := range keys {
		slot := uint32(0) // slots.of, written out: the compiler does not inline it
		if key < uint64(len(t.slots.small)) {
			slot = t.slots.small[key]
		}
		if slot--; uint(slot) >= uint(t.slots.n) {
			slot = t.slots.of(key)
		}
		t.cell(slot).add(b.dates[i], b.merges[i])
		if t.heads != nil {
			t.heads.add(slot, b.people[i])
		}
	}
}

// addAll is add where a place is all there is to a key, as in the report that is asked for most.
func (t *tally) addAll(b *batch, keys []uint64) {
	if len(keys) == 0 {
		return
	}
	slot := t.slots.of(keys[0])
	t.cell(slot).addAll(b.dates, b.merges)
	if t.heads != nil {
		for _, person := range b.people {
			t.heads.add(slot, person)
		}
	}
}

// merge adds what another worker counted.
func (t *tally) merge(from *tally) {
	if t == from {
		return
	}
	to := make([]uint32, from.slots.n)
	for slot := range to {
		r := from.slots.at(uint32(slot))
		to[slot] = t.slots.of(r.key)
		t.cell(to[slot]).merge(r.cell)
	}
	if t.heads != nil {
		t.heads.merge(from.heads, to)
	}
}

// sizes are the distinct persons of each slot; nil where every row has one person.
func (t *tally) sizes() sizes {
	if t.heads == nil {
		return nil
	}
	return t.heads.sizes(t.slots.n)
}

type sizes []uint32

// of is the size of a slot with a cell.
func (s sizes) of(slot uint32, c *cell) uint32 {
	if s == nil {
		return min(c.commits, 1)
	}
	return s[slot]
}
