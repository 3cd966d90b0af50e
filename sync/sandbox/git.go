package sandbox

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A gitDirectory is the source of a repository that is served from a git directory.
type gitDirectory struct {
	dir string

	mu    sync.Mutex    // one look at a time
	refs  string        // as last read
	known map[hash]bool // all heads so far, whose commits were read
}

// A gitState is what a look at a git directory found.
type gitState struct {
	refs     string
	main     string // the branch of HEAD; "" where it does not exist
	branches map[string]hash
	commits  []gitCommit // new ones, parents first
}

// AddGit serves the history of a git directory, bare or with a work tree, as a repository. An empty slug
// is made from the directory's name. Its default branch is the one HEAD names. Each listing looks at the
// branches again, so that a push to the directory is seen; what a forced push drops resolves until GC,
// as on Bitbucket. Commits are all that is read. A shallow clone is refused, because its history is cut.
func (w *Workspace) AddGit(dir, slug string) (r *Repository, err error) {
	g := &gitDirectory{known: map[hash]bool{}}
	if g.dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	if resolved, err := filepath.EvalSymlinks(g.dir); err == nil {
		g.dir = resolved
	}
	state, err := g.open()
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if slug == "" {
		slug = w.unused(slugOf(g.dir))
	} else if w.find(slug) != nil {
		return nil, fmt.Errorf("serve %s: repository %s/%s exists", dir, w.slug, slug)
	}
	r = w.add(slug)
	r.git = g
	if err := r.adopt(state); err != nil {
		w.remove(r)
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	r.backdate()
	return r, nil
}

// open takes the first look.
func (g *gitDirectory) open() (*gitState, error) {
	switch shallow, err := g.text("rev-parse", "--is-shallow-repository"); {
	case err != nil:
		return nil, err
	case strings.TrimSpace(shallow) == "true":
		return nil, errors.New("it is a shallow clone, whose history is cut; get the rest with " +
			"git fetch --unshallow")
	}
	return g.look()
}

// backdate makes a repository that was just read as old as its commits.
func (r *Repository) backdate() {
	for i, c := range r.graph.commits {
		t := time.Unix(c.date, 0).UTC()
		if i == 0 || t.Before(r.created) {
			r.created = t
		}
		if i == 0 || t.After(r.updated) {
			r.updated = t
		}
	}
}

// slugOf makes a slug of a directory's name, in the letters that Bitbucket allows.
func slugOf(dir string) string {
	name := filepath.Base(dir)
	if name == ".git" {
		name = filepath.Base(filepath.Dir(dir))
	}
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, strings.TrimSuffix(strings.ToLower(name), ".git"))
	if slug = strings.Trim(slug, "-"); slug == "" {
		return "repository"
	}
	return slug
}

// unused returns the slug, with a number if it is taken.
func (w *Workspace) unused(slug string) string {
	try := slug
	for n := 2; w.find(try) != nil; n++ {
		try = slug + "-" + strconv.Itoa(n)
	}
	return try
}

// refreshGit looks again at the git directories that a listing shows.
func (s *Server) refreshGit(q *request) (err error) {
	if q.kind != Listing {
		return nil
	}
	s.mu.RLock()
	w := s.workspace(q.segments[1])
	s.mu.RUnlock()
	if w == nil {
		return nil
	}
	for _, r := range w.Repositories() {
		if r.git != nil {
			err = errors.Join(err, r.refresh())
		}
	}
	return err
}

func (r *Repository) refresh() error {
	r.git.mu.Lock()
	defer r.git.mu.Unlock()
	state, err := r.git.look()
	if err != nil || state.refs == r.git.refs {
		return err
	}
	r.pushed(func() { err = r.adopt(state) })
	return err
}

// adopt takes over what a look found.
func (r *Repository) adopt(state *gitState) error {
	for _, c := range state.commits {
		parents := make([]int32, len(c.parents))
		for i, p := range c.parents {
			n, ok := r.graph.byHash[p]
			if !ok {
				return fmt.Errorf("commit %s: its parent %s is missing", c.hash, p)
			}
			parents[i] = n
		}
		made := commit{hash: c.hash, date: c.date, parents: parents, message: c.message}
		r.graph.add(made, person{raw: c.author})
	}
	r.branches = map[string]int32{}
	for name, h := range state.branches {
		r.branches[name] = r.graph.byHash[h]
		r.git.known[h] = true
	}
	r.graph.revive(r.heads())
	r.main, r.git.refs = state.main, state.refs
	if r.main == "" {
		r.main = likelyMain(r.branches)
	}
	return nil
}

// likelyMain chooses the default branch where HEAD names none that exists, as Bitbucket has to when the
// first branch is pushed.
func likelyMain(branches map[string]int32) string {
	for _, name := range append([]string{"main", "master"}, slices.Sorted(maps.Keys(branches))...) {
		if _, ok := branches[name]; ok {
			return name
		}
	}
	return "main"
}
