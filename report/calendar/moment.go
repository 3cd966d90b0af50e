package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Words are the dates that name a period by where today is: two for each unit, in the order of units, the
// first for the period that has today and the second for the one before.
var Words = []string{"today", "yesterday", "this-week", "last-week", "this-month", "last-month",
	"this-quarter", "last-quarter", "this-year", "last-year"}

// The forms of periods and of dates, for errors.
var (
	periodForms = "2025-03-31, 2025-03, 2025, 2025-Q1, 2025-W13, " + strings.Join(Words, ", ")
	dateForms   = periodForms + ", 7d, 4w, 6mo, 1y (so long before today), " +
		"or RFC 3339 such as 2025-03-31T14:00:00Z"
)

// ParseMoment reads a date as --since and --until take it, and returns the first and the last second of
// what it names in the zone: a day for 2025-03-31, today and 7d, a quarter for 2025-Q1, and so on; the
// one second for RFC 3339, whose fractions are cut off. Everything else is an error that lists the forms:
// a date that was guessed would be believed.
func ParseMoment(s string, zone *time.Location, now time.Time) (since, until time.Time, err error) {
	today := DateOf(now.In(zone))
	if d, ok := parseAgo(s, today); ok {
		return d.Start(zone), d.End(zone), nil
	}
	if unit, n, ok := parsePeriod(s, today); ok {
		return unit.First(n).Start(zone), unit.Last(n).End(zone), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	// Package time also accepts hours of one digit, and a comma before a fraction.
	if err != nil || s[13] != ':' || strings.Contains(s, ",") {
		return since, until, fmt.Errorf("invalid date %q; use %s", s, dateForms)
	}
	t = time.Unix(t.Unix(), 0).In(zone)
	return t, t, nil
}

// ParsePeriod reads a period as --period takes it, and returns its first and its last second. It reads what
// ParseMoment does, except for RFC 3339, and for 7d and the like: that is one day, where a reader expects
// seven.
func ParsePeriod(s string, zone *time.Location, now time.Time) (since, until time.Time, err error) {
	unit, n, ok := parsePeriod(s, DateOf(now.In(zone)))
	if !ok {
		return since, until, fmt.Errorf("invalid period %q; use %s", s, periodForms)
	}
	return unit.First(n).Start(zone), unit.Last(n).End(zone), nil
}

// EndToDate returns the last second of the period of which an open range is the part so far. s is the date
// with which the range begins, as --since takes it. The period is the one that s names, such as this-month,
// or else the longest that begins with the same day, which of 2026-10-01 is the quarter. Either must not be
// over. There is none for 30d, yesterday or last-month, even where that is the first of a month: what they
// mean does not change from day to day.
func EndToDate(s string, zone *time.Location, now time.Time) (until time.Time, ok bool) {
	today := DateOf(now.In(zone))
	unit, n, ok := parsePeriod(s, today)
	if !ok {
		return until, false
	}
	first, isWord := unit.First(n), slices.Contains(Words, s)
	if n == unit.Number(today) && (isWord || unit != Day) {
		return unit.Last(n).End(zone), true
	}
	for unit := Year; unit >= Day && !isWord; unit-- {
		if n := unit.Number(today); unit.First(n) == first {
			return unit.Last(n).End(zone), true
		}
	}
	return until, false
}

// parseAgo reads 7d, 4w, 6mo and 1y. What would lie before the year 0 is refused. A month is mo, since m is
// the minute in most tools.
func parseAgo(s string, today Date) (d Date, ok bool) {
	unit := strings.TrimLeft(s, "0123456789")
	digits := strings.TrimSuffix(s, unit)
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) > 6 { // what follows cannot overflow
		return 0, false
	}
	switch unit {
	case "d":
		d = today - Date(n)
	case "w":
		d = today - Date(7*n)
	case "mo":
		d = today.monthsBefore(n)
	case "y":
		d = today.monthsBefore(12 * n)
	default:
		return 0, false
	}
	return d, d >= newDate(0, 1, 1)
}

// parsePeriod reads one of Words, or a day, month, quarter, ISO week or year.
func parsePeriod(s string, today Date) (u Unit, number int, ok bool) {
	if i := slices.Index(Words, s); i >= 0 {
		unit := Unit(i / 2)
		return unit, unit.Number(today) - i%2, true
	}
	// No text fits two of the layouts, so their order does not matter.
	for unit, layout := range map[Unit]string{Year: "2006", Month: "2006-01", Day: time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return unit, unit.Number(DateOf(t)), true
		}
	}
	// Sscanf also accepts signs, blanks, numbers that are too large, and any text behind them. Format writes
	// none of these.
	var year, of int
	if _, err := fmt.Sscanf(s, "%4d-Q%d", &year, &of); err == nil {
		quarter := year*4 + of - 1
		return Quarter, quarter, Quarter.Format(quarter) == s
	}
	if _, err := fmt.Sscanf(s, "%4d-W%d", &year, &of); err == nil {
		week := Week.Number(newDate(year, 1, 4)) + of - 1 // January 4 is always in week 1
		return Week, week, Week.Format(week) == s
	}
	return 0, 0, false
}
