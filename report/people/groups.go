package people

import "cmp"

// Groups joins things into groups: it is a union-find. A group is known by its least member, so that the
// result does not depend on the order of joins. What was never joined is a group of its own.
type Groups[K cmp.Ordered] struct{ parent map[K]K }

// Find returns the least member of the group that k is in.
func (g *Groups[K]) Find(k K) K {
	root := k
	for {
		up, joined := g.parent[root]
		if !joined {
			break
		}
		root = up
	}
	for k != root { // shorten the path for the next time
		k, g.parent[k] = g.parent[k], root
	}
	return root
}

// Join makes one group of the groups of a and b.
func (g *Groups[K]) Join(a, b K) {
	a, b = g.Find(a), g.Find(b)
	if a == b {
		return
	}
	if g.parent == nil {
		g.parent = map[K]K{}
	}
	g.parent[max(a, b)] = min(a, b)
}
