package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// A history makes synthetic commits: linear with a merge now and then, newest last, with
// messages of the lengths that people write.
type history struct {
	rng     *rand.Rand
	last    []Hash
	date    int64
	authors []Author
}

func newHistory(seed uint64, authors int) *history {
	h := &history{rng: rand.New(rand.NewPCG(seed, 1)), date: 1_500_000_000}
	for i := range authors {
		a := Author{Raw: fmt.Sprintf("Person %d <person.%d@example.com>", i, i)}
		if i%3 > 0 {
			a.UUID = fmt.Sprintf("{00000000-0000-4000-8000-%012x}", i)
		}
		h.authors = append(h.authors, a)
	}
	return h
}

const words = "fix the reader when a page is cut short so that nothing is counted twice and " +
	"the next run goes on from where this one stopped; see the issue for how it came about "

func (h *history) message() string {
	n := 30 + h.rng.IntN(50)
	if h.rng.IntN(5) < 2 { // a body
		n += h.rng.IntN(600)
	}
	b := make([]byte, 0, n)
	for len(b) < n {
		i := h.rng.IntN(len(words) - 10)
		b = append(b, words[i:i+10]...)
	}
	return string(b[:n])
}

func (h *history) hash() (hash Hash) {
	for i := 0; i < len(hash); i += 4 {
		binary.LittleEndian.PutUint32(hash[i:], h.rng.Uint32())
	}
	return hash
}

func (h *history) next() Commit {
	h.date += int64(h.rng.ExpFloat64() * 7200)
	a := min(h.rng.IntN(len(h.authors)), h.rng.IntN(len(h.authors)))
	c := Commit{Hash: h.hash(), Date: h.date, Author: h.authors[a], Message: h.message()}
	if n := len(h.last); n > 0 {
		c.Parents = append(c.Parents, h.last[n-1])
		if n > 1 && h.rng.IntN(5) == 0 {
			c.Parents = append(c.Parents, h.last[h.rng.IntN(n-1)])
		}
	}
	if h.last = append(h.last, c.Hash); len(h.last) > 50 {
		h.last = h.last[25:]
	}
	return c
}

func (h *history) take(n int) []Commit {
	commits := make([]Commit, n)
	for i := range commits {
		commits[i] = h.next()
	}
	return commits
}

// uuidOf numbers repositories.
func uuidOf(i int) UUID { return UUID(fmt.Sprintf("{10000000-0000-4000-8000-%012d}", i)) }

func repositoryOf(i int, head Hash) Repository {
	return Repository{UUID: uuidOf(i), Workspace: "acme", Slug: fmt.Sprintf("repo-%d", i),
		MainBranch: "main", Head: head, LastSync: time.Unix(1_700_000_000, 0).UTC()}
}

// putRooted stores a repository with the roots of its commits.
func putRooted(tx *Tx, r Repository) error {
	for c, err := range tx.Commits(r.UUID) {
		if err != nil {
			return err
		}
		if len(c.Parents) == 0 || c.Boundary {
			r.Roots = append(r.Roots, c.Hash)
		}
	}
	return tx.PutRepository(r)
}

// fill stores n commits in each of some repositories, 500 to a transaction.
func fill(t testing.TB, db *DB, repositories, n int) {
	t.Helper()
	for i := range repositories {
		h := newHistory(uint64(i), 300)
		for done := 0; done < n; done += 500 {
			commits := h.take(min(500, n-done))
			update(t, db, func(tx *Tx) error {
				r := repositoryOf(i, commits[len(commits)-1].Hash)
				if _, err := tx.PutCommits(r.UUID, commits); err != nil || done+500 < n {
					return err
				}
				return putRooted(tx, r)
			})
		}
	}
}

func newDB(t testing.TB) *DB {
	t.Helper()
	return Open(filepath.Join(t.TempDir(), "trunkstat.db"))
}

func update(t testing.TB, db *DB, f func(*Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func view(t testing.TB, db *DB, f func(*Tx) error) {
	t.Helper()
	if err := db.View(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func has(t testing.TB, tx *Tx, uuid UUID, h Hash) bool {
	t.Helper()
	return tx.Has(uuid, h)
}
