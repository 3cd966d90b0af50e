package report

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Names stand where people look for them, whatever case they are written in.
func TestCompareText(t *testing.T) {
	want := []string{"", "adam", "Adam Ant", "adam ant", "Bob", "bob", "bobby", "Eve", "Zoe", "zoe", "Ärger", "ärger", "Über", "ǅ", "渡辺", "\xff"}
	for range 100 {
		got := slices.Clone(want)
		rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, compareText)
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	for _, a := range want {
		for _, b := range want {
			if compareText(a, b) != -compareText(b, a) || (compareText(a, b) == 0) != (a == b) {
				t.Errorf("%q and %q: %d, %d", a, b, compareText(a, b), compareText(b, a))
			}
		}
	}
}
