package report

import "slices"

// A cell is what is counted under one key.
type cell struct {
	first, last     int64
	commits, merges uint32
}

func (c *cell) add(date int64, merge bool) {
	if c.commits == 0 || date < c.first {
		c.first = date
	}
	if c.commits == 0 || date > c.last {
		c.last = date
	}
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
	if len(dates) == 0 {
		return
	}
	all := cell{first: dates[0], last: dates[0], commits: uint32(len(dates))}
	for i, date := range dates {
		all.first, all.last = min(all.first, date), max(all.last, date)
		all.merges += bit(merges[i])
	}
	c.merge(all)
}

func (c *cell) merge(d cell) {
	if d.commits == 0 {
		return
	}
	if c.commits == 0 || d.first < c.first {
		c.first = d.first
	}
	if c.commits == 0 || d.last > c.last {
		c.last = d.last
	}
	c.commits += d.commits
	c.merges += d.merges
}

// A tally counts commits by the keys of a layout. Each worker has its own; merge adds them up,
// and the sum does not depend on who counted what. Nothing is allocated for a commit, only for
// a key that is new, and then seldom.
type tally struct {
	layout *layout
	known  []int32         // day since 1970 → moment + 1; 0: not asked yet
	wild   map[int64]int32 // the same for all other days
	slots  slots
	cells  []cell    // by slot
	heads  *audience // distinct persons by slot; nil where nobody asks
	keys   []uint64  // scratch
}

func newTally(l *layout, people int) *tally {
	t := &tally{layout: l, wild: map[int64]int32{}}
	if len(l.days) > 0 {
		t.known = make([]int32, tameDays)
	}
	if people > 0 {
		t.heads = newAudience(people)
	}
	return t
}

// add counts a batch whose commits are all in one place. With a layout of time, the batch has
// been localized.
func (t *tally) add(b *batch, place int32) {
	if l := t.layout; !l.byPerson && !l.byTime() {
		t.addAll(b, place)
		return
	}
	for i, key := range t.keysOf(b, place) {
		slot := uint32(0) // slots.of, written out: the compiler does not inline it
		if key < uint64(len(t.slots.small)) {
			slot = t.slots.small[key]
		}
		if slot--; uint(slot) >= uint(len(t.cells)) {
			slot = t.slotOf(key)
		}
		t.cells[slot].add(b.dates[i], b.merges[i])
		if t.heads != nil {
			t.heads.add(slot, b.people[i])
		}
	}
}

// slotOf makes a cell for the slot of a key.
func (t *tally) slotOf(key uint64) uint32 {
	slot := t.slots.of(key)
	if int(slot) >= len(t.cells) {
		t.cells = append(doubled(t.cells), cell{})
	}
	return slot
}

// doubled makes room for twice as much where there is none for one more. Append alone would
// grow long slices by a quarter, and copy a large report's cells five times over.
func doubled[T any](s []T) []T {
	if len(s) < cap(s) {
		return s
	}
	return slices.Grow(s, max(len(s), 64))
}

// addAll is add where a place is all there is to a key, as in the report that is asked for most.
func (t *tally) addAll(b *batch, place int32) {
	if len(b.dates) == 0 {
		return
	}
	slot := t.slots.of(uint64(place))
	if int(slot) >= len(t.cells) {
		t.cells = append(t.cells, cell{})
	}
	t.cells[slot].addAll(b.dates, b.merges)
	if t.heads != nil {
		for _, person := range b.people {
			t.heads.add(slot, person)
		}
	}
}

// keysOf makes the keys of a batch, one part of the key at a time.
func (t *tally) keysOf(b *batch, place int32) []uint64 {
	t.keys = append(t.keys[:0], make([]uint64, len(b.dates))...)
	keys := t.keys
	if t.known != nil {
		for i, day := range b.days {
			keys[i] = uint64(t.momentOf(day))
		}
	}
	if t.layout.byHour {
		for i, hour := range b.hours {
			keys[i] = keys[i]*24 + uint64(hour)
		}
	}
	if places := uint64(len(t.layout.places)); places > 1 {
		for i := range keys {
			keys[i] = keys[i]*places + uint64(place)
		}
	}
	if t.layout.byPerson {
		people := uint64(t.layout.people)
		for i, person := range b.people {
			keys[i] = keys[i]*people + uint64(person)
		}
	}
	return keys
}

func (t *tally) momentOf(day int64) int32 {
	if uint64(day) < uint64(len(t.known)) {
		if m := t.known[day]; m != 0 {
			return m - 1
		}
	}
	return t.newMoment(day)
}

func (t *tally) newMoment(day int64) int32 {
	if m, known := t.wild[day]; known {
		return m
	}
	m := t.layout.momentOf(day)
	if uint64(day) < uint64(len(t.known)) {
		t.known[day] = m + 1
	} else {
		t.wild[day] = m
	}
	return m
}

// merge adds what another worker counted.
func (t *tally) merge(from *tally) {
	to := make([]uint32, len(from.cells))
	for slot, c := range from.cells {
		to[slot] = t.slotOf(from.slots.keys[slot])
		t.cells[to[slot]].merge(c)
	}
	if t.heads != nil {
		t.heads.merge(from.heads, to)
	}
}

// slots numbers keys as they turn up. Small keys are looked up in a slice, which most reports
// never leave.
type slots struct {
	small []uint32 // key → slot + 1
	large map[uint64]uint32
	keys  []uint64 // by slot
}

const smallKeys = 1 << 20

func (s *slots) of(key uint64) uint32 {
	if key < uint64(len(s.small)) {
		if slot := s.small[key]; slot != 0 {
			return slot - 1
		}
	}
	return s.new(key)
}

func (s *slots) new(key uint64) uint32 {
	slot := uint32(len(s.keys))
	if key >= smallKeys {
		if known, ok := s.large[key]; ok {
			return known
		}
		if s.large == nil {
			s.large = map[uint64]uint32{}
		}
		s.large[key] = slot
	} else {
		if grow := int(key) + 1 - len(s.small); grow > 0 {
			grow = min(max(grow, len(s.small)), smallKeys-len(s.small))
			s.small = append(s.small, make([]uint32, grow)...)
		}
		s.small[key] = slot + 1
	}
	s.keys = append(doubled(s.keys), key)
	return slot
}

// find is of for keys that may be unknown.
func (s *slots) find(key uint64) (slot uint32, ok bool) {
	if key < uint64(len(s.small)) {
		slot = s.small[key]
		return slot - 1, slot != 0
	}
	slot, ok = s.large[key]
	return slot, ok
}
