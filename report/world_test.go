package report

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"trunkstat/store"
)

// A world is a random database, and beside it the same commits in plain slices, from which the
// oracle counts.
type world struct {
	repos   []store.Repository
	commits [][]worldCommit // by repository
	persons []worldPerson
}

type worldCommit struct {
	hash   store.Hash
	date   int64
	person int
	author int // of the person's authors
	merge  bool
}

// worldPerson is one identity by construction: its authors share an account or an e-mail.
type worldPerson struct {
	authors []store.Author
	bot     bool
}

const daySeconds = 24 * 60 * 60

var worldNow = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// newWorld makes repositories of which the last third are forks of the first, with commits
// dated by date.
func newWorld(rng *rand.Rand, repos, commits int, date func() int64) *world {
	w := &world{persons: worldPersons()}
	for i := range repos {
		repo := store.Repository{
			UUID:      store.UUID(fmt.Sprintf("{%08d-1111}", i)),
			Workspace: []string{"acme", "beta"}[i%2], Slug: fmt.Sprintf("repo-%d", i/2),
			Project: fmt.Sprintf("P%d", i%3), MainBranch: "main", LastSync: worldNow,
		}
		history := w.history(rng, i, rng.IntN(commits), date)
		repo.Roots = []store.Hash{{byte(i + 1)}}
		if i >= repos-repos/3 {
			parent := rng.IntN(repos / 3)
			shared := w.commits[parent][:rng.IntN(len(w.commits[parent])+1)]
			history = append(history, shared...)
			repo.Roots = append(repo.Roots, w.repos[parent].Roots...)
		}
		w.repos, w.commits = append(w.repos, repo), append(w.commits, history)
	}
	return w
}

func worldPersons() []worldPerson {
	persons := []worldPerson{
		{authors: []store.Author{{Raw: "Renovate <bot@renovateapp.com>"}}, bot: true},
		{authors: []store.Author{{Raw: "CI", UUID: "{app}", App: true}}, bot: true},
		{authors: []store.Author{{Raw: "no brackets at all"}}},
	}
	for i := range 9 {
		account := fmt.Sprintf("{account-%d}", i)
		persons = append(persons, worldPerson{authors: []store.Author{
			{Raw: fmt.Sprintf("Person %d <p%d@example.org>", i, i)},
			{Raw: fmt.Sprintf("P. %d <P%d@Example.org>", i, i), UUID: account},
			{Raw: fmt.Sprintf("Person %d <p%d@home.example>", i, i), UUID: account},
			{Raw: fmt.Sprintf("Same Name <same%d@example.org>", i), UUID: account},
		}})
	}
	return persons
}

func (w *world) history(rng *rand.Rand, repo, n int, date func() int64) []worldCommit {
	history := make([]worldCommit, n)
	for i := range history {
		c := &history[i]
		binary.BigEndian.PutUint64(c.hash[:], rng.Uint64())
		binary.BigEndian.PutUint64(c.hash[12:], uint64(repo)<<32|uint64(i+1))
		c.date = date()
		c.person = rng.IntN(len(w.persons))
		c.author = rng.IntN(len(w.persons[c.person].authors))
		c.merge = rng.IntN(4) == 0
	}
	return history
}

func (c worldCommit) stored(w *world) store.Commit {
	parents := []store.Hash{{1}, {2}}
	if !c.merge {
		parents = parents[:1]
	}
	return store.Commit{
		Hash: c.hash, Date: c.date, Author: w.persons[c.person].authors[c.author],
		Parents: parents, Message: "m",
	}
}

// open writes the world to a database, its commits in a random order, or without rng as they are.
func (w *world) open(t testing.TB, rng *rand.Rand) *store.DB {
	t.Helper()
	db := store.Open(filepath.Join(t.TempDir(), "trunkstat.db"))
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		for i, repo := range w.repos {
			if err := tx.PutRepository(repo); err != nil {
				return err
			}
			var commits []store.Commit
			for _, c := range w.commits[i] {
				commits = append(commits, c.stored(w))
			}
			if rng != nil {
				rng.Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })
			}
			if _, err := tx.PutCommits(repo.UUID, commits); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// between makes dates evenly spread over a range.
func between(rng *rand.Rand, since, until time.Time) func() int64 {
	return func() int64 { return since.Unix() + rng.Int64N(until.Unix()-since.Unix()) }
}

// rowsOf collects the rows of a report, each with memory of its own.
func rowsOf(r *Result) []Row {
	var rows []Row
	for row := range r.Rows.All() {
		own := *row
		own.Keys, own.Cells = slices.Clone(row.Keys), slices.Clone(row.Cells)
		if row.Previous != nil {
			own.Previous = new(Counts)
			*own.Previous = *row.Previous
		}
		rows = append(rows, own)
	}
	return rows
}

// written is all that there is in a report, and who its people are.
func written(r *Result) string {
	rows := rowsOf(r)
	for i := range rows {
		if p := rows[i].Person; p != nil { // %+v writes where a Person is, not who
			rows[i].Keys = append(rows[i].Keys, p.Key)
			rows[i].Person = nil
		}
	}
	rest := *r
	rest.Rows = Rows{}
	return fmt.Sprintf("%+v %+v", rows, rest)
}
