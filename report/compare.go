package report

import (
	"context"
	"time"

	"trunkstat/store"
)

// A comparison holds each row against the range before. Rows meet by their keys: a repository
// meets itself, and so do a person, a weekday and an hour. Periods meet by their places in the
// two ranges, the first with the first: March 1 with February 1, the first week that has a day
// of March with the first that has one of February. Where one range has more periods than the
// other, the rest meets nothing; a rest of the range before stands, with 0 now, under its own
// name behind the others. So the rows' counts add up to the totals of both ranges.

// closeRange gives an open end the end of today, so that there is something to compare.
func (q *Query) closeRange() error {
	if !q.Filter.Until.IsZero() {
		return nil
	}
	year, month, day := q.Now.In(q.Zone).Date()
	tomorrow := dayOf(int64(year), int64(month), int64(day)) + 1
	q.Filter.Until = dayStart(tomorrow, q.Zone).Add(-time.Second)
	if q.Filter.Until.Before(q.Filter.Since) {
		return misuse("there is nothing before %s to compare: the range has not begun",
			q.Filter.Since.Format(time.RFC3339))
	}
	return nil
}

// rangeBefore is the calendar unit before, if the range is one whole day, week, month, quarter
// or year; else as many days before, if it is whole days; else as long a time before. It ends
// where the range begins.
func rangeBefore(since, until time.Time, zone *time.Location) (time.Time, time.Time) {
	first, last := civilDay(since, zone), civilDay(until, zone)
	end := since.Add(-time.Second)
	if !since.Equal(dayStart(first, zone)) ||
		!until.Equal(dayStart(last+1, zone).Add(-time.Second)) {
		return end.Add(-until.Sub(since)), end
	}
	for _, unit := range []Dimension{Day, Week, Month, Quarter, Year} {
		n := unit.periodOf(first)
		if first == unit.firstDay(n) && last == unit.firstDay(n+1)-1 {
			return dayStart(unit.firstDay(n-1), zone), end
		}
	}
	return dayStart(first-(last-first+1), zone), end
}

func civilDay(t time.Time, zone *time.Location) int64 {
	year, month, day := t.In(zone).Date()
	return dayOf(int64(year), int64(month), int64(day))
}

// countBefore counts the range before.
func countBefore(ctx context.Context, tx *store.Tx, q Query, c *count) (*counter, error) {
	since, until := rangeBefore(q.Filter.Since, q.Filter.Until, q.Zone)
	scope := *c.scope
	scope.since, scope.until = since.Unix(), until.Unix()
	return newCount(q, &scope, c.families).run(ctx, tx)
}

// before is what was counted of the range before.
type before struct {
	counter *counter
	heads   sizes
	slots   []uint32 // by slot of the rows: the slot before + 1; 0: nothing
	ranges  map[Dimension][2]span
}

// A span is a range of periods, both included.
type span struct{ first, last int64 }

// compare puts what was counted of the range before beside the rows.
func (s *sheet) compare(c *counter) {
	b := &before{counter: c, heads: c.rows().sizes(), ranges: map[Dimension][2]span{}}
	for _, dim := range s.q.By {
		if dim.isPeriod() {
			b.ranges[dim] = [2]span{s.counter.span(dim), c.span(dim)}
		}
	}
	s.before = b
	now := &s.tally().slots
	onto := c.rows().layout.onto(s.tally().layout, b.move)
	for slot := range uint32(c.rows().slots.n) {
		meets := now.of(onto(c.rows().slots.at(slot).key))
		if grow := int(meets) + 1 - len(b.slots); grow > 0 {
			b.slots = append(b.slots, make([]uint32, max(grow, now.n-len(b.slots)))...)
		}
		b.slots[meets] = slot + 1
	}
}

// span is the periods of a counter's range.
func (w *counter) span(dim Dimension) span {
	first, _ := w.clock.local(w.scope.since)
	last, _ := w.clock.local(w.scope.until)
	return span{dim.periodOf(first), dim.periodOf(last)}
}

// move gives a period of the range before the number of the one that it meets.
func (b *before) move(dim Dimension, value int64) int64 {
	if r, moves := b.ranges[dim]; moves {
		return value - r[1].first + r[0].first
	}
	return value
}

// previous is what was counted before of what a slot stands for now.
func (s *sheet) previous(slot uint32) (c cell, authors uint32) {
	was, ok := s.before.slot(slot)
	if !ok {
		return c, 0
	}
	cell := s.before.counter.rows().cell(was)
	return *cell, s.before.heads.of(was, cell)
}

// slot is the one in the range before of what a slot stands for now, if anything was counted there.
func (b *before) slot(slot uint32) (was uint32, ok bool) {
	if b == nil || int(slot) >= len(b.slots) || b.slots[slot] == 0 {
		return 0, false
	}
	return b.slots[slot] - 1, true
}

// timeText is that of a period, a weekday or an hour. In a comparison, what is beyond the current
// range is shown as what it was in the range before.
func (s *sheet) timeText(dim Dimension, value int64) string {
	if s.before != nil {
		if r, moves := s.before.ranges[dim]; moves && value > r[0].last {
			value += r[1].first - r[0].first
		}
	}
	return dim.write(value)
}
