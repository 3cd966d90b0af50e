package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// TestContributors counts random worlds in random windows with the oracle.
func TestContributors(t *testing.T) {
	people := 0
	for i, span := range testSpans {
		rng := rand.New(rand.NewPCG(31, uint64(i)))
		date := spanDates(t, rng, span)
		w := newWorld(rng, 12, 60, date)
		db := w.open(t, rng)
		for round := range 20 {
			zone := mustZone(t, pickZone(rng))
			q := w.withFiles(t, Query{
				Filter: randomFilter(rng, worldNow), Zone: zone, Now: time.Unix(date(), 0),
			})
			days := 1 + rng.IntN(60)
			got, err := CountContributors(t.Context(), db, q, days)
			if err != nil {
				t.Fatal(err)
			}
			y, m, d := q.Now.In(zone).Date()
			first := time.Date(y, m, d-days, 12, 0, 0, 0, zone).Format(time.DateOnly)
			q.Filter.Since, q.Filter.Until = time.Time{}, time.Time{}
			o := newOracle(w, q)
			if text, want := contributorsText(got), o.contributors(first, q.Now.In(zone).Format(time.DateOnly)); text != want {
				t.Errorf("%v, round %d, %d days before %v, %+v: got\n%swant\n%s", span, round, days, q.Now.In(zone), q.Filter, text, want)
			}
			if !got.About.Since.Before(got.About.Until) || !got.About.Until.Before(q.Now) {
				t.Errorf("from %v to %v", got.About.Since, got.About.Until)
			}
			if stale := q.Now.After(worldNow); !stale && len(got.Incomplete) > 0 {
				t.Errorf("%v: incomplete %v", q.Now, got.Incomplete)
			}
			people += len(got.Rows)
		}
	}
	if people < 100 {
		t.Errorf("only %d people were counted", people)
	}
}

// TestContributorsOfReport counts for queries that were made for a report.
func TestContributorsOfReport(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	w := newWorld(rng, 6, 60, between(rng, worldNow.AddDate(0, -3, 0), worldNow))
	db := w.open(t, rng)
	want, err := CountContributors(t.Context(), db, Query{Zone: time.UTC, Now: worldNow}, 60)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []Query{
		{},
		{Columns: Columns, Sort: Sort{Column: "days"}},
		{By: []Dimension{Repository}, Pivot: AuthorDim, Sort: Sort{Column: "total"}},
		{Compare: true, Filter: Filter{Since: worldNow.AddDate(0, -1, 0)}},
	} {
		q.Zone, q.Now = time.UTC, worldNow
		validated, err := q.Validate()
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []Query{q, validated} {
			got, err := CountContributors(t.Context(), db, q, 60)
			if err != nil {
				t.Errorf("%v: %v", q.Columns, err)
			} else if contributorsText(got) != contributorsText(want) {
				t.Errorf("got\n%swant\n%s", contributorsText(got), contributorsText(want))
			}
		}
	}
}

func pickZone(rng *rand.Rand) string { return testZones[rng.IntN(len(testZones))] }

// contributorsText writes the counts, and the rows by key.
func contributorsText(c *Contributors) string {
	var rows []string
	for _, r := range c.Rows {
		rows = append(rows, fmt.Sprintf("%s: %d %d %d %d\n", r.Person.Aliases()[0], r.Emails, r.Commits, r.Repositories, r.Last.Unix()))
	}
	slices.Sort(rows)
	return fmt.Sprintf("%d %d %d %d\n%s", len(c.Rows), c.Emails, c.Repositories, c.Bots, strings.Join(rows, ""))
}

