package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const dateForms = "2025-03-31, 2025-03, 2025, 2025-Q1, 2025-W13, today, yesterday, " +
	"7d, 4w, 6mo, 1y (so long before today), or RFC 3339 such as 2025-03-31T14:00:00Z"

// ParseMoment reads a date as --since and --until take it, and returns the first and the last second of
// what it names in the zone: a day for 2025-03-31, today and 7d, a quarter for 2025-Q1, and so on; the
// one second for RFC 3339, whose fractions are cut off. Everything else is an error that lists the forms:
// a date that was guessed would be believed.
func ParseMoment(s string, zone *time.Location, now time.Time) (since, until time.Time, err error) {
	if first, last, ok := parseDates(s, DateOf(now.In(zone))); ok {
		return first.Start(zone), last.End(zone), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	// Package time also accepts hours of one digit, and a comma before a fraction.
	if err != nil || s[13] != ':' || strings.Contains(s, ",") {
		return since, until, fmt.Errorf("invalid date %q; use %s", s, dateForms)
	}
	t = time.Unix(t.Unix(), 0).In(zone)
	return t, t, nil
}

// parseDates reads everything that names whole days.
func parseDates(s string, today Date) (first, last Date, ok bool) {
	switch s {
	case "today":
		return today, today, true
	case "yesterday":
		return today - 1, today - 1, true
	}
	if first, ok := parseAgo(s, today); ok {
		return first, first, true
	}
	unit, date, ok := parsePeriod(s)
	period := unit.Number(date)
	return unit.First(period), unit.Last(period), ok
}

// parseAgo reads 7d, 4w, 6mo and 1y. What would lie before the year 0 is refused.
func parseAgo(s string, today Date) (d Date, ok bool) {
	unit := strings.TrimLeft(s, "0123456789")
	digits := strings.TrimSuffix(s, unit)
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) > 6 {
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

// parsePeriod reads a day, month, quarter, ISO week or year, and returns its unit and a date in it.
func parsePeriod(s string) (u Unit, d Date, ok bool) {
	for unit, layout := range map[Unit]string{Year: "2006", Month: "2006-01", Day: time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return unit, DateOf(t), true
		}
	}
	var year, number int
	switch {
	case scan(s, "2025-Q1", &year, &number):
		d = newDate(year, time.Month(number*3), 1)
		return Quarter, d, number >= 1 && number <= 4
	case scan(s, "2025-W13", &year, &number):
		week := Week.Number(newDate(year, 1, 4)) + number - 1 // January 4 is always in week 1
		d = Week.First(week)
		return Week, d, Week.Format(week) == s
	}
	return 0, 0, false
}

// scan reads a year and a number from a text that has digits where the example has them, and else the same.
func scan(s, example string, year, number *int) bool {
	if len(s) != len(example) || s[4:6] != example[4:6] || strings.Trim(s[:4]+s[6:], "0123456789") != "" {
		return false
	}
	*year, _ = strconv.Atoi(s[:4])
	*number, _ = strconv.Atoi(s[6:])
	return true
}
