package store

import (
	"bytes"
	"slices"
)

// A graph is what the records of one repository say of each other, about 50 bytes a commit. It is
// filled in hash order.
type graph struct {
	hashes     []Hash
	boundaries []bool
	first      []int // where the parents of a commit begin; one more than there are commits
	parents    []Hash

	digest factDigest // of all commits that are no boundaries
}

func newGraph() *graph { return &graph{first: []int{0}} }

func (g *graph) add(h Hash, r *record) {
	g.hashes = append(g.hashes, h)
	g.boundaries = append(g.boundaries, r.boundary)
	g.parents = append(g.parents, r.parentHashes()...)
	g.first = append(g.first, len(g.parents))
	if !r.boundary {
		g.digest.add(fact{r.date, r.author, r.isMerge()})
	}
}

// index finds a stored commit.
func (g *graph) index(h Hash) (int, bool) {
	return slices.BinarySearchFunc(g.hashes, h, func(a, b Hash) int {
		return bytes.Compare(a[:], b[:])
	})
}

// needs returns the parents that must be stored for commit i to be complete: a boundary's need not.
func (g *graph) needs(i int) []Hash {
	if g.boundaries[i] {
		return nil
	}
	return g.parents[g.first[i]:g.first[i+1]]
}

// missing returns the needed parents that are not stored, in the order of their children.
func (g *graph) missing() (hashes []Hash) {
	seen := map[Hash]bool{}
	for i := range g.hashes {
		for _, parent := range g.needs(i) {
			if _, ok := g.index(parent); !ok && !seen[parent] {
				seen[parent] = true
				hashes = append(hashes, parent)
			}
		}
	}
	return hashes
}

// mark follows parents from a commit. It returns how many stored commits that reaches, those behind
// boundaries included, and what it needs and is not stored: from itself perhaps. Behind a boundary
// nothing is needed: while a walk fetches what a lowered floor lays open, that has holes, and what
// is wanted says which.
func (g *graph) mark(from Hash) (reached int, missing []Hash) {
	marked := make([]bool, len(g.hashes))
	lost := map[Hash]bool{}
	var behind []Hash // parents of boundaries
	for queue := []Hash{from}; len(queue) > 0; {
		h := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		i, ok := g.index(h)
		switch {
		case !ok && !lost[h]:
			lost[h] = true
			missing = append(missing, h)
		case ok && !marked[i]:
			marked[i] = true
			reached++
			queue = append(queue, g.needs(i)...)
			if g.boundaries[i] {
				behind = append(behind, g.parents[g.first[i]:g.first[i+1]]...)
			}
		}
	}
	for len(behind) > 0 {
		h := behind[len(behind)-1]
		behind = behind[:len(behind)-1]
		if i, ok := g.index(h); ok && !marked[i] {
			marked[i] = true
			reached++
			behind = append(behind, g.parents[g.first[i]:g.first[i+1]]...)
		}
	}
	return reached, missing
}

// A factDigest is the same for the same facts in whatever order, and with near certainty for
// no others.
type factDigest struct {
	count    int
	sum, mix uint64
}

func (d *factDigest) add(f fact) {
	v := uint64(f.author) << 1
	if f.merge {
		v |= 1
	}
	h := scramble(scramble(uint64(f.date)) ^ v)
	d.count++
	d.sum += h
	d.mix += scramble(h)
}

// scramble is the finalizer of splitmix64: every bit of v changes half of the bits.
func scramble(v uint64) uint64 {
	v += 0x9e3779b97f4a7c15
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}
