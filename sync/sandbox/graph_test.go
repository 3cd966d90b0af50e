package sandbox

import (
	"slices"
	"testing"
)

func TestShortHashes(t *testing.T) {
	g := newGraph(0)
	one, two := hash{0xab, 0xcd, 0xef, 0x12, 1}, hash{0xab, 0xcd, 0xef, 0x12, 2}
	a := g.add(entry{hash: one})
	b := g.add(entry{hash: two, parents: []int32{a}})
	for name, want := range map[string]int32{
		"abcdef1201": a, "ABCDEF1202": b, one.String(): a, // -1: none, or more than one
		"abcdef12": -1, "abcdef": -1, "abcdef13": -1, "abcdefgh": -1, "": -1, one.String() + "0": -1,
	} {
		if got, ok := g.find(name); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v", name, got, ok)
		}
	}
	g.gone[a] = true
	if got, ok := g.find("abcdef12"); !ok || got != b {
		t.Errorf("only one is left, but %d, %v", got, ok)
	}
	if again := g.add(entry{hash: one}); again != a || g.gone[a] || len(g.hashes) != 2 {
		t.Errorf("added again as %d of %d", again, len(g.hashes))
	}
}

func TestBig(t *testing.T) {
	s, w := start(t)
	r := w.Big("big", 1234)
	want := r.Reachable("")
	if len(want) != 1234 {
		t.Fatalf("%d commits", len(want))
	}
	if got := walk(t, s, "/repositories/acme/big/commits?pagelen=100&include=main"); !slices.Equal(got, want) {
		t.Error("the pages have something else")
	}
	merges := len(r.graph.more)
	if merges < 100 || w.Big("other", 10).Head() == w.Big("third", 10).Head() {
		t.Errorf("%d merges, or two repositories with the same commits", merges)
	}
	if head := w.Big("none", 0).Head(); head != "" {
		t.Errorf("an empty one has the head %s", head)
	}
}
