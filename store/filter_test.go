package store

import (
	"fmt"
	"os"
	"testing"
)

// TestFilter adds as many hashes as there is room for: none is lacking, and few others are not.
func TestFilter(t *testing.T) {
	h := newHistory(1, 3)
	const first, others = 10_000, 100_000
	f := newFilter(first)
	var added []Commit
	for _, tt := range []struct{ hashes, most int }{{first, others / 500}, {f.room, others / 50}} {
		for _, c := range h.take(tt.hashes) {
			f.add(c.Hash[:])
			added = append(added, c)
		}
		for _, c := range added {
			if f.lacks(c.Hash[:]) {
				t.Fatalf("%s was added", c.Hash)
			}
		}
		taken := 0
		for _, c := range h.take(others) {
			if !f.lacks(c.Hash[:]) {
				taken++
			}
		}
		if taken > tt.most {
			t.Errorf("of %d hashes, with %d added, %d are taken for stored, want at most %d", others, len(added), taken, tt.most)
		}
	}
}

// TestFilterBeyondItsSize is about a history for which no filter may be large enough.
func TestFilterBeyondItsSize(t *testing.T) {
	const hashes = 10 * filterWords
	if f := newFilter(hashes); len(f.words) != filterWords || f.room < hashes/10 {
		t.Errorf("%d words with room for %d", len(f.words), f.room)
	}
}

// TestFilterOfAnotherFile puts another file of the same number of transactions in place of one, under a DB
// that knows what the first lacks.
func TestFilterOfAnotherFile(t *testing.T) {
	commits := newHistory(1, 3).take(200)
	fill := func(db *DB, commits []Commit) {
		t.Helper()
		db.filters.from = 0
		for i := range 2 {
			update(t, db, func(tx *Tx) error {
				_, err := tx.PutCommits("{u}", commits[i*50:][:50])
				return err
			})
		}
	}
	db, other := newDB(t), newDB(t)
	fill(db, commits[:100])
	fill(other, commits[100:])
	if err := os.Rename(other.Path(), db.Path()); err != nil {
		t.Fatal(err)
	}
	update(t, db, func(tx *Tx) error {
		if tx.bolt.ID() != db.filters.version+1 {
			t.Fatal("the files have not as many transactions: this tests nothing")
		}
		for _, c := range commits[100:] {
			if !has(t, tx, "{u}", c.Hash) {
				t.Fatalf("%s is not found", c.Hash)
			}
		}
		return nil
	})
}

// TestFiltersAreBounded fills many repositories: what their filters have is no more than one may.
func TestFiltersAreBounded(t *testing.T) {
	f := filters{of: map[UUID]*filter{}}
	for i := range 100 {
		f.put(UUID(fmt.Sprint(i%20)), &filter{words: make([]uint64, filterWords/8)})
		words := 0
		for _, filter := range f.of {
			words += len(filter.words)
		}
		if words > filterWords || f.of[UUID(fmt.Sprint(i%20))] == nil {
			t.Fatalf("after %d filters there are %d words", i, words)
		}
	}
}
