package sandbox

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"time"
)

// A Repository is one git repository with its refs. Its methods may be called while it is served.
type Repository struct {
	s         *Server
	workspace *Workspace

	uuid, slug, name, project string
	parent                    *Repository // of a fork
	public                    bool
	created, updated          time.Time
	stale                     bool // pushes do not move updated
	forbidden                 int  // the status of everything but the listing; 0: served

	graph    *graph
	main     string // the default branch; it may be missing from branches
	branches map[string]int32
	tags     map[string]int32
	hidden   map[int32]bool // advertised, not resolved by lists of commits
	made     int            // commits made here; no two get the same hash
	ranges   ranges
	git      *gitDirectory // nil: made by hand
}

// A Change is what a commit is made of; everything may be left out.
type Change struct {
	Author  string    // "Name <e-mail>", or any text
	Account *User     // the author's account; nil: the one the e-mail is linked to
	Date    time.Time // the committer's; zero: the server's clock
	Message string
	Parents []string // hashes; nil: the head of the branch
}

// change runs f as one step that no request sees half done.
func (s *Server) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// pushed runs f, which moves refs, and moves updated_on as Bitbucket does on any push.
func (r *Repository) pushed(f func()) {
	r.s.change(func() {
		f()
		r.touch()
	})
}

// touch moves updated_on forward, by a microsecond at least: it must differ after each push.
func (r *Repository) touch() {
	if r.stale {
		return
	}
	now := r.s.now().UTC().Truncate(time.Microsecond)
	if !now.After(r.updated) {
		now = r.updated.Add(time.Microsecond)
	}
	r.updated = now
}

// Commit adds a commit to the branch, which is made if need be, and returns its hash.
func (r *Repository) Commit(branch string, c Change) string {
	var h string
	r.pushed(func() {
		n := r.commit(branch, c)
		h = r.graph.hashes[n].String()
		r.branches[branch] = n
	})
	return h
}

// Commits adds n commits to the branch, a minute apart up to now, and returns their hashes.
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

func (r *Repository) commit(branch string, c Change) int32 {
	if c.Author == "" {
		c.Author = "Ada Sandbox <ada@sandbox.example>"
	}
	if c.Date.IsZero() {
		c.Date = r.s.now()
	}
	r.made++
	if c.Message == "" {
		c.Message = fmt.Sprintf("change %d\n", r.made)
	}
	e := entry{
		date: c.Date.Unix(), author: person{c.Author, c.Account}, message: c.Message,
		parents: r.parentNumbers(branch, c.Parents),
	}
	e.hash = r.hashOf(e)
	return r.graph.add(e)
}

func (r *Repository) parentNumbers(branch string, hashes []string) []int32 {
	if hashes == nil {
		if head, ok := r.branches[branch]; ok {
			return []int32{head}
		}
		return nil
	}
	numbers := make([]int32, len(hashes))
	for i, h := range hashes {
		numbers[i] = r.number(h)
	}
	return numbers
}

// hashOf makes a hash that follows from the content, the place, and nothing else.
func (r *Repository) hashOf(e entry) hash {
	h := sha1.New()
	fmt.Fprintf(h, "%s %d %s\n", r.uuid, r.made, e.author.raw)
	for _, p := range e.parents {
		h.Write(r.graph.hashes[p][:])
	}
	binary.Write(h, binary.BigEndian, e.date)
	h.Write([]byte(e.message))
	return hash(h.Sum(nil))
}

// number resolves a hash the caller must know to exist.
func (r *Repository) number(h string) int32 {
	n, ok := r.graph.find(h)
	if !ok {
		panic(fmt.Sprintf("sandbox: no commit %q in %s", h, r.fullName()))
	}
	return n
}

// Push sets the branch to a commit there is; the branch is made if need be. It may be a step
// back or aside as well: Bitbucket, too, does not tell a reader.
func (r *Repository) Push(branch, hash string) {
	r.pushed(func() { r.branches[branch] = r.number(hash) })
}

// ForcePush replaces the last n commits of the branch by as many others, and returns their
// hashes. The old ones still resolve until GC.
func (r *Repository) ForcePush(branch string, n int) []string {
	r.Rewind(branch, n)
	return r.Commits(branch, n)
}

// Rewind takes the branch n commits back along first parents.
func (r *Repository) Rewind(branch string, n int) {
	r.pushed(func() {
		head := r.head(branch)
		for range n {
			if head = r.graph.first[head]; head < 0 {
				panic(fmt.Sprintf("sandbox: branch %q is shorter than %d commits", branch, n))
			}
		}
		r.branches[branch] = head
	})
}

func (r *Repository) head(branch string) int32 {
	head, ok := r.branches[branch]
	if !ok {
		panic(fmt.Sprintf("sandbox: no branch %q in %s", branch, r.fullName()))
	}
	return head
}

func (r *Repository) fullName() string { return r.workspace.slug + "/" + r.slug }
