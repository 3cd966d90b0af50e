package store

import (
	"errors"
	"os"
	"testing"
)

// TestFault cuts a file off while it is mapped: to read what is no longer there is a fault, which
// must be an error wherever it happens.
func TestFault(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(tx *Tx) error{
		"plain":   func(tx *Tx) error { return drain(tx.Commits(uuidOf(0))) },
		"has":     func(tx *Tx) error { tx.Has(uuidOf(0), Hash{1}); return nil },
		"authors": func(tx *Tx) error { _, err := tx.Authors(); return err },
		"extent":  func(tx *Tx) error { _, err := tx.Extent(uuidOf(0)); return err },
		"merged":  func(tx *Tx) error { return drain(tx.MergedCommits([]UUID{uuidOf(0)})) },
		"blocks":  func(tx *Tx) error { return drain(tx.Blocks(uuidOf(0))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := newDB(t)
			fill(t, db, 1, 3000)
			err := db.View(t.Context(), func(tx *Tx) error {
				if err := os.Truncate(db.Path(), 2*pageSize); err != nil {
					return err
				}
				return read(tx)
			})
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestBugsAreNotDamage panics in the code that uses the store, in the middle of an iterator too.
func TestBugsAreNotDamage(t *testing.T) {
	db := newDB(t)
	fill(t, db, 1, 10)
	var none map[string]int
	for name, bug := range map[string]func(tx *Tx) error{
		"plain": func(*Tx) error { none["x"] = 1; return nil },
		"loop": func(tx *Tx) error {
			for range tx.Commits(uuidOf(0)) {
				none["x"] = 1
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the panic is gone")
				}
			}()
			err := db.View(t.Context(), bug)
			t.Errorf("error is %v", err)
		})
	}
}
