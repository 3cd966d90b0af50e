package report

import (
	"strconv"
	"strings"
	"time"
)

const dateForms = "give 2025-03-31, 2025-03, 2025, 2025-Q1, 2025-W13, today, yesterday, " +
	"7d, 4w, 6mo, 1y (so long before today), or RFC 3339 such as 2025-03-31T14:00:00Z"

// ParseMoment reads a date as --since and --until take it, and gives the first and the last
// second of what it names in the zone: a day for 2025-03-31, today and 7d, a quarter for 2025-Q1,
// and so on; the one second for RFC 3339, whose fractions are cut off. Everything else is an
// ErrMisuse that lists the forms: a date that was guessed would be believed.
func ParseMoment(s string, zone *time.Location, now time.Time) (since, until time.Time, err error) {
	year, month, day := now.In(zone).Date()
	today := dayOf(int64(year), int64(month), int64(day))
	if first, last, ok := parseDays(s, today); ok {
		return dayStart(first, zone), dayStart(last+1, zone).Add(-time.Second), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !strings.HasPrefix(shape(s), "0000-00-00T00:00:00") || strings.Contains(s, ",") {
		// Package time takes hours of one digit, and a comma before a fraction.
		return since, until, misuse("%q is no date: %s", s, dateForms)
	}
	t = time.Unix(t.Unix(), 0).In(zone)
	return t, t, nil
}

// parseDays reads everything that names whole days.
func parseDays(s string, today int64) (first, last int64, ok bool) {
	switch s {
	case "today":
		return today, today, true
	case "yesterday":
		return today - 1, today - 1, true
	}
	if first, ok := parseAgo(s, today); ok {
		return first, first, true
	}
	return parseUnit(s)
}

// parseAgo reads 7d, 4w, 6mo and 1y. What would lie before the year 0 is refused.
func parseAgo(s string, today int64) (day int64, ok bool) {
	unit := strings.TrimLeft(s, "0123456789")
	n, ok := number(strings.TrimSuffix(s, unit))
	if !ok || len(s)-len(unit) > 6 {
		return 0, false
	}
	switch unit {
	case "d":
		day = today - n
	case "w":
		day = today - 7*n
	case "mo":
		day = monthsBefore(today, n)
	case "y":
		day = monthsBefore(today, 12*n)
	default:
		return 0, false
	}
	return day, day >= dayOf(0, 1, 1)
}

// parseUnit reads a day, month, quarter, ISO week or year of the calendar.
func parseUnit(s string) (first, last int64, ok bool) {
	if len(s) < 4 {
		return 0, 0, false
	}
	year, _ := number(s[:4])
	switch shape(s) {
	case "0000":
		return dayOf(year, 1, 1), dayOf(year+1, 1, 1) - 1, true
	case "0000-00":
		return monthDays(year, s[5:7], 1)
	case "0000-Q0":
		quarter, _ := number(s[6:])
		if quarter < 1 || quarter > 4 {
			return 0, 0, false
		}
		return monthDays(year, strconv.FormatInt(quarter*3-2, 10), 3)
	case "0000-W00":
		week, _ := number(s[6:])
		week, ok = weekOfISO(year, week)
		return mondayOf(week), mondayOf(week) + 6, ok
	case "0000-00-00":
		day, _ := number(s[8:])
		first, last, ok = monthDays(year, s[5:7], 1)
		first += day - 1
		return first, first, ok && day >= 1 && first <= last
	}
	return 0, 0, false
}

// monthDays are the first and the last day of so many months.
func monthDays(year int64, text string, months int64) (first, last int64, ok bool) {
	month, _ := number(text)
	if month < 1 || month > 12 {
		return 0, 0, false
	}
	end := month + months - 1
	return dayOf(year, month, 1), dayOf(year, end, daysIn(year, end)), true
}

// shape is s with every digit replaced by 0.
func shape(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return '0'
		}
		return r
	}, s)
}

// number reads decimal digits and nothing else; no sign, no blank.
func number(s string) (n int64, ok bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
