package report

import (
	"context"
	"time"

	"trunkstat/report/calendar"
)

// A comparison puts the range before beside each row. Rows are compared by their keys: a repository with
// itself, and so a person, a weekday and an hour. Periods are compared by their places in the two ranges,
// the first with the first: March 1 with February 1, the first week that has a day of March with the first
// that has one of February. If one range has more periods than the other, the last ones are compared with
// nothing; those of the range before are shown under their own names behind the others, with 0 commits now.
// So the rows' counts add up to the totals of both ranges.

// closeRange ends an open range with the last second of today, so that there is something to compare.
func (q *Query) closeRange() error {
	if !q.Filter.Until.IsZero() {
		return nil
	}
	q.Filter.Until = calendar.DateOf(q.Now.In(q.Zone)).End(q.Zone)
	if q.Filter.Until.Before(q.Filter.Since) {
		return misuse("--compare previous requires a range that has begun; %s is in the future",
			q.Filter.Since.Format(time.RFC3339))
	}
	return nil
}

// newCountBefore prepares the count of the range before, whose rows have the same numbers as those of now
// that they are compared with.
func (s *snapshot) newCountBefore(now *count) *count {
	since, until := calendar.RangeBefore(s.q.Filter.Since, s.q.Filter.Until, s.q.Zone)
	before := &count{since: since.Unix(), until: until.Unix(), total: newTable(nil, s.scope.People.Len())}
	first, _ := s.clock.Local(now.since)
	last, _ := s.clock.Local(now.until)
	firstBefore, _ := s.clock.Local(before.since)
	var axes []*axis
	for _, a := range now.rows.axes {
		if unit, ok := units[a.dim]; ok {
			a.shift = int32(unit.Number(first) - unit.Number(firstBefore))
			a.last = int32(unit.Number(last))
		}
		axes = append(axes, a.shifted(s.clock))
	}
	before.rows = now.rows.sharing(axes)
	before.tables = []*table{before.rows}
	return before
}

// countBoth counts the range of the query and, for a comparison, the one before.
func (s *snapshot) countBoth(ctx context.Context) (now, before *count, err error) {
	now = s.newCount()
	if err := s.run(ctx, now); err != nil || !s.q.Compare {
		return now, nil, err
	}
	before = s.newCountBefore(now)
	err = s.run(ctx, before)
	now.rows.grow() // by what is in the range before alone
	return now, before, err
}
