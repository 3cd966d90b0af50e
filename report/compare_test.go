package report

import (
	"errors"
	"fmt"
	"math/rand/v2"
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
