package sandbox

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
)

// A commitRange is what some commits reach and others do not. Its name is the parameter ctx of
// the pages after the first.
type commitRange struct {
	name             string
	include, exclude []int32
	once             sync.Once
	commits          []int32 // in order, once somebody asked
}

// ranges keeps the ranges of a repository, and the lists of those used last: a page is a slice.
type ranges struct {
	mu     sync.Mutex
	byName map[string]*commitRange
	recent []*commitRange
}

// These bound the lists of one repository, and the commits they hold together; a list that was
// dropped is made again when its next page is asked for.
const (
	maxLists  = 256
	maxListed = 4 << 20
)

// define returns the range of these commits.
func (rs *ranges) define(include, exclude []int32) *commitRange {
	sum := sha1.Sum(fmt.Appendf(nil, "%v %v", include, exclude))
	name := hex.EncodeToString(sum[:16])
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rng := rs.byName[name]; rng != nil {
		return rng
	}
	if rs.byName == nil {
		rs.byName = map[string]*commitRange{}
	}
	rng := &commitRange{name: name, include: include, exclude: exclude}
	rs.byName[name] = rng
	return rng
}

func (rs *ranges) named(ctx string) *commitRange {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.byName[ctx]
}

// list returns the commits of a range in order.
func (rs *ranges) list(g *graph, rng *commitRange) []int32 {
	rng.once.Do(func() { rng.commits = g.order(rng.include, rng.exclude) })
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if i := slices.Index(rs.recent, rng); i >= 0 {
		rs.recent = slices.Delete(rs.recent, i, i+1)
	}
	rs.recent = append(rs.recent, rng)
	rs.forget()
	return rng.commits
}

// forget drops the lists used longest ago, but never the last one.
func (rs *ranges) forget() {
	total := 0
	for _, rng := range rs.recent {
		total += len(rng.commits)
	}
	for (total > maxListed || len(rs.recent) > maxLists) && len(rs.recent) > 1 {
		old := rs.recent[0]
		total -= len(old.commits)
		rs.byName[old.name] = &commitRange{name: old.name, include: old.include, exclude: old.exclude}
		rs.recent = rs.recent[1:]
	}
}
