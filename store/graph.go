package store

import (
	"bytes"
	"slices"
)

// A graph is what the records of one repository say of each other, about 60 bytes a commit. When all
// are added it is to be sorted, and then to be asked.
type graph struct {
	nodes   []node // by hash
	parents []Hash

	digest factDigest // of all commits that are no boundaries
}

type node struct {
	hash     Hash
	boundary bool
	first    uint32 // where its parents begin
	count    uint32
}

func (g *graph) add(h Hash, r *record) {
	parents := r.parentHashes()
	g.nodes = append(g.nodes, node{h, r.boundary, uint32(len(g.parents)), uint32(len(parents))})
	g.parents = append(g.parents, parents...)
	if !r.boundary {
		g.digest.add(fact{r.date, r.author, r.isMerge()})
	}
}

func (g *graph) sort() {
	slices.SortFunc(g.nodes, func(a, b node) int { return bytes.Compare(a.hash[:], b.hash[:]) })
}

// index finds a stored commit.
func (g *graph) index(h Hash) (int, bool) {
	return slices.BinarySearchFunc(g.nodes, h, func(n node, h Hash) int {
		return bytes.Compare(n.hash[:], h[:])
	})
}

func (g *graph) parentsOf(i int) []Hash {
	n := &g.nodes[i]
	return g.parents[n.first:][:n.count]
}

// needs returns the parents that must be stored for commit i to be complete: a boundary's need not.
func (g *graph) needs(i int) []Hash {
	if g.nodes[i].boundary {
		return nil
	}
	return g.parentsOf(i)
}

// roots are the ends of the graph: the commits without parents, and the boundaries.
func (g *graph) roots() (hashes []Hash) {
	for _, n := range g.nodes {
		if n.count == 0 || n.boundary {
			hashes = append(hashes, n.hash)
		}
	}
	return hashes
}

// missing returns the needed parents that are not stored, in the order of their children.
func (g *graph) missing() (hashes []Hash) {
	seen := map[Hash]bool{}
	for i := range g.nodes {
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
	marked := make([]bool, len(g.nodes))
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
			if g.nodes[i].boundary {
				behind = append(behind, g.parentsOf(i)...)
			}
		}
	}
	for len(behind) > 0 {
		h := behind[len(behind)-1]
		behind = behind[:len(behind)-1]
		if i, ok := g.index(h); ok && !marked[i] {
			marked[i] = true
			reached++
			behind = append(behind, g.parentsOf(i)...)
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
