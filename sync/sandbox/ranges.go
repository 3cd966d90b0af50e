package sandbox

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"sync"
)

// A commitRange is what some commits reach and others do not. Its name is the parameter ctx of the
// pages after the first, so that pushes do not shift them.
type commitRange struct {
	name             string
	include, exclude []int32
	commits          []int32 // in order; nil: not listed
}

// ranges keeps the ranges of a repository, and the lists of commits of those that were asked for.
type ranges struct {
	mu     sync.Mutex
	byName map[string]*commitRange
	listed int // commits in all lists
}

// maxListed bounds the lists of one repository, in commits. Above it all are dropped; a list is made
// again when the next page of its range is asked for.
const maxListed = 4 << 20

// get returns the range of these commits.
func (rs *ranges) get(include, exclude []int32) *commitRange {
	sum := sha1.Sum(fmt.Appendf(nil, "%v %v", include, exclude))
	name := hex.EncodeToString(sum[:16])
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.byName[name] == nil {
		rs.byName[name] = &commitRange{name: name, include: include, exclude: exclude}
	}
	return rs.byName[name]
}

// named returns the range with that name, or nil.
func (rs *ranges) named(ctx string) *commitRange {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.byName[ctx]
}

// list returns the commits of a range in order.
func (rs *ranges) list(g *graph, rng *commitRange) []int32 {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rng.commits == nil {
		if rs.listed > maxListed {
			rs.drop()
		}
		rng.commits = g.order(rng.include, rng.exclude)
		rs.listed += len(rng.commits)
	}
	return rng.commits
}

// drop forgets all lists, which a change of the graph does too.
func (rs *ranges) drop() {
	for _, other := range rs.byName {
		other.commits = nil
	}
	rs.listed = 0
}
