package report

import (
	"math/rand/v2"
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
