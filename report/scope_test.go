package report

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// TestScopeKeeps holds what exports see against what reports count.
func TestScopeKeeps(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	w := newWorld(rng, 9, 100, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"}))
	db := w.open(t, rng)
	for i := range 40 {
		end := time.Date(2025, 4, 10, 0, 0, 0, 0, time.UTC)
		q := w.withFiles(t, Query{Filter: randomFilter(rng, end), Zone: time.UTC, Now: worldNow})
		if !q.Filter.Until.IsZero() && q.Filter.Until.Before(q.Filter.Since) {
			continue
		}
		want := newOracle(w, q).count([]Dimension{Repository})
		several := newOracle(w, q).several()
		err := db.View(t.Context(), func(tx *store.Tx) error {
			scope, err := NewScope(tx, q)
			if err != nil {
				return err
			}
			for _, repo := range scope.Repositories {
				n := 0
				for fact, err := range tx.MergedCommits([]store.UUID{repo.UUID}) {
					if err != nil {
						return err
					}
					if scope.Keeps(fact) {
						n++
					}
				}
				name := repo.Slug
				if several {
					name = repo.Workspace + "/" + name
				}
				if o := want[name]; o == nil && n > 0 || o != nil && n != len(o.hashes) {
					t.Errorf("filter %d: %s has %d", i, name, n)
				}
			}
			if scope.Keeps(&store.SharedCommit{Author: 1 << 31}) {
				t.Error("an author that is not stored is kept")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestVolumeCancelled(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	db := newWorld(rng, 9, 100, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"})).open(t, rng)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Volume(ctx, db, Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCoverage(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2025, 1, n, 0, 0, 0, 0, time.UTC) }
	repos := []store.Repository{
		{UUID: "{fine}", MainBranch: "main", LastSync: day(5)},
		{UUID: "{older}", MainBranch: "main", LastSync: day(3)},
		{UUID: "{walking}", MainBranch: "main", LastSync: day(4)},
		{UUID: "{failed}", MainBranch: "main", LastSync: day(4), Failure: "no"},
		{UUID: "{dirty}", MainBranch: "main", LastSync: day(4), NeedsSweep: true},
		{UUID: "{never}", MainBranch: "main"},
		{UUID: "{empty}", Listed: day(4)},
		{UUID: "{left out}", MainBranch: "main", LastSync: day(2), Failure: "no", Excluded: true},
		{UUID: "{unlisted}"},
		{UUID: "{gone}", MainBranch: "main", LastSync: day(1), Listings: map[string]int{"a": 2}},
	}
	got := coverageOf(repos, map[store.UUID]store.Walk{"{walking}": {}})
	want := Coverage{Repositories: 10, Incomplete: 5, Gone: 1, OldestSync: day(3), GoneSync: day(1)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	want = Coverage{Repositories: 1, Gone: 1, OldestSync: day(1), GoneSync: day(1)}
	if got := coverageOf(repos[len(repos)-1:], nil); !reflect.DeepEqual(got, want) {
		t.Errorf("what is gone covers %+v, want %+v", got, want)
	}
	if got := coverageOf(nil, nil); !reflect.DeepEqual(got, Coverage{}) {
		t.Errorf("nothing covers %+v", got)
	}
}

// TestFamilies joins over roots, forks, boundaries and what unfinished walks want.
func TestFamilies(t *testing.T) {
	h := func(n byte) store.Hash { return store.Hash{n} }
	repos := []store.Repository{
		{UUID: "{a}", Roots: []store.Hash{h(1)}},
		{UUID: "{b}", Roots: []store.Hash{h(2), h(1)}},
		{UUID: "{c}", ForkOfUUID: "{d}"},
		{UUID: "{d}", Roots: []store.Hash{h(3)}},
		{UUID: "{e}", Roots: []store.Hash{h(4)}, Floor: 100}, // 4 is stored in f
		{UUID: "{f}", Roots: []store.Hash{h(5)}},
		{UUID: "{g}"}, // a walk that wants 6, stored in h
		{UUID: "{h}", Roots: []store.Hash{h(7)}},
		{UUID: "{i}"}, // a walk that wants 8, as j's
		{UUID: "{j}"},
		{UUID: "{k}", ForkOfUUID: "{elsewhere}"},
		{UUID: "{l}", ForkOfUUID: "{elsewhere}", Roots: []store.Hash{h(9)}},
		{UUID: "{m}"},
	}
	stored := map[store.UUID]store.Hash{"{f}": h(4), "{h}": h(6), "{m}": h(9)}
	walks := map[store.UUID]store.Walk{
		"{g}": {Wanted: []store.Hash{h(6)}}, "{i}": {Wanted: []store.Hash{h(8)}},
		"{j}": {Wanted: []store.Hash{h(8)}},
	}
	db := store.Open(t.TempDir() + "/trunkstat.db")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		for uuid, hash := range stored {
			if _, err := tx.PutCommits(uuid, []store.Commit{{Hash: hash}}); err != nil {
				return err
			}
		}
		s := &Scope{Repositories: repos, walks: walks}
		if got, want := fmt.Sprint(s.families(tx)), "[[0 1] [2 3] [4 5] [6 7] [8 9] [10 11] [12]]"; !reflect.DeepEqual(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNotes(t *testing.T) {
	w := &world{persons: []worldPerson{
		{authors: []store.Author{{Raw: "A <a@x>"}}},
		{authors: []store.Author{{Raw: "x[bot] <b@x>"}}},
		{authors: []store.Author{{Raw: "y-bot <c@x>"}}},
	}}
	date := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	shared := []worldCommit{
		{hash: store.Hash{1}, date: date, person: 0}, {hash: store.Hash{2}, date: date, person: 1},
		{hash: store.Hash{3}, date: date, person: 2},
	}
	w.repos = []store.Repository{
		{UUID: "{1}", Workspace: "acme", Slug: "a", Roots: []store.Hash{{1}}, Floor: date - daySeconds},
		{UUID: "{2}", Workspace: "acme", Slug: "b", Roots: []store.Hash{{1}}},
	}
	w.commits = [][]worldCommit{shared, shared[:2]}
	db := w.open(t, rand.New(rand.NewPCG(1, 1)))
	floor := "1 repository begins at 2024-12-31 (sync --since): a"
	tests := []struct {
		name string
		q    Query
		want []string
	}{
		{"all", Query{}, []string{
			"2 commits are in several repositories; the total counts each once",
			"bots: 2 commits by 2 bots included", floor}},
		{"by month", Query{By: []Dimension{Month}}, []string{
			"2 commits are in several repositories; each is counted once",
			"bots: 2 commits by 2 bots included", floor}},
		{"without bots", Query{Filter: Filter{Bots: Exclude}}, []string{
			"1 commit is in several repositories; the total counts each once",
			"bots: 2 commits by 2 bots left out", floor}},
		{"bots alone", Query{Filter: Filter{Bots: Only}}, []string{
			"1 commit is in several repositories; the total counts each once", floor}},
		{"without merges", Query{Filter: Filter{Merges: Exclude}}, []string{
			"2 commits are in several repositories; the total counts each once",
			"merge commits are left out", "bots: 2 commits by 2 bots included", floor}},
		{"merges alone", Query{Filter: Filter{Merges: Only}}, []string{
			"commits other than merges are left out", floor}},
		{"after the floor", Query{Filter: Filter{Since: time.Unix(date, 0), Repos: []string{"a"}}},
			[]string{"bots: 2 commits by 2 bots included"}},
		{"nothing", Query{Filter: Filter{Repos: []string{"c"}}},
			[]string{`no repository matches --repo "c"`}},
		{"nothing together", Query{Filter: Filter{Repos: []string{"a"}, ExcludeRepos: []string{"a"}}},
			[]string{"no repository matches all filters; 2 repositories are known"}},
		{"patterns that match nothing", Query{Filter: Filter{
			Repos: []string{"b", "x,y"}, Projects: []string{"*", "nothing", "Z?"}, ExcludeRepos: []string{"q"},
			Authors: []string{"a@x", "bot", "a,b", "Zoe"}, BotPatterns: []string{"ci@*"}}}, []string{
			`no repository matches --repo "x,y"`, `no repository matches --exclude-repo "q"`,
			`no repository matches --project "nothing" or "Z?"`, `no author matches --author "a,b" or "Zoe"`,
			`no author matches --bot "ci@*"`, "bots: 1 commit by 1 bot included"}},
		{"in the future",
			Query{Now: time.Unix(date-100*daySeconds, 0), Filter: Filter{Repos: []string{"b"}}},
			[]string{"bots: 1 commit by 1 bot included",
				"the latest commit is dated 2025-01-01, which is in the future"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.q.Zone = time.UTC
			r := mustVolume(t, db, test.q)
			if got, want := strings.Join(r.Notes, "\n"), strings.Join(test.want, "\n"); !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, note := range r.Notes {
				if strings.HasSuffix(note, "left out") != slices.Contains(r.LeftOut, note) {
					t.Errorf("%q is among those of what is left out: %v", note, r.LeftOut)
				}
			}
		})
	}
}

// TestNotesOfHistories tells which histories end early and which listings were incomplete.
func TestNotesOfHistories(t *testing.T) {
	w := world{repos: []store.Repository{
		{UUID: "{1}", Workspace: "acme", Slug: "a", Unknown: []store.UnknownCommit{
			{Hash: store.Hash{8}, Runs: 2}, {Hash: store.Hash{9}, Runs: 3}, {Hash: store.Hash{7}, Runs: 1}}},
		{UUID: "{2}", Workspace: "acme", Slug: "b", Private: true},
		{UUID: "{3}", Workspace: "zeta", Slug: "c"},
	}, commits: make([][]worldCommit, 3)}
	db := w.open(t, rand.New(rand.NewPCG(1, 1)))
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.PutWorkspace(store.Workspace{Slug: "acme", ListingIncomplete: true}),
			tx.PutWorkspace(store.Workspace{Slug: "zeta"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	const ends = "the history of %s ends at 2 commits that Bitbucket does not have"
	for _, test := range []struct {
		filter   Filter
		rows     []string
		notes    string
		listings []string
	}{
		{Filter{}, []string{"acme/a", "acme/b", "zeta/c"}, fmt.Sprintf(ends, "acme/a"), []string{"acme"}},
		{Filter{Workspace: "acme", Visibility: Public}, []string{"a"}, fmt.Sprintf(ends, "a"), []string{"acme"}},
		{Filter{Visibility: Private}, []string{"b"}, "", []string{"acme"}},
		{Filter{Workspace: "zeta"}, []string{"c"}, "", nil},
		{Filter{Workspace: "ACME", Repos: []string{"nothing"}}, nil, "", []string{"acme"}},
	} {
		r := mustVolume(t, db, Query{Filter: test.filter, MailmapFile: "people.map"})
		var rows []string
		for row := range r.Rows.All() {
			rows = append(rows, row.Keys[0])
		}
		notes := strings.Join(r.Notes, "\n")
		if !reflect.DeepEqual(rows, test.rows) || !strings.Contains(notes, test.notes) ||
			strings.Contains(notes, "ends at") != (test.notes != "") ||
			!reflect.DeepEqual(r.Coverage.IncompleteListings, test.listings) ||
			!strings.HasSuffix(notes, "mapped by people.map") {
			t.Errorf("%+v: got %v, %q, %v", test.filter, rows, notes, r.Coverage.IncompleteListings)
		}
	}
}
