package calendar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// plainName writes the period of a day, for TestCompareToDate: it shares no code with Unit.
func plainName(unit Unit, day time.Time) string {
	year, week := day.ISOWeek()
	switch unit {
	case Day:
		return day.Format("2006-01-02")
	case Week:
		return fmt.Sprintf("%04d-W%02d", year, week)
	case Month:
		return day.Format("2006-01")
	case Quarter:
		return fmt.Sprintf("%s-Q%d", day.Format("2006"), (int(day.Month())-1)/3+1)
	}
	return day.Format("2006")
}

// daysBack returns the days up to the given one that have its period, in their order. Days are midnights in
// UTC, and keep tells which of them the zone has.
func daysBack(unit Unit, day time.Time, keep func(time.Time) bool) (days []time.Time) {
	for d := day; plainName(unit, d) == plainName(unit, day); d = d.AddDate(0, 0, -1) {
		if keep(d) {
			days = append(days, d)
		}
	}
	slices.Reverse(days)
	return days
}

// checkEnds holds a range against its first and its last day, without asking when days begin.
func checkEnds(
	t *testing.T, what string, since, until time.Time, first, last time.Time, zone *time.Location,
) {
	t.Helper()
	day := func(at time.Time) string { return at.In(zone).Format(time.DateOnly) }
	from, to := first.Format(time.DateOnly), last.Format(time.DateOnly)
	if day(since) < from || day(since.Add(-time.Second)) >= from {
		t.Errorf("%s begins at %s, want the first second of %s", what, since, from)
	}
	if day(until) > to || day(until.Add(time.Second)) <= to {
		t.Errorf("%s ends at %s, want the last second of %s", what, until, to)
	}
}

// TestCompareToDate holds comparisons of periods that are not over against days that are counted one by one.
func TestCompareToDate(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 4))
	all := func(time.Time) bool { return true }
	now := func(i int) time.Time { // special days first
		special := []string{"2024-02-29", "2024-12-31", "2025-01-01", "2025-03-31", "2025-05-31", "2021-01-03",
			"2024-12-30", "2011-12-31", "2011-12-29", "2012-01-31", "2018-11-04", "2025-03-30", "2025-10-26"}
		if i < len(special) {
			day, err := time.Parse(time.DateOnly, special[i])
			if err != nil {
				t.Fatal(err)
			}
			return day.Add(12 * time.Hour)
		}
		return time.Unix(1_000_000_000+rng.Int64N(1_000_000_000), rng.Int64N(1_000_000_000))
	}
	days := 2000
	if testing.Short() {
		days = 400
	}
	for i := range days {
		now, unit := now(i), Unit(i%5)
		for _, name := range testZones {
			zone := mustZone(t, name)
			year, month, day := now.In(zone).Date()
			today := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
			exists := func(d time.Time) bool {
				return unit != Day || name != "Pacific/Apia" || d.Format(time.DateOnly) != "2011-12-30"
			}
			soFar := daysBack(unit, today, all)
			day1Before := soFar[0].AddDate(0, 0, -1)
			for !exists(day1Before) {
				day1Before = day1Before.AddDate(0, 0, -1)
			}
			before := daysBack(unit, day1Before, all)
			part := before[:min(len(before), len(soFar))]
			since, until, err := ParsePeriod(plainName(unit, today), zone, now)
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("%s in %s at %s", plainName(unit, today), name, now.In(zone))
			c := Compare(since, until, zone, now)
			checkEnds(t, what, c.Since, c.Until, soFar[0], today, zone)
			checkEnds(t, what+": the range before", c.PreviousSince, c.PreviousUntil, part[0], part[len(part)-1], zone)
			want := ToDate{plainName(unit, today), plainName(unit, day1Before),
				len(soFar), len(part), len(part) == len(before)}
			if c.ToDate == nil || *c.ToDate != want {
				t.Errorf("%s: got %+v, want %+v", what, c.ToDate, want)
			}
			// Once it is over, or before it has begun, all of it is compared with all of the one before.
			for _, other := range []time.Time{since.Add(-time.Second), until.Add(time.Second)} {
				c := Compare(since, until, zone, other)
				checkEnds(t, what+" as a whole", c.PreviousSince, c.PreviousUntil, before[0], day1Before, zone)
				if c.ToDate != nil || !c.Until.Equal(until) || !c.PreviousUntil.Equal(since.Add(-time.Second)) {
					t.Errorf("%s as a whole: got %+v", what, c)
				}
			}
			// A range that is no period has as many days before it, and does not end today.
			if unit != Day && len(soFar) > 1 {
				second := DateOf(soFar[1])
				days := int(DateOf(until) - second + 1)
				c := Compare(second.Start(zone), until, zone, now)
				checkEnds(t, what+" without its first day", c.PreviousSince, c.PreviousUntil,
					soFar[1].AddDate(0, 0, -days), soFar[0], zone)
				if c.ToDate != nil || !c.Until.Equal(until) {
					t.Errorf("%s without its first day: got %+v", what, c)
				}
			}
			if t.Failed() {
				t.FailNow()
			}
		}
	}
}
