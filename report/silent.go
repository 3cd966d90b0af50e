package report

import "trunkstat/report/calendar"

const (
	// maxPeriods is how many periods a range may have for those without commits to be rows. One commit
	// dated a thousand years off would make rows of all the days between.
	maxPeriods = 100_000

	// maxColumns is the same for columns, and for the rows of a pivot, each of which has all columns.
	maxColumns = 10_000
)

// addSilent adds the rows without commits to a table of one axis: the periods inside the range, all
// weekdays and hours, every workspace, project and repository in scope.
func (b *builder) addSilent(t *table, limit int) {
	axis := t.axes[0]
	for _, value := range axis.all {
		t.row(value)
	}
	unit, ok := units[axis.dim]
	if !ok {
		return
	}
	first, last, ok := b.shownRange()
	if !ok {
		return
	}
	from, to := unit.Number(first), unit.Number(last)
	if n := to - from + 1; n > limit {
		b.noteLeftOut("the range has %s; those without commits are left out",
			NumberOf(n, string(axis.dim), string(axis.dim)+"s"))
		return
	}
	for n := from; n <= to; n++ {
		if unit != calendar.Day || calendar.Date(n).Exists(b.q.Zone) {
			t.row(int32(n))
		}
	}
}

// shownRange returns the dates of which periods without commits are shown. A range that is open to
// the future ends today, so that a repository that fell silent shows it, and a commit of the year 2100
// makes no rows of all the years between; if both ends are open, or the beginning, they are those of the
// commits.
func (b *builder) shownRange() (first, last calendar.Date, ok bool) {
	since, until := b.scope.since, b.scope.until
	all := b.now.total.cells[0]
	switch openSince, openUntil := b.q.Filter.Since.IsZero(), b.q.Filter.Until.IsZero(); {
	case openSince && all.commits == 0:
		return 0, 0, false
	case openSince && openUntil:
		since, until = all.first, all.last
	case openSince:
		since = all.first
	case openUntil:
		until = b.q.Now.Unix()
	}
	first, _ = b.clock.Local(since)
	last, _ = b.clock.Local(until)
	return first, last, true
}
