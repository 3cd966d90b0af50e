package report

import (
	"context"
	"time"

	"trunkstat/report/calendar"
)

// A comparison puts the range before beside each row. Rows are compared by their keys: a repository with
// itself, and so a person, a weekday and an hour. Periods are compared by their order in the two ranges,
// the first with the first: March 1 with February 1, the first week that has a day of March with the first
// that has one of February. If one range has more periods than the other, the last ones are compared with
// nothing; those of the range before are shown under their own names behind the others, with 0 commits now.
// So the rows' counts add up to the totals of both ranges.

// closeRange ends an open range with the last second of today, so that there is something to compare, and
// finds the range before. A range that is one period which is not over ends today as well.
func (q *Query) closeRange() error {
	f := &q.Filter
	if f.Until.IsZero() {
		f.Until = calendar.DateOf(q.Now.In(q.Zone)).End(q.Zone)
		if f.Until.Before(f.Since) {
			return misuse("--compare previous requires a range that has begun; %s is in the future",
				f.Since.Format(time.RFC3339))
		}
	}
	q.compared = calendar.Compare(f.Since, f.Until, q.Zone, q.Now)
	f.Until = q.compared.Until
	return nil
}

// noteToDate says which parts of two periods are compared.
func (b *builder) noteToDate() {
	d := b.q.compared.ToDate
	switch {
	case !b.q.Compare || d == nil:
	case d.Days == 1 && d.All:
		b.note("%s is not over: it is compared with all of %s", d.Period, d.Previous)
	case d.Days == 1:
		b.note("%s is not over: its first day, today, is compared with the first of %s",
			d.Period, d.Previous)
	default:
		which := "the first"
		if d.All {
			which = "all"
		}
		b.note("%s is not over: its first %d days, today included, are compared with %s %d of %s",
			d.Period, d.Days, which, d.PreviousDays, d.Previous)
	}
}

// newCountBefore prepares the count of the range before, whose rows have the same numbers as those of now
// that they are compared with. It has no other tables: nothing else of that range is shown.
func (b *builder) newCountBefore(now *count) *count {
	scope := *b.scope
	scope.since, scope.until = b.q.compared.PreviousSince.Unix(), b.q.compared.PreviousUntil.Unix()
	persons := len(b.scope.People.Persons)
	before := &count{scope: &scope, total: newTable(nil, persons)}
	first, _ := b.clock.Local(b.scope.since)
	last, _ := b.clock.Local(b.scope.until)
	firstBefore, _ := b.clock.Local(scope.since)
	var axes []*axis
	for _, a := range now.rows.axes {
		if unit, ok := units[a.dim]; ok {
			a.shift = int32(unit.Number(first) - unit.Number(firstBefore))
			a.last = int32(unit.Number(last))
		}
		axes = append(axes, a.shifted(b.clock))
	}
	before.rows = newTable(axes, persons, now.rows.levels...)
	before.tables = []*table{before.rows}
	return before
}

// countBoth counts the range of the query and, for a comparison, the one before, in a scan for each.
func (b *builder) countBoth(ctx context.Context) (now, before *count, err error) {
	now = b.newCount()
	if err := b.run(ctx, now); err != nil || !b.q.Compare {
		return now, nil, err
	}
	before = b.newCountBefore(now)
	err = b.run(ctx, before)
	now.rows.grow() // by what is in the range before alone
	return now, before, err
}
