// Package calendar knows days, the periods that they form, and the dates that people type. It reads no
// clock and no environment: both are passed in.
//
// Terms:
//
//   - A date is a day of the calendar, whatever the zone.
//   - A unit is a kind of period: day, ISO week, month, quarter or year. The periods of a unit are numbered,
//     so that those which follow each other have numbers that do.
//   - A period to date is the part from its first day to the end of today.
//   - A zone is a *time.Location: it says when each day begins, which is not always at midnight.
//
// The calendar is that of package time, Gregorian in both directions, with ISO 8601 weeks.
package calendar

import (
	"sort"
	"time"
)

// A Date is a day, counted from 1970-01-01.
type Date int

const daySeconds = 24 * 60 * 60

// DateOf returns the date that the calendar of the time's zone shows.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return newDate(year, month, day)
}

// newDate accepts months and days out of their ranges, as time.Date does.
func newDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds) // without remainder
}

// UTC returns the midnight with which the date begins in UTC.
func (d Date) UTC() time.Time { return time.Unix(int64(d)*daySeconds, 0).UTC() }

// Weekday returns the day of the week, 0 for Monday.
func (d Date) Weekday() int {
	fromMonday := int64(d) + 3 // 1970-01-01 was a Thursday
	return int(fromMonday - 7*floorDiv(fromMonday, 7))
}

// Start returns the first moment at which the zone shows the date, or the first one after it where the
// zone skipped the date, as Samoa skipped 2011-12-30. Midnight may not exist, or come twice, and package
// time does not promise which of the two it returns, so the moment is searched for.
func (d Date) Start(zone *time.Location) time.Time {
	midnight := int64(d) * daySeconds
	offset := func(at int64) int64 {
		_, seconds := time.Unix(at, 0).In(zone).Zone()
		return int64(seconds)
	}
	early := midnight - 2*daySeconds // no zone is two days from UTC
	at := early + int64(sort.Search(4*daySeconds, func(i int) bool {
		at := early + int64(i)
		return at+offset(at) >= midnight
	}))
	// Where clocks go back just after midnight, the search may have found the second midnight.
	before := offset(at - 2*3600)
	if first := midnight - before; first < at && offset(first) == before {
		at = first
	}
	return time.Unix(at, 0).In(zone)
}

// End returns the last second of the date in the zone.
func (d Date) End(zone *time.Location) time.Time { return (d + 1).Start(zone).Add(-time.Second) }

// Exists reports whether the zone ever showed the date.
func (d Date) Exists(zone *time.Location) bool { return DateOf(d.Start(zone)) == d }

// monthsBefore returns the date so many months before, or the last of that month if it has no such day.
func (d Date) monthsBefore(months int) Date {
	year, month, day := d.UTC().Date()
	last := newDate(year, month-time.Month(months)+1, 0)
	return min(newDate(year, month-time.Month(months), day), last)
}

// floorDiv divides and rounds down, where Go rounds towards 0: dates before 1970 are negative.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
