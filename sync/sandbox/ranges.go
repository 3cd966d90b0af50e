package sandbox

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
)

// A commitRange is what some commits reach and others do not. Its name is the parameter ctx of the
// pages after the first, so that pushes do not shift them.
type commitRange struct {
	name             string
	include, exclude []int32
	commits          []int32 // in order, while the range is ranges.listed
}

// ranges keeps the ranges of a repository. The commits are kept of one range alone, because a client
// reads one at a time; those of another are listed again when its next page is asked for.
type ranges struct {
	byName map[string]*commitRange
	listed *commitRange // nil: none
}

// get returns the range of these commits.
func (rs *ranges) get(include, exclude []int32) *commitRange {
	sum := sha1.Sum(fmt.Appendf(nil, "%v %v", include, exclude))
	name := hex.EncodeToString(sum[:16])
	if rs.byName[name] == nil {
		rs.byName[name] = &commitRange{name: name, include: include, exclude: exclude}
	}
	return rs.byName[name]
}

// list returns the commits of a range in order.
func (rs *ranges) list(g *graph, rng *commitRange) []int32 {
	if rs.listed != rng {
		rng.commits = g.order(rng.include, rng.exclude)
		rs.drop()
		rs.listed = rng
	}
	return rng.commits
}

// drop forgets the list, which a change of what the graph leads to makes wrong.
func (rs *ranges) drop() {
	if rs.listed != nil {
		rs.listed.commits = nil
	}
	rs.listed = nil
}
