package sandbox

import (
	"fmt"
	"maps"
	"slices"
)

// Push sets the branch to a commit that exists; the branch is made if need be. It may be a step back or
// aside as well, which Bitbucket does not tell a reader.
func (r *Repository) Push(branch, hash string) {
	r.pushed(func() { r.branches[branch] = r.number(hash) })
}

// ForcePush replaces the last n commits of the branch by as many others, and returns their hashes. The
// old ones still resolve until GC.
func (r *Repository) ForcePush(branch string, n int) []string {
	r.Rewind(branch, n)
	return r.Commits(branch, n)
}

// Rewind takes the branch n commits back along first parents.
func (r *Repository) Rewind(branch string, n int) {
	r.pushed(func() {
		head := r.head(branch)
		for range n {
			parents := r.graph.parents(head)
			if len(parents) == 0 {
				panic(fmt.Sprintf("sandbox: branch %q is shorter than %d commits", branch, n))
			}
			head = parents[0]
		}
		r.branches[branch] = head
	})
}

// RenameBranch renames a branch, and the default branch with it.
func (r *Repository) RenameBranch(from, to string) {
	r.pushed(func() {
		r.branches[to] = r.head(from)
		delete(r.branches, from)
		if r.main == from {
			r.main = to
		}
	})
}

// SwitchBranch makes another branch the default one. While that branch does not exist, the listing says
// that there is no default branch.
func (r *Repository) SwitchBranch(name string) { r.pushed(func() { r.main = name }) }

// Head returns the head of the default branch, or "" where there is none.
func (r *Repository) Head() string {
	return read(r.s, func() string {
		if head, ok := r.branches[r.main]; ok {
			return r.hashAt(head)
		}
		return ""
	})
}

// MainBranch returns the name of the default branch.
func (r *Repository) MainBranch() string { return read(r.s, func() string { return r.main }) }

// Branches returns the names of the branches, sorted.
func (r *Repository) Branches() []string {
	return read(r.s, func() []string { return slices.Sorted(maps.Keys(r.branches)) })
}

// Reachable returns the hashes of a branch in the order they are listed; "" is the default branch.
func (r *Repository) Reachable(branch string) (hashes []string) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if branch == "" {
		branch = r.main
	}
	if head, ok := r.branches[branch]; ok {
		for _, n := range r.graph.order([]int32{head}, nil) {
			hashes = append(hashes, r.hashAt(n))
		}
	}
	return hashes
}

// GC forgets the commits that no branch reaches: they no longer resolve.
func (r *Repository) GC() { r.s.change(r.collect) }

// collect marks the commits that no branch reaches.
func (r *Repository) collect() {
	for n, kept := range r.graph.reach(r.heads()) {
		if !kept {
			r.graph.gone[int32(n)] = true
		}
	}
}

// heads returns the commits that branches name.
func (r *Repository) heads() []int32 { return slices.Collect(maps.Values(r.branches)) }
