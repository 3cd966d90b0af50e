package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// CreateBranch makes a branch that begins at the head of another one.
func (r *Repository) CreateBranch(name, at string) {
	r.pushed(func() { r.branches[name] = r.head(at) })
}

// DeleteBranch removes a branch; its commits still resolve until GC.
func (r *Repository) DeleteBranch(name string) {
	r.pushed(func() {
		r.head(name)
		delete(r.branches, name)
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

// SwitchBranch makes another branch the default one. It need not exist yet.
func (r *Repository) SwitchBranch(name string) { r.pushed(func() { r.main = name }) }

// Tag sets a tag to a commit.
func (r *Repository) Tag(name, hash string) {
	r.pushed(func() { r.tags[name] = r.number(hash) })
}

// Hash returns the head of a branch.
func (r *Repository) Hash(branch string) string {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	return r.graph.hashes[r.head(branch)].String()
}

// Head returns the head of the default branch, or "" in an empty repository.
func (r *Repository) Head() string {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	if head, ok := r.branches[r.main]; ok {
		return r.graph.hashes[head].String()
	}
	return ""
}

// MainBranch returns the name of the default branch.
func (r *Repository) MainBranch() string {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	return r.main
}

// Branches returns the names of the branches, sorted.
func (r *Repository) Branches() []string {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.branches))
}

// Reachable returns the commits of a branch in the order they are listed; "" is the default one.
func (r *Repository) Reachable(branch string) []string {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	if branch == "" {
		branch = r.main
	}
	tip, ok := r.branches[branch]
	if !ok {
		return nil
	}
	list := r.graph.order([]int32{tip}, nil)
	hashes := make([]string, len(list))
	for i, n := range list {
		hashes[i] = r.graph.hashes[n].String()
	}
	return hashes
}

// GC forgets the commits that no branch and no tag reaches: they no longer resolve.
func (r *Repository) GC() {
	r.s.change(r.collect)
}

func (r *Repository) collect() {
	kept := r.graph.reach(r.tips())
	for n := range int32(len(r.graph.hashes)) {
		if !kept.has(n) {
			r.graph.gone[n] = true
		}
	}
}

// tips are the commits that refs name.
func (r *Repository) tips() []int32 {
	tips := slices.Collect(maps.Values(r.branches))
	tips = slices.AppendSeq(tips, maps.Values(r.tags))
	slices.Sort(tips)
	return slices.Compact(tips)
}

// HideFromRange makes a commit that listings go on advertising one that lists of commits cannot
// resolve, as it happens on Bitbucket; Unhide brings it back.
func (r *Repository) HideFromRange(hash string) {
	r.s.change(func() { r.hidden[r.number(hash)] = true })
}

// Unhide takes back HideFromRange.
func (r *Repository) Unhide(hash string) {
	r.s.change(func() { delete(r.hidden, r.number(hash)) })
}

// Forbid answers everything about the repository but its row in the listing with a status, 403
// or 404; 0 takes it back.
func (r *Repository) Forbid(status int) { r.s.change(func() { r.forbidden = status }) }

// SetPublic shows the repository to requests without a credential.
func (r *Repository) SetPublic(on bool) { r.s.change(func() { r.public = on }) }

// SetName gives the repository a name other than its slug.
func (r *Repository) SetName(name string) { r.s.change(func() { r.name = name }) }

// SetProject puts the repository into a project.
func (r *Repository) SetProject(key string) { r.s.change(func() { r.project = key }) }

// SetUpdatedOn sets updated_on, and the next push moves it again.
func (r *Repository) SetUpdatedOn(t time.Time) { r.s.change(func() { r.updated = t.UTC() }) }

// FreezeUpdatedOn keeps pushes from moving updated_on, as imported repositories have it.
func (r *Repository) FreezeUpdatedOn(on bool) { r.s.change(func() { r.stale = on }) }

// UUID returns the repository's identifier, with braces.
func (r *Repository) UUID() string { return r.uuid }

// Slug returns the repository's slug.
func (r *Repository) Slug() string {
	r.s.mu.RLock()
	defer r.s.mu.RUnlock()
	return r.slug
}

// Rename changes the slug and the name; the old slug is not found any more.
func (r *Repository) Rename(slug string) {
	r.s.change(func() {
		if r.workspace.find(slug) != nil {
			panic(fmt.Sprintf("sandbox: repository %s/%s exists", r.workspace.slug, slug))
		}
		r.slug, r.name = slug, slug
	})
}

// Transfer moves the repository, with its UUID, to another workspace.
func (r *Repository) Transfer(to *Workspace) {
	r.s.change(func() {
		r.remove()
		r.workspace = to
		to.repositories = append(to.repositories, r)
	})
}

// Delete removes the repository.
func (r *Repository) Delete() { r.s.change(r.remove) }

func (r *Repository) remove() {
	list := r.workspace.repositories
	i := slices.Index(list, r)
	if i < 0 {
		panic("sandbox: " + r.fullName() + " is deleted already")
	}
	r.workspace.repositories = slices.Delete(slices.Clone(list), i, i+1)
}

// Recreate deletes the repository and makes an empty one under the same slug, with a new UUID.
func (r *Repository) Recreate() *Repository {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	r.remove()
	return r.workspace.add(r.slug, newGraph(0))
}

// Fork makes a fork with the history as it is now.
func (r *Repository) Fork(to *Workspace, slug string) *Repository {
	f := r.Copy(to, slug)
	f.s.change(func() { f.parent = r })
	return f
}

// Copy makes a repository that shares the history as it is now and is not known to be a fork.
func (r *Repository) Copy(to *Workspace, slug string) *Repository {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	c := to.add(slug, r.graph.clone())
	c.main, c.project = r.main, r.project
	c.branches, c.tags = maps.Clone(r.branches), maps.Clone(r.tags)
	return c
}
