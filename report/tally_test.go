package report

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"trunkstat/store"
)

// TestSlots holds keys, small and large, against a map.
func TestSlots(t *testing.T) {
	for _, likely := range []int{0, 100, 50_000} {
		testSlots(t, &slots{likely: likely})
	}
}

func testSlots(t *testing.T, s *slots) {
	rng := rand.New(rand.NewPCG(13, 13))
	known := map[uint64]uint32{}
	for range 20_000 {
		key := rng.Uint64N(1 << (1 + rng.IntN(40)))
		if _, ok := s.find(key); ok != (len(known) > 0 && hasKey(known, key)) {
			t.Fatalf("key %d: found %t", key, ok)
		}
		slot := s.of(key)
		if old, ok := known[key]; ok && old != slot || !ok && int(slot) != len(known) {
			t.Fatalf("key %d has slot %d of %d", key, slot, len(known))
		}
		known[key] = slot
		if got, ok := s.find(key); !ok || got != slot || s.at(slot).key != key {
			t.Fatalf("key %d: found %d %t", key, got, ok)
		}
	}
}

func hasKey(known map[uint64]uint32, key uint64) bool {
	_, ok := known[key]
	return ok
}

// TestAudience holds bits and pairs, and their sums, against maps.
func TestAudience(t *testing.T) {
	const people, rows = 64_000, 2_000 // bits for half of the rows
	rng := rand.New(rand.NewPCG(14, 14))
	parts := [2]*audience{newAudience(people), newAudience(people)}
	want := make([]map[uint32]bool, rows)
	to := make([]uint32, rows) // the rows of the second part have other slots
	for i, j := range rng.Perm(rows) {
		to[i] = uint32(j)
		want[i] = map[uint32]bool{}
	}
	for range 30_000 {
		slot, person, part := uint32(rng.IntN(rows)), uint32(rng.IntN(people)), rng.IntN(2)
		parts[part].add(slot, person)
		parts[part].add(slot, person)
		if part == 1 {
			slot = to[slot]
		}
		want[slot][person] = true
	}
	parts[0].merge(parts[1], to)
	for slot, got := range parts[0].sizes(rows) {
		if int(got) != len(want[slot]) {
			t.Errorf("slot %d has %d persons, want %d", slot, got, len(want[slot]))
		}
	}
	in, union := make([]bool, rows), map[uint32]bool{}
	for slot := range in {
		if in[slot] = rng.IntN(50) == 0; in[slot] {
			for person := range want[slot] {
				union[person] = true
			}
		}
	}
	if got := parts[0].union(in); int(got) != len(union) {
		t.Errorf("the union has %d persons, want %d", got, len(union))
	}
	if len(parts[0].words) == 0 || parts[0].pairs.size == 0 || len(parts[0].firsts) == 0 {
		t.Error("the test did not reach bits, firsts and pairs")
	}
}

// TestVolumeLargeKeys has more combinations than the table of small keys has room for.
func TestVolumeLargeKeys(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 15))
	w := newWorld(rng, 9, 900, spanDates(t, rng, [2]string{"2010-01-01", "2026-01-01"}))
	db := w.open(t, rng)
	q := Query{By: []Dimension{Day, Hour, Repository, AuthorDim}, Pivot: Quarter,
		Zone: time.UTC, Now: worldNow}
	r := mustVolume(t, db, q)
	newOracle(w, q).check(t, r)
	newOracle(w, q).checkPivot(t, r)
	q.Top = r.Rows.Len() / 2
	want := newOracle(w, q).others(r, rowsOf(r)[q.Top:])
	if got := mustVolume(t, db, q).Others; !reflect.DeepEqual(got, want) {
		t.Errorf("others are %+v, want %+v", got, want)
	}
}

// TestVolumeShared counts by many workers, with a tally for each and with one for all.
func TestVolumeShared(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	rng := rand.New(rand.NewPCG(16, 16))
	w := newWorld(rng, 9, 900, spanDates(t, rng, [2]string{"2010-01-01", "2026-01-01"}))
	db := w.open(t, rng)
	for _, by := range [][]Dimension{{AuthorDim, Day, Hour}, {Repository, Day, Hour}, {Day, Hour, Project}} {
		q := Query{By: by, Pivot: Month, Zone: time.UTC, Now: worldNow}
		var counted [2][]map[string]string
		for i, commits := range []int{0, 1 << 30} { // so many are said to be there beside
			err := db.View(t.Context(), func(tx *store.Tx) error {
				scope, err := NewScope(tx, q.Filter, nil)
				if err != nil {
					return err
				}
				families, err := scope.families(tx, nil)
				if err != nil {
					return err
				}
				c := newCount(q, scope, families)
				c.commits = commits
				result, err := c.run(t.Context(), tx)
				if err != nil {
					return err
				}
				if shared := result.tallies[0].shared; shared != (commits > 0) {
					t.Errorf("%v with %d commits: shared is %t", by, commits, shared)
				}
				for _, tally := range result.tallies {
					counted[i] = append(counted[i], tally.written())
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if !reflect.DeepEqual(counted[0], counted[1]) {
			t.Errorf("%v: one tally for all has counted something else", by)
		}
	}
}

// written is what a tally has counted, by values: workers number moments as they come.
func (t *tally) written() map[string]string {
	all, sizes := map[string]string{}, t.sizes()
	for slot := range uint32(t.slots.n) {
		l, r := t.layout, t.slots.at(slot)
		var m moment
		if len(l.days) > 0 {
			m = l.listed[l.momentField.of(r.key)]
		}
		values := fmt.Sprint(m, l.hourField.of(r.key), l.placeField.of(r.key), l.personField.of(r.key))
		all[values] = fmt.Sprint(r.cell, sizes.of(slot, &r.cell))
	}
	return all
}

// TestRadix holds the order of slots against a stable sort that compares.
func TestRadix(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 17))
	for range 300 {
		n := rng.IntN(3000)
		numbers := make([]int64, n)
		for i := range numbers {
			switch rng.IntN(8) {
			case 0:
				numbers[i] = noRank
			case 1:
				numbers[i] = rng.Int64() - rng.Int64()
			default:
				numbers[i] = rng.Int64N(1 << (1 + rng.IntN(40)))
			}
		}
		desc := rng.IntN(2) == 0
		r := newRadix(n)
		want := slices.Clone(r.order)
		slices.SortStableFunc(want, func(a, b uint32) int {
			x, y := numbers[a], numbers[b]
			if desc && x != noRank && y != noRank {
				x, y = y, x
			}
			return cmp.Compare(x, y)
		})
		r.sortColumn(func(slot uint32) int64 { return numbers[slot] }, desc)
		if !slices.Equal(r.order, want) {
			t.Fatalf("%d numbers, descending %t: the order is wrong", n, desc)
		}
	}
}
