package store

import (
	"context"
	"slices"
)

// A Graph is what the records of one repository say of each other, about 60 bytes a commit. A commit is found
// by binary search: a map from hashes would need as much memory again.
type Graph struct {
	nodes   []node // by hash
	parents []Hash
}

// A node is a record without its author and its message.
type node struct {
	hash     Hash
	boundary bool
	date     int64
	first    uint32 // where its parents begin
	count    uint32
}

// graphChunk is how many records one transaction of Graph reads, so that neither writers nor an
// interrupt wait for long: these take about 15 ms.
const graphChunk = 20_000

// Graph reads the graph of a repository in transactions of bounded length. The caller holds the
// lock of a sync, so that nothing changes in between.
func (db *DB) Graph(ctx context.Context, uuid UUID) (*Graph, error) {
	g := &Graph{}
	for from, more := (Hash{}), true; more; {
		err := db.View(ctx, func(tx *Tx) (err error) {
			from, more, err = tx.readGraph(g, uuid, from)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return g, nil
}

// readGraph adds the records from a hash on to g. It returns the hash to go on from, if there are more.
func (tx *Tx) readGraph(g *Graph, uuid UUID, from Hash) (next Hash, more bool, err error) {
	read := 0
	for r, err := range tx.records(uuid, from) {
		if err != nil || read == graphChunk {
			return r.hash, true, err
		}
		g.add(&r)
		read++
	}
	return Hash{}, false, nil
}

// add appends a record; records come in the order of their hashes, which index relies on.
func (g *Graph) add(r *record) {
	parents := r.parentHashes()
	g.nodes = append(g.nodes, node{r.hash, r.boundary, r.date, uint32(len(g.parents)), uint32(len(parents))})
	g.parents = append(g.parents, parents...)
}

// index finds a stored commit.
func (g *Graph) index(h Hash) (int, bool) {
	return slices.BinarySearchFunc(g.nodes, h, func(n node, h Hash) int { return CompareHashes(n.hash, h) })
}

func (g *Graph) parentsOf(i int) []Hash {
	n := &g.nodes[i]
	return g.parents[n.first:][:n.count]
}

// A Marking is what Mark found.
type Marking struct {
	Missing    []Hash // reached, and not stored although no boundary hides them
	Unreached  []Hash // stored, and not reached
	Promotable []Hash // reached boundaries that are not older than the floor
	Roots      []Hash // reached commits without parents, or with a parent that is not stored
}

// Mark follows the stored parents from a commit, which may be missing itself. The parents of a boundary
// older than the floor (seconds since 1970) need not be stored; those that are, are reached.
func (g *Graph) Mark(ctx context.Context, from Hash, floor int64) (m Marking, err error) {
	reached := make([]bool, len(g.nodes))
	missing := map[Hash]bool{}
	queue := []Hash{from}
	for steps := 0; len(queue) > 0; steps++ {
		if steps%(1<<14) == 0 && ctx.Err() != nil {
			return m, ctx.Err()
		}
		h := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		i, stored := g.index(h)
		switch {
		case !stored:
			missing[h] = true
		case reached[i]: // over another child
		default:
			reached[i] = true
			parents := g.parentsOf(i)
			if n := &g.nodes[i]; n.boundary && n.date < floor {
				parents = slices.DeleteFunc(slices.Clone(parents), g.absent)
			}
			queue = append(queue, parents...)
		}
	}
	return g.marking(reached, missing, floor), nil
}

// marking sorts the commits of the graph by what Mark reached. Hashes are in order, so that a result does not
// depend on the order of a map.
func (g *Graph) marking(reached []bool, missing map[Hash]bool, floor int64) (m Marking) {
	for h := range missing {
		m.Missing = append(m.Missing, h)
	}
	slices.SortFunc(m.Missing, CompareHashes)
	for i, n := range g.nodes {
		if !reached[i] {
			m.Unreached = append(m.Unreached, n.hash)
			continue
		}
		if n.boundary && n.date >= floor {
			m.Promotable = append(m.Promotable, n.hash)
		}
		// History ends at a parent that is not stored: beyond a boundary, or at an accepted end.
		if n.count == 0 || slices.ContainsFunc(g.parentsOf(i), g.absent) {
			m.Roots = append(m.Roots, n.hash)
		}
	}
	return m
}

// absent reports whether a commit is not stored, as a boundary either.
func (g *Graph) absent(h Hash) bool {
	_, stored := g.index(h)
	return !stored
}
