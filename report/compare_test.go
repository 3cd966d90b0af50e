package report

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/store"
)

// mustRange makes a filter of dates as users write them.
func mustRange(t *testing.T, zone *time.Location, since, until string) (f Filter) {
	t.Helper()
	var err error
	if since != "" {
		if f.Since, _, err = calendar.ParseMoment(since, zone, worldNow); err != nil {
			t.Fatal(err)
		}
	}
	if until != "" {
		if _, f.Until, err = calendar.ParseMoment(until, zone, worldNow); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// TestCompare holds comparisons against two reports, one for each range.
func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	w := newWorld(rng, 9, 200, spanDates(t, rng, [2]string{"2025-01-10", "2025-04-10"}))
	db := w.open(t, rng)
	for _, by := range [][]Dimension{
		{Repository}, {Project}, {Weekday}, {Hour}, {Repository, Weekday}, {Workspace, Hour},
		{Team}, {Group, Type}, {Assistant},
	} {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			q := w.withFiles(t, Query{By: by, Zone: time.UTC, Now: worldNow, Compare: true,
				Filter: mustRange(t, time.UTC, "2025-03", "2025-03")})
			r := mustVolume(t, db, q)
			newOracle(w, q).check(t, r)
			q.Compare, q.Filter = false, mustRange(t, time.UTC, "2025-02", "2025-02")
			before := newOracle(w, q).count(by)
			for _, row := range rowsOf(r) {
				want := Counts{}
				if o := before[rowKey(r, row)]; o != nil {
					want = o.counts(time.UTC)
				}
				if *row.Previous != want {
					t.Errorf("%v before: got %+v, want %+v", row.Keys, *row.Previous, want)
				}
				delete(before, rowKey(r, row))
			}
			for key := range before {
				t.Errorf("row %q, which was there before, is missing", key)
			}
			if want := newOracle(w, q).count(nil)[""].counts(time.UTC); *r.PreviousTotal != want {
				t.Errorf("total before: got %+v, want %+v", *r.PreviousTotal, want)
			}
		})
	}
}

// small writes one repository with commits at the given moments, all by one person.
func small(t *testing.T, dates ...string) *store.DB {
	t.Helper()
	w := &world{persons: []worldPerson{{authors: []store.Author{{Raw: "A <a@x>"}}}}}
	w.repos = []store.Repository{{UUID: "{1}", Workspace: "acme", Slug: "one", MainBranch: "main"}}
	w.commits = make([][]worldCommit, 1)
	for i, date := range dates {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		c := worldCommit{hash: store.Hash{byte(i + 1)}, date: at.Unix()}
		w.commits[0] = append(w.commits[0], c)
	}
	return w.open(t, rand.New(rand.NewPCG(1, 1)))
}

// TestComparePeriods lets days meet by their places: March has three more than February, and
// February three less than January.
func TestComparePeriods(t *testing.T) {
	db := small(t, "2025-01-01", "2025-01-31", "2025-02-01", "2025-02-28", "2025-03-01", "2025-03-31")
	show := func(r *Result) string {
		var rows []string
		for _, row := range rowsOf(r) {
			if row.Counts.Commits+row.Previous.Commits > 0 {
				rows = append(rows, fmt.Sprintf("%s:%d:%d", row.Keys[0], row.Counts.Commits, row.Previous.Commits))
			}
		}
		return fmt.Sprintf("%d rows %s", r.Rows.Len(), strings.Join(rows, " "))
	}
	tests := []struct {
		by           Dimension
		since, until string
		want         string
	}{
		{Day, "2025-03", "2025-03", "31 rows 2025-03-01:1:1 2025-03-28:0:1 2025-03-31:1:0"},
		{Day, "2025-02", "2025-02", "29 rows 2025-02-01:1:1 2025-02-28:1:0 2025-01-31:0:1"},
		{Month, "2025-03", "2025-03", "1 rows 2025-03:2:2"},
		{Week, "2025-03", "2025-03", "6 rows 2025-W09:1:1 2025-W13:0:1 2025-W14:1:0"},
		{Year, "2025", "2025", "1 rows 2025:6:0"},
		{Quarter, "2025-Q1", "2025-03-31", "1 rows 2025-Q1:6:0"},
	}
	for _, test := range tests {
		r := mustVolume(t, db, Query{By: []Dimension{test.by}, Compare: true, Zone: time.UTC,
			Now: worldNow, Filter: mustRange(t, time.UTC, test.since, test.until)})
		if got := show(r); got != test.want {
			t.Errorf("%s of %s:\ngot  %s\nwant %s", test.by, test.since, got, test.want)
		}
	}
}

