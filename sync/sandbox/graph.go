package sandbox

import (
	"container/heap"
	"maps"
	"slices"
)

// A commit is one of a graph. Its parents are their numbers.
type commit struct {
	hash    hash
	date    int64  // the committer's clock, seconds since 1970
	author  string // the free text
	account string // the UUID of the author's; empty: none
	app     bool   // the account is an app's
	parents []int32
	message string
	seed    uint64 // of a commit that was made here, for a hash of its own; 0: it comes out of git
}

// A graph is the history of one repository. A commit's number is its place in commits, where parents
// come before their children. The graph only grows: numbers stay valid, and a commit that is collected
// is marked as gone.
type graph struct {
	commits []commit
	byHash  map[hash]int32
	gone    map[int32]bool
	shallow map[int32]bool // their parents are written, and lead nowhere
}

func newGraph() *graph {
	return &graph{
		byHash: map[hash]int32{}, gone: map[int32]bool{}, shallow: map[int32]bool{},
	}
}

// clone copies the graph, for a fork.
func (g *graph) clone() *graph {
	return &graph{
		commits: slices.Clone(g.commits), byHash: maps.Clone(g.byHash),
		gone: maps.Clone(g.gone), shallow: maps.Clone(g.shallow),
	}
}

// add appends a commit and returns its number. A commit that is there already stays as it is, and comes
// back if it was collected.
func (g *graph) add(c commit) int32 {
	if n, ok := g.byHash[c.hash]; ok {
		delete(g.gone, n)
		return n
	}
	n := int32(len(g.commits))
	g.commits = append(g.commits, c)
	g.byHash[c.hash] = n
	return n
}

// find resolves a full hash.
func (g *graph) find(text string) (int32, bool) {
	h, _ := parseHash(text)
	n, ok := g.byHash[h]
	return n, ok && !g.gone[n]
}

// parents returns the parents that a history goes on to.
func (g *graph) parents(n int32) []int32 {
	if len(g.shallow) > 0 && g.shallow[n] {
		return nil
	}
	return g.commits[n].parents
}

// reach marks the commits reachable from the tips, themselves included. Parents have lower numbers than
// their children, so that one pass from above finds all.
func (g *graph) reach(tips []int32) (reached []bool) {
	reached = make([]bool, len(g.commits))
	for _, tip := range tips {
		reached[tip] = true
	}
	for n := int32(len(reached)) - 1; n >= 0; n-- {
		if reached[n] {
			for _, p := range g.parents(n) {
				reached[p] = true
			}
		}
	}
	return reached
}

// order lists the commits reachable from include and not from exclude as git log --date-order does: no
// parent before all of its children, and the newest first among those that may come. So the dates are
// not monotone.
func (g *graph) order(include, exclude []int32) []int32 {
	in, children := g.reach(include), make([]int32, len(g.commits))
	for n, excluded := range g.reach(exclude) {
		in[n] = in[n] && !excluded
		if in[n] {
			for _, p := range g.parents(int32(n)) {
				children[p]++
			}
		}
	}
	ready, list := &byDate{graph: g}, []int32{}
	for n, ok := range in {
		if ok && children[n] == 0 {
			heap.Push(ready, int32(n))
		}
	}
	for len(ready.list) > 0 {
		n := heap.Pop(ready).(int32)
		list = append(list, n)
		for _, p := range g.parents(n) {
			if children[p]--; children[p] == 0 && in[p] {
				heap.Push(ready, p)
			}
		}
	}
	return list
}

// byDate is a heap of commits with the newest on top; of two equally new ones, the later number.
type byDate struct {
	graph *graph
	list  []int32
}

func (h *byDate) Len() int      { return len(h.list) }
func (h *byDate) Swap(i, j int) { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *byDate) Push(n any)    { h.list = append(h.list, n.(int32)) }

func (h *byDate) Less(i, j int) bool {
	a, b := h.list[i], h.list[j]
	if x, y := h.graph.commits[a].date, h.graph.commits[b].date; x != y {
		return x > y
	}
	return a > b
}

func (h *byDate) Pop() any {
	last := len(h.list) - 1
	n := h.list[last]
	h.list = h.list[:last]
	return n
}
