package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trunkstat/report/calendar"
)

// plainPartial finds the partial periods of a result from what it shows: each text is read as a user's date.
func plainPartial(t *testing.T, r *Result, q Query) (partial []Partial) {
	t.Helper()
	var texts []string
	for _, row := range rowsOf(r) {
		for i, dim := range r.By {
			if dim.IsTime() && dim != Weekday && dim != Hour {
				texts = append(texts, row.Keys[i])
			}
		}
	}
	if r.Pivot.IsTime() && r.Pivot != Weekday && r.Pivot != Hour {
		texts = append(texts, r.PivotValues...)
	}
	begin := map[string]time.Time{}
	for _, text := range texts {
		since, until, err := calendar.ParseMoment(text, q.Zone, q.Now)
		if err != nil {
			t.Fatal(err)
		}
		if begin[text] = since; r.PreviousTotal != nil && until.Before(r.Since) {
			continue // a period of the range before
		}
		notOver := until.After(q.Now)
		cut := !r.Since.IsZero() && since.Before(r.Since) || !r.Until.IsZero() && until.After(r.Until)
		if p := (Partial{text, notOver}); (cut || notOver) && !slices.Contains(partial, p) {
			partial = append(partial, p)
		}
	}
	slices.SortFunc(partial, func(p, q Partial) int {
		if by := begin[p.Period].Compare(begin[q.Period]); by != 0 {
			return by
		}
		return map[bool]int{true: -1, false: 1}[p.Period < q.Period]
	})
	return partial
}

// TestPartial holds the partial periods of reports over random ranges against the rows and columns shown.
func TestPartial(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 5))
	w := newWorld(rng, 6, 300, spanDates(t, rng, [2]string{"2025-12-10", "2026-07-10"}))
	db := w.open(t, rng)
	found := 0
	for range 300 {
		zone := mustZone(t, []string{"UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/St_Johns"}[rng.IntN(4)])
		moment := func() time.Time { // a date, or any second
			at := worldNow.Add(time.Duration(rng.Int64N(200*24*3600)-150*24*3600) * time.Second).In(zone)
			switch rng.IntN(3) {
			case 0:
				return at
			case 1:
				return calendar.DateOf(at).Start(zone)
			}
			since, _, err := calendar.ParseMoment(at.Format("2006-01"), zone, worldNow)
			if err != nil {
				t.Fatal(err)
			}
			return since
		}
		q := Query{Zone: zone, Now: worldNow}
		if rng.IntN(4) > 0 {
			q.Filter.Since = moment()
		}
		if rng.IntN(3) > 0 {
			if q.Filter.Until = moment().Add(-time.Second); q.Filter.Until.Before(q.Filter.Since) {
				q.Filter.Since = time.Time{}
			}
		}
		dims := []Dimension{Year, Quarter, Month, Week, Day, Weekday, Repository, AuthorDim}
		rng.Shuffle(len(dims), func(i, j int) { dims[i], dims[j] = dims[j], dims[i] })
		q.By = dims[:1+rng.IntN(2)]
		switch {
		case len(q.By) == 1 && !q.Filter.Since.IsZero() && !q.Filter.Since.After(worldNow):
			q.Compare = true
		case rng.IntN(2) == 0:
			q.Pivot = dims[2]
			fallthrough
		default:
			q.Top = rng.IntN(20)
		}
		r := mustVolume(t, db, q)
		want := plainPartial(t, r, q)
		found += len(want)
		if fmt.Sprint(r.Partial) != fmt.Sprint(want) {
			t.Errorf("%v by %v, %v to %v in %v:\ngot  %v\nwant %v",
				q.By, q.Pivot, r.Since, r.Until, zone, r.Partial, want)
		}
	}
	if found < 300 {
		t.Errorf("only %d partial periods were met", found)
	}
}