// contributors counts those who committed from the first date up to today, which is not included, as
// contributorsText writes them. The query has no range.
func (o *oracle) contributors(first, today string) string {
	type tally struct {
		emails, repos map[string]bool
		hashes        map[store.Hash]bool
		last          int64
	}
	persons, emails, repos := map[int]*tally{}, map[string]bool{}, map[string]bool{}
	inWindow := func(c authorship) bool {
		date := time.Unix(c.date, 0).In(o.q.Zone).Format(time.DateOnly)
		return first <= date && date < today
	}
	for i, repo := range o.repos {
		for _, c := range o.kept(i) {
			if !inWindow(c) {
				continue
			}
			p := persons[c.person]
			if p == nil {
				p = &tally{map[string]bool{}, map[string]bool{}, map[store.Hash]bool{}, c.date}
				persons[c.person] = p
			}
			if _, email, found := strings.Cut(o.persons[c.person].authors[c.author].Raw, "<"); found {
				p.emails[strings.ToLower(email)], emails[strings.ToLower(email)] = true, true
			}
			p.hashes[c.hash], p.repos[string(repo.UUID)], repos[string(repo.UUID)] = true, true, true
			p.last = max(p.last, c.date)
		}
	}
	var rows []string
	for person, p := range persons {
		rows = append(rows, fmt.Sprintf("%s: %d %d %d %d\n", o.firstAlias(person), len(p.emails), len(p.hashes), len(p.repos), p.last))
	}
	slices.Sort(rows)
	bots := map[int]bool{}
	if o.q.Filter.Bots == Exclude {
		all := *o
		all.q.Filter.Bots = Only
		for i := range o.repos {
			for _, c := range all.kept(i) {
				if inWindow(c) {
					bots[c.person] = true
				}
			}
		}
	}
	return fmt.Sprintf("%d %d %d %d\n%s", len(persons), len(emails), len(repos), len(bots), strings.Join(rows, ""))
}

// firstAlias is the first of a person's texts that is stored.
func (o *oracle) firstAlias(person int) string {
	var texts []string
	for i := range o.repos {
		for _, c := range o.commits[i] {
			if c.person == person {
				texts = append(texts, o.persons[person].authors[c.author].Raw)
			}
		}
	}
	return slices.Min(texts)
}

// TestContributorsIncomplete has a repository for each reason why commits of the window may be missing.
func TestContributorsIncomplete(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	at := func(date string) time.Time {
		d, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	repos := []store.Repository{
		{Slug: "a-fine", LastSync: at("2026-11-25")},
		{Slug: "b-partial", LastSync: at("2026-11-25"), NeedsSweep: true},
		{Slug: "c-failed", LastSync: at("2026-11-25"), Failure: "invalid_permissions: no"},
		{Slug: "d-never"},
		{Slug: "e-early-floor", LastSync: at("2026-11-25"), Floor: at("2026-08-27").Unix()},
		{Slug: "f-floor", LastSync: at("2026-11-25"), Floor: at("2026-08-28").Unix()},
		{Slug: "g-stale", LastSync: at("2026-11-24")},
		{Slug: "h-gone", LastSync: at("2026-10-01"), Listings: map[string]int{"x": 2}},
		{Slug: "i-excluded", LastSync: at("2026-10-01"), Excluded: true},
		{Slug: "j-gone-floor", LastSync: at("2026-10-01"), Listings: map[string]int{"x": 2}, Floor: at("2026-09-01").Unix()},
		{Slug: "k-walking", LastSync: at("2026-11-25")},
	}
	db := store.Open(t.TempDir() + "/trunkstat.db")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		for _, repo := range repos {
			repo.UUID, repo.Workspace, repo.MainBranch = store.UUID("{"+repo.Slug+"}"), "acme", "main"
			if err := tx.PutRepository(repo); err != nil {
				return err
			}
		}
		if err := tx.PutWalk("{k-walking}", store.Walk{Target: store.Hash{1}}); err != nil {
			return err
		}
		return tx.PutWorkspace(store.Workspace{Slug: "acme", ListingIncomplete: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Zone: time.UTC, Now: now}
	c, err := CountContributors(t.Context(), db, q, 90)
	want := "b-partial (partial), c-failed (failed), d-never (partial), f-floor (begins at 2026-08-28), " +
		"g-stale (last synced on 2026-11-24), j-gone-floor (gone) (begins at 2026-09-01), k-walking (partial)"
	if err != nil || strings.Join(c.Incomplete, ", ") != want || !c.BeginLate {
		t.Errorf("error %v, incomplete %v", err, c.Incomplete)
	}
	if listings := c.About.Coverage.IncompleteListings; !slices.Equal(listings, []string{"acme"}) {
		t.Errorf("incomplete listings: %v", listings)
	}
	q.Filter.Repos = []string{"[aeghi]-*"}
	c, err = CountContributors(t.Context(), db, q, 1)
	if err != nil || len(c.Incomplete) != 1 || c.BeginLate {
		t.Errorf("error %v, incomplete %v", err, c.Incomplete)
	}
	q.Now = at("2026-11-24")
	if c, err = CountContributors(t.Context(), db, q, 1); err != nil || len(c.Incomplete) != 0 {
		t.Errorf("error %v, incomplete %v", err, c.Incomplete)
	}
}
