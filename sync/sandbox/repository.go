package sandbox

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"maps"
	"time"
)

// A Repository is one git repository with its branches.
type Repository struct {
	s         *Server
	workspace *Workspace

	uuid, slug, name, project string
	parent                    *Repository // of a fork
	public                    bool
	created, updated          time.Time
	forbidden                 int // see Forbid; 0: served

	graph    *graph
	main     string // the default branch; it may be missing from branches
	branches map[string]int32
	broken   map[int32]bool // see BrokenCommit
	withheld map[int32]bool // see WithholdRow
	made     int            // commits made here; no two get the same hash
	ranges   map[string]*commitRange
	git      *gitDirectory // nil: made by hand
}

// A Change is what a commit is made of; everything may be left out.
type Change struct {
	Author  string    // "Name <e-mail>", or any text
	Account string    // the UUID of the author's account; empty: none
	App     bool      // the account is an app's
	Date    time.Time // the committer's; zero: the server's clock
	Message string
	Parents []string // hashes; nil: the head of the branch
}

// pushed runs f, which moves branches, and moves updated_on as Bitbucket does on any push: by a
// microsecond at least, because it must differ after each push.
func (r *Repository) pushed(f func()) {
	r.s.change(func() {
		f()
		r.touch()
	})
}

// touch moves updated_on.
func (r *Repository) touch() {
	now := r.s.now().UTC().Truncate(time.Microsecond)
	if !now.After(r.updated) {
		now = r.updated.Add(time.Microsecond)
	}
	r.updated = now
}

// Commit adds a commit to the branch, which is made if need be, and returns its hash.
func (r *Repository) Commit(branch string, c Change) (hash string) {
	r.pushed(func() { hash = r.hashAt(r.commit(branch, c)) })
	return hash
}

// Commits adds n commits to the branch, a minute apart up to now and each in a push of its own, and returns
// their hashes, the oldest first. A million takes some seconds.
func (r *Repository) Commits(branch string, n int) []string {
	hashes := make([]string, n)
	for i := range hashes {
		date := r.s.now().Add(time.Duration(i-n) * time.Minute)
		hashes[i] = r.Commit(branch, Change{Date: date})
	}
	return hashes
}

// Merge merges the branch from into the branch into, whichever way their histories go.
func (r *Repository) Merge(into, from string, c Change) string {
	if c.Message == "" {
		c.Message = fmt.Sprintf("Merged in %s\n", from)
	}
	c.Parents = []string{r.Hash(into), r.Hash(from)}
	return r.Commit(into, c)
}

// commit adds a commit and moves the branch to it.
func (r *Repository) commit(branch string, c Change) int32 {
	r.made++
	if c.Author == "" {
		c.Author = "Ada Sandbox <ada@sandbox.example>"
	}
	if c.Date.IsZero() {
		c.Date = r.s.now()
	}
	if c.Message == "" {
		c.Message = fmt.Sprintf("change %d\n", r.made)
	}
	parents := make([]int32, 0, 1)
	if head, ok := r.branches[branch]; ok && c.Parents == nil {
		parents = append(parents, head)
	}
	for _, h := range c.Parents {
		parents = append(parents, r.number(h))
	}
	n := r.add(c, parents)
	r.branches[branch] = n
	return n
}

// add adds a commit whose hash follows from its content, its place, and nothing else.
func (r *Repository) add(c Change, parents []int32) int32 {
	seed := sha1.Sum(fmt.Appendf(nil, "%s %d", r.uuid, r.made))
	made := commit{
		date: c.Date.Unix(), author: c.Author, account: c.Account, app: c.App, parents: parents,
		message: c.Message, seed: binary.BigEndian.Uint64(seed[:]),
	}
	object := r.graph.object(&made)
	made.hash = sha1.Sum(fmt.Appendf(nil, "commit %d\x00%s", len(object), object))
	return r.graph.add(made)
}

// number resolves a hash that must exist.
func (r *Repository) number(hash string) int32 {
	n, ok := r.graph.find(hash)
	if !ok {
		panic(fmt.Sprintf("sandbox: no commit %q in %s", hash, r.fullName()))
	}
	return n
}

// head resolves a branch that must exist.
func (r *Repository) head(branch string) int32 {
	head, ok := r.branches[branch]
	if !ok {
		panic(fmt.Sprintf("sandbox: no branch %q in %s", branch, r.fullName()))
	}
	return head
}

// Hash returns the head of a branch.
func (r *Repository) Hash(branch string) string {
	return read(r.s, func() string { return r.hashAt(r.head(branch)) })
}

func (r *Repository) hashAt(n int32) string { return r.graph.commits[n].hash.String() }

func (r *Repository) fullName() string { return r.workspace.slug + "/" + r.slug }

// UUID returns the repository's identifier, with braces.
func (r *Repository) UUID() string { return r.uuid }

// Slug returns the repository's slug.
func (r *Repository) Slug() string { return read(r.s, func() string { return r.slug }) }

// SetName gives the repository a name other than its slug.
func (r *Repository) SetName(name string) { r.s.change(func() { r.name = name }) }

// SetProject puts the repository into the project with that key.
func (r *Repository) SetProject(key string) { r.s.change(func() { r.project = key }) }

// SetPublic makes the repository public or private, which it is at first. A request without a credential
// sees what is public.
func (r *Repository) SetPublic(on bool) { r.s.change(func() { r.public = on }) }

// SetUpdatedOn sets updated_on; the next push moves it again.
func (r *Repository) SetUpdatedOn(t time.Time) { r.s.change(func() { r.updated = t.UTC() }) }

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
		r.workspace.remove(r)
		r.workspace = to
		to.repositories = append(to.repositories, r)
	})
}

// Delete removes the repository.
func (r *Repository) Delete() { r.s.change(func() { r.workspace.remove(r) }) }

// Fork makes a fork with the history as it is now.
func (r *Repository) Fork(to *Workspace, slug string) (fork *Repository) {
	r.s.change(func() {
		fork = to.add(slug)
		fork.parent, fork.project = r, r.project
		fork.graph, fork.main, fork.branches = r.graph.clone(), r.main, maps.Clone(r.branches)
	})
	return fork
}
