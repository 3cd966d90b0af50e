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

// compare puts what was counted of the range before beside the rows.
func (s *sheet) compare(before *counter) {
	known := make(map[tuple]*entry, len(s.entries))
	for _, e := range s.entries {
		known[tupleOf(e.values)] = e
	}
	t := before.tallies[0]
	heads := t.sizes()
	for slot, cell := range t.cells {
		values := appendValues(nil, t, slot, s.axes, true)
		e := known[tupleOf(values)]
		if e == nil {
			e = &entry{values: values, slot: -1}
			s.entries = append(s.entries, e)
		}
		e.before = &counted{cell, heads[slot]}
	}
}

// alignPeriods makes the values of periods places in their ranges.
func (s *sheet) alignPeriods(before *counter) {
	place := func(c *counter, dim Dimension) span {
		first, _ := c.clock.local(c.scope.since)
		last, _ := c.clock.local(c.scope.until)
		return span{dim.periodOf(first), dim.periodOf(last)}
	}
	for _, a := range s.axes {
		if a.dim.isPeriod() {
			a.compared = true
			a.current, a.prior = place(s.counter, a.dim), place(before, a.dim)
		}
	}
}