func TestCompareOpenEnd(t *testing.T) {
	db := small(t, "2026-06-08", "2026-06-09", "2026-06-15", "2030-01-01")
	r := mustVolume(t, db, Query{Compare: true, Zone: time.UTC, Now: worldNow,
		Filter: mustRange(t, time.UTC, "6d", "")})
	if r.Total.Commits != 2 || r.PreviousTotal.Commits != 1 {
		t.Errorf("got %d and before %d", r.Total.Commits, r.PreviousTotal.Commits)
	}
	if got := r.Until.Format(time.RFC3339); got != "2026-06-15T23:59:59Z" {
		t.Errorf("the range ends at %s", got)
	}
	if got := r.PreviousSince.Format(time.DateOnly); got != "2026-06-02" {
		t.Errorf("the range before begins at %s", got)
	}
	_, err := Volume(t.Context(), db, Query{Compare: true, Zone: time.UTC, Now: worldNow,
		Filter: mustRange(t, time.UTC, "2027", "")})
	if !errors.Is(err, ErrMisuse) {
		t.Errorf("a range that has not begun: %v", err)
	}
}

// TestCompareToDate compares what is not over with the same part of the period before.
func TestCompareToDate(t *testing.T) {
	db := small(t, "2026-01-01", "2026-02-14", "2026-03-17", "2026-03-18", "2026-03-31", // 76 days to March 17
		"2026-04-01", "2026-06-15", "2026-06-16", "2026-05-14", "2026-05-15", "2026-05-16",
		"2026-06-08", "2025-06-15", "2025-06-16", "2026-06-14")
	tests := []struct {
		since, until string
		now, before  int
		previous     string // the range before
		note         string
	}{
		{"2026-Q2", "2026-Q2", 7, 3, "2026-01-01 to 2026-03-17",
			"2026-Q2 is not over: its first 76 days, today included, are compared with the first 76 of 2026-Q1"},
		{"this-month", "this-month", 3, 2, "2026-05-01 to 2026-05-15",
			"2026-06 is not over: its first 15 days, today included, are compared with the first 15 of 2026-05"},
		{"2026", "2026", 12, 1, "2025-01-01 to 2025-06-15",
			"2026 is not over: its first 166 days, today included, are compared with the first 166 of 2025"},
		{"this-week", "this-week", 1, 1, "2026-06-08 to 2026-06-08",
			"2026-W25 is not over: its first day, today, is compared with the first of 2026-W24"},
		{"today", "today", 1, 1, "2026-06-14 to 2026-06-14",
			"2026-06-15 is not over: it is compared with all of 2026-06-14"},
		{"2026-Q1", "2026-Q1", 5, 0, "2025-10-01 to 2025-12-31", ""},
		{"2026-04-01", "today", 7, 4, "2026-01-15 to 2026-03-31", ""}, // not said to be a quarter
	}
	for _, test := range tests {
		q, err := Query{Compare: true, Zone: time.UTC, Now: worldNow,
			Filter: mustRange(t, time.UTC, test.since, test.until)}.Validate()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time with a query that was validated twice
			r := mustVolume(t, db, q)
			previous := r.PreviousSince.Format(time.DateOnly) + " to " + r.PreviousUntil.Format(time.DateOnly)
			commits, before := r.Total.Commits, r.PreviousTotal.Commits
			if commits != test.now || before != test.before || previous != test.previous {
				t.Errorf("%s: got %d commits and %d in %s", test.since, commits, before, previous)
			}
			if note := strings.Join(r.Notes, "; "); test.note != "" && !slices.Contains(r.Notes, test.note) ||
				test.note == "" && strings.Contains(note, "not over") {
				t.Errorf("%s: got %s", test.since, note)
			}
			if r.Until.After(worldNow.Truncate(24 * time.Hour).Add(24*time.Hour - time.Second)) {
				t.Errorf("%s: what is compared ends at %s", test.since, r.Until)
			}
			if q, err = q.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCompareLonger has a month that is as long already as the one before.
func TestCompareLonger(t *testing.T) {
	db := small(t, "2026-02-01", "2026-02-28", "2026-03-01", "2026-03-29", "2026-03-30")
	for day, want := range map[string]string{
		"2026-03-27": "2026-03-01: 1 1, its first 27 days, today included, are compared with the first 27 of 2026-02",
		"2026-03-28": "2026-03-01: 1 2, its first 28 days, today included, are compared with all 28 of 2026-02",
		"2026-03-31": "2026-03-01: 3 2, its first 31 days, today included, are compared with all 28 of 2026-02",
	} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		r := mustVolume(t, db, Query{By: []Dimension{Day}, Compare: true, Zone: time.UTC, Now: now.Add(20 * time.Hour),
			Filter: mustRange(t, time.UTC, "2026-03", "2026-03")})
		_, note, _ := strings.Cut(r.Notes[0], ":")
		got := fmt.Sprintf("%s: %d %d,%s", rowsOf(r)[0].Keys[0], r.Total.Commits, r.PreviousTotal.Commits, note)
		if got != want {
			t.Errorf("on %s: got %s, want %s", day, got, want)
		}
		if want := now.Day(); r.Rows.Len() != want {
			t.Errorf("on %s: %d rows, want %d", day, r.Rows.Len(), want)
		}
	}
}

// TestCompareToDateCounts holds both parts against the oracle, at random moments in random zones.
func TestCompareToDateCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 6))
	w := newWorld(rng, 6, 400, spanDates(t, rng, [2]string{"2024-06-10", "2026-07-10"}))
	db := w.open(t, rng)
	for range 60 {
		zone := mustZone(t, []string{"UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns"}[rng.IntN(4)])
		now := worldNow.Add(-time.Duration(rng.IntN(500*24*3600)) * time.Second)
		by := []Dimension{Repository, Weekday, Hour}[rng.IntN(3)]
		q := Query{By: []Dimension{by}, Compare: true, Zone: zone, Now: now}
		var err error
		period := calendar.Words[2*rng.IntN(5)]
		if q.Filter.Since, q.Filter.Until, err = calendar.ParsePeriod(period, zone, now); err != nil {
			t.Fatal(err)
		}
		r := mustVolume(t, db, q)
		if r.Until.Before(now.Truncate(time.Second)) || r.Until.After(now.Add(25*time.Hour)) {
			t.Errorf("%s at %v is %v to %v", period, now, r.Since, r.Until)
		}
		plain := q
		plain.Compare = false
		plain.Filter.Until = r.Until
		newOracle(w, plain).check(t, r)
		plain.Filter.Since, plain.Filter.Until = r.PreviousSince, r.PreviousUntil
		before := newOracle(w, plain)
		countsOf := func(o *oracleCounts) Counts {
			if o == nil {
				return Counts{}
			}
			return o.counts(zone)
		}
		if want := countsOf(before.count(nil)[""]); *r.PreviousTotal != want {
			t.Errorf("%s at %v: got %+v before, want %+v", period, now, *r.PreviousTotal, want)
		}
		rows := before.count(q.By)
		for _, row := range rowsOf(r) {
			if want := countsOf(rows[rowKey(r, row)]); *row.Previous != want {
				t.Errorf("%s at %v, %v: got %+v before, want %+v", period, now, row.Keys, *row.Previous, want)
			}
		}
	}
}
