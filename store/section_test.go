package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// longHistory stores columns of so many commits, without the records that they stand for.
func longHistory(t *testing.T, db *DB, commits int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(31, 31))
	facts := make([]fact, commits)
	for i := range facts {
		facts[i] = fact{date: rng.Int64N(1 << 30), author: rng.Uint32N(3000), merge: i%7 == 0}
	}
	chain(t, db, 1)
	update(t, db, func(tx *Tx) error {
		b, err := tx.columnsOf(uuidOf(0))
		if err != nil {
			return err
		}
		return putBlocks(b, 0, columnsOf(facts), uint64(len(facts)))
	})
}

// TestSections: the sections of a history are all of it, in its order.
func TestSections(t *testing.T) {
	for _, commits := range []int{1, blockLength, sectionLength * blockLength,
		sectionLength*blockLength + 1, 2*sectionLength*blockLength + 3*blockLength/2} {
		db := newDB(t)
		longHistory(t, db, commits)
		view(t, db, func(tx *Tx) error {
			sections, n, err := tx.Sections(uuidOf(0))
			if err != nil {
				return err
			}
			if want := (commits-1)/(sectionLength*blockLength) + 1; n != commits || len(sections) != want {
				t.Errorf("%d commits in %d sections, want %d in %d", n, len(sections), commits, want)
			}
			var whole, parts []int64
			for f, err := range tx.Facts(uuidOf(0), math.MinInt64, math.MaxInt64) {
				if err != nil {
					return err
				}
				whole = append(whole, f.Dates...)
			}
			for _, section := range sections {
				for f, err := range tx.SectionFacts(uuidOf(0), section, math.MinInt64, math.MaxInt64) {
					if err != nil {
						return err
					}
					parts = append(parts, f.Dates...)
				}
			}
			if len(whole) != commits || !slices.Equal(parts, whole) {
				t.Errorf("%d commits in sections, %d in all, want %d", len(parts), len(whole), commits)
			}
			return nil
		})
	}
}

func TestSectionsOfNothing(t *testing.T) {
	db := newDB(t)
	update(t, db, func(tx *Tx) error { return tx.PutRepository(Repository{UUID: uuidOf(0)}) })
	view(t, db, func(tx *Tx) error {
		if sections, n, err := tx.Sections(uuidOf(0)); len(sections) != 0 || n != 0 || err != nil {
			t.Errorf("got %v, %d, %v", sections, n, err)
		}
		return nil
	})
}

// TestSectionMissesBlocks takes blocks away: whoever reads a section that had one says so.
func TestSectionMissesBlocks(t *testing.T) {
	const blocks = sectionLength + 3
	for _, lost := range []uint32{0, 5, sectionLength - 1, sectionLength, blocks - 1} {
		t.Run(fmt.Sprint(lost), func(t *testing.T) {
			db := newDB(t)
			longHistory(t, db, blocks*blockLength-10)
			update(t, db, func(tx *Tx) error {
				return nested(tx.bolt, columnsName, uuidOf(0)).Delete(blockKey(lost))
			})
			view(t, db, func(tx *Tx) error {
				sections, _, err := tx.Sections(uuidOf(0))
				if err != nil {
					return err
				}
				for i, section := range sections {
					err := drain(tx.SectionFacts(uuidOf(0), section, math.MinInt64, math.MaxInt64))
					if missed := err != nil; missed != (int(lost)/sectionLength == i) {
						t.Errorf("section %d: %v", i, err)
					}
					if err != nil && !strings.Contains(err.Error(), fmt.Sprint(lost)) {
						t.Errorf("%v does not name block %d", err, lost)
					}
				}
				if drain(tx.Facts(uuidOf(0), math.MinInt64, math.MaxInt64)) == nil {
					t.Error("nobody missed the block in all of the history")
				}
				return nil
			})
		})
	}
}
