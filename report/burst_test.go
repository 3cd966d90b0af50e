package report

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRuns holds runs against a plain loop, over blocks of all lengths.
func TestRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	bursts := 0
	for range 2000 {
		var dates []int64
		for len(dates) < 400 {
			date := int64(rng.IntN(9))
			for range 1 + rng.IntN(1+rng.IntN(60)) {
				dates = append(dates, date)
			}
		}
		want, length := 0, 0
		for i, date := range dates {
			if length++; i > 0 && date != dates[i-1] {
				length = 1
			}
			want = max(want, length)
		}
		var r runs
		for rest := dates; len(rest) > 0; {
			n := 1 + rng.IntN(len(rest))
			r.add(rest[:n])
			rest = rest[n:]
		}
		var joined runs
		for rest := dates; len(rest) > 0; {
			n := 1 + rng.IntN(len(rest))
			var part runs
			for half := range slices.Chunk(rest[:n], 1+n/2) {
				part.add(half)
			}
			joined.join(part)
			rest = rest[n:]
		}
		if want >= leastBurst && joined.longest != want || joined.end != r.end || joined.begin != r.begin {
			t.Fatalf("joined runs are %+v, want %+v with %d, in %v", joined, r, want, dates)
		}
		if r.longest > want || want >= leastBurst && r.longest != want {
			t.Fatalf("the longest run has %d dates, want %d, in %v", r.longest, want, dates)
		}
		if want >= leastBurst {
			bursts++
		}
	}
	if bursts < 100 || bursts > 1900 {
		t.Errorf("%d of 2000 rows had a burst", bursts)
	}
}
