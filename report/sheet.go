package report

import "time"

// A sheet is a report in the making: the rows with the values of their keys, which sort, beside
// the texts, which are shown.
type sheet struct {
	q       Query
	scope   *Scope
	counter *counter
	names   *names
	axes    []*axis // of the rows
	entries []*entry
	notes   []string

	pivot   *axis   // nil: none
	columns []int64 // its values, ascending
	totals  []int   // by column
	meets   []meet  // by slot of the tally of cells
}

// An entry is a row in the making. There may be as many of them as commits, so it is small.
type entry struct {
	values []int64 // by dimension
	slot   int32   // in the tally of rows; -1: nothing was counted
	now    counted
	before *counted // nil: nothing
	cells  []int
}

// A meet is where a cell stands: the slot of its row, and its column.
type meet struct{ row, column int32 }

// counted is a cell and its distinct authors.
type counted struct {
	cell
	authors int32
}

func (e *entry) previous() counted {
	if e.before == nil {
		return counted{}
	}
	return *e.before
}

// A tuple is the values of an entry where a map needs them.
type tuple [12]int64

func tupleOf(values []int64) (t tuple) {
	copy(t[:], values)
	return t
}

func newSheet(q Query, c *counter) *sheet {
	s := &sheet{q: q, scope: c.scope, counter: c, names: newNames(c.scope, q.Anonymize)}
	s.axes = newAxes(c.rows, s.names)
	return s
}

// fill makes an entry of each row that was counted.
func (s *sheet) fill() {
	t := s.counter.tallies[0]
	heads := t.sizes()
	entries := make([]entry, len(t.cells)) // one piece of memory; the slice of pointers is sorted
	s.entries = make([]*entry, len(t.cells))
	width := len(s.axes)
	values := make([]int64, 0, width*len(t.cells))
	for slot, cell := range t.cells {
		values = appendValues(values, t, slot, s.axes, false)
		entries[slot] = entry{
			values: values[len(values)-width:],
			slot:   int32(slot),
			now:    counted{cell, heads[slot]},
		}
		s.entries[slot] = &entries[slot]
	}
}

// appendValues appends the values of a slot's key; prior, where the tally is of the range
// before.
func appendValues(into []int64, t *tally, slot int, axes []*axis, prior bool) []int64 {
	from := len(into)
	into = t.layout.values(t.slots.keys[slot], into)
	for i, axis := range axes {
		into[from+i] = axis.value(into[from+i], prior)
	}
	return into
}

// sizes are the distinct persons of each slot.
func (t *tally) sizes() []int32 {
	if t.heads != nil {
		return t.heads.sizes(len(t.cells))
	}
	ones := make([]int32, len(t.cells))
	for i := range ones {
		ones[i] = 1
	}
	return ones
}

func (s *sheet) counts(c counted) Counts {
	if c.commits == 0 {
		return Counts{}
	}
	return Counts{
		Commits: int(c.commits),
		Merges:  int(c.merges),
		Authors: int(c.authors),
		First:   time.Unix(c.first, 0).In(s.q.Zone),
		Last:    time.Unix(c.last, 0).In(s.q.Zone),
	}
}

// total is each commit once; its authors are whoever has a commit that was kept.
func (s *sheet) total(c *counter) Counts {
	people := int32(0)
	for i := range s.scope.People.Len() {
		if s.usedBy(c, i, kept) > 0 {
			people++
		}
	}
	return s.counts(counted{c.total, people})
}

// usedBy counts the commits of a person whose fate they share.
func (s *sheet) usedBy(c *counter, person int, with fate) (n int64) {
	for _, author := range s.scope.People.At(person).Authors {
		if s.scope.fates[author] == with {
			n += c.used[author]
		}
	}
	return n
}
