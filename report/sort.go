package report

import (
	"math"
	"slices"
	"strings"
)

// sort orders the rows. Every order ends with the keys, so that it is the same in every run.
func (s *sheet) sort() error {
	order := s.q.Sort
	if order.Column == "" {
		order = Sort{Column: "commits", Desc: true}
		if s.q.By[0].IsTime() {
			order = Sort{Column: string(s.q.By[0])}
		}
	}
	number := s.ranking(order.Column)
	if number == nil {
		return misuse("cannot sort by %q: the columns are %s and the values of %s",
			order.Column, strings.Join(s.q.sortColumns(), ", "), s.q.Pivot)
	}
	r := newRadix(s.tally().slots.n)
	for _, a := range slices.Backward(s.axes) {
		r.sort(uint64(len(a.labels)), func(slot uint32) uint64 { return uint64(a.rank(s.key(slot))) })
	}
	r.sortColumn(number, order.Desc)
	s.order = r.order
	return nil
}

// A radix sorts slots by numbers, least significant digit first: a report may have a million
// rows, for which comparing them takes four times as long, and copies of what is compared twice
// the memory.
type radix struct{ order, spare []uint32 }

const digitBits = 12

func newRadix(slots int) *radix {
	r := &radix{make([]uint32, slots), make([]uint32, slots)}
	for i := range r.order {
		r.order[i] = uint32(i)
	}
	return r
}

// sort orders by a number that is at most most. What is equal stays as it was.
func (r *radix) sort(most uint64, number func(slot uint32) uint64) {
	for shift := 0; most>>shift > 0; shift += digitBits {
		var ends [1<<digitBits + 1]uint32        // by digit: where the next one goes
		for slot := range uint32(len(r.order)) { // not in their order, but in that of memory
			ends[number(slot)>>shift%(1<<digitBits)+1]++
		}
		for digit := range 1 << digitBits {
			ends[digit+1] += ends[digit]
		}
		for _, slot := range r.order {
			end := &ends[number(slot)>>shift%(1<<digitBits)]
			r.spare[*end] = slot
			*end++
		}
		r.order, r.spare = r.spare, r.order
	}
}

// noRank is the number of a row that has nothing to sort by; it comes last either way.
const noRank = math.MaxInt64

// sortColumn orders by the numbers of a column.
func (r *radix) sortColumn(number func(slot uint32) int64, desc bool) {
	least, most, missing := int64(noRank), int64(math.MinInt64), uint64(0)
	for slot := range uint32(len(r.order)) {
		if n := number(slot); n == noRank {
			missing = 1
		} else {
			least, most = min(least, n), max(most, n)
		}
	}
	if least > most {
		return
	}
	r.sort(uint64(most)-uint64(least), func(slot uint32) uint64 {
		n := number(slot)
		switch {
		case n == noRank:
			return 0
		case desc:
			return uint64(most) - uint64(n)
		}
		return uint64(n) - uint64(least)
	})
	r.sort(missing, func(slot uint32) uint64 {
		if number(slot) == noRank {
			return 1
		}
		return 0
	})
}

// ranking gives each row a number that orders the rows by a column, ascending; nil where there
// is no such column.
func (s *sheet) ranking(column string) func(slot uint32) int64 {
	if a := s.axis(Dimension(column)); a != nil {
		return func(slot uint32) int64 { return int64(a.rank(s.key(slot))) }
	}
	t := s.tally()
	switch column {
	case "email":
		return s.byEmail()
	case "commits", "total":
		return func(slot uint32) int64 { return int64(t.cell(slot).commits) }
	case "merges":
		return func(slot uint32) int64 { return int64(t.cell(slot).merges) }
	case "authors":
		return func(slot uint32) int64 { return int64(s.heads.of(slot, t.cell(slot))) }
	case "first_commit":
		return s.byDate(func(c *cell) int64 { return c.first })
	case "last_commit":
		return s.byDate(func(c *cell) int64 { return c.last })
	case "previous_commits":
		return func(slot uint32) int64 { return s.commitsBefore(slot) }
	case "change":
		return func(slot uint32) int64 { return int64(t.cell(slot).commits) - s.commitsBefore(slot) }
	}
	return s.byColumn(column)
}

func (s *sheet) commitsBefore(slot uint32) int64 {
	c, _ := s.previous(slot)
	return int64(c.commits)
}

func (s *sheet) byDate(date func(*cell) int64) func(slot uint32) int64 {
	return func(slot uint32) int64 {
		c := s.tally().cell(slot)
		if c.commits == 0 {
			return noRank
		}
		return date(c)
	}
}

// byColumn ranks by one value of the pivot.
func (s *sheet) byColumn(column string) func(slot uint32) int64 {
	if s.pivot == nil {
		return nil
	}
	i := slices.Index(s.pivot.texts(), column)
	if i < 0 {
		return nil
	}
	commits := s.pivot.column(uint32(i))
	return func(slot uint32) int64 { return int64(commits[slot]) }
}

// byEmail ranks by the e-mails of the persons, in the order of compareText.
func (s *sheet) byEmail() func(slot uint32) int64 {
	a := s.axis(AuthorDim)
	if a == nil {
		return nil
	}
	emails := make([]string, len(a.labels))
	for rank, label := range a.labels {
		emails[rank] = label.email
	}
	ranks, _ := ranked(emails, compareText)
	return func(slot uint32) int64 { return int64(ranks[a.rank(s.key(slot))]) }
}
