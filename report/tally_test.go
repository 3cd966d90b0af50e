package report

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// TestSlots holds keys, small and large, against a map.
func TestSlots(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 13))
	var s slots
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
	if len(parts[0].words) == 0 || parts[0].pairs.size == 0 {
		t.Error("the test did not reach both bits and pairs")
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
