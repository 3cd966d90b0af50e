package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A gitDirectory is the source of a repository that is served from a git directory.
type gitDirectory struct {
	dir   string
	refs  string        // as last read
	known map[hash]bool // the heads so far, whose commits were read
}

// AddGit serves the history of a git directory, bare or with a work tree, as a repository. An empty slug
// is made from the directory's name. Its default branch is the one HEAD names. Each listing looks at the
// branches again, so that a push to the directory is seen; what a forced push drops resolves until GC,
// as on Bitbucket. Commits are all that is read. A shallow clone is refused, because its history is cut.
func (w *Workspace) AddGit(dir, slug string) (r *Repository, err error) {
	g := &gitDirectory{known: map[hash]bool{}}
	if g.dir, err = filepath.Abs(dir); err == nil {
		g.dir, err = filepath.EvalSymlinks(g.dir)
	}
	if err == nil {
		err = g.refuseShallow()
	}
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	if slug == "" {
		slug = w.unusedSlug(g.dir)
	} else if w.find(slug) != nil {
		return nil, fmt.Errorf("serve %s: repository %s/%s exists", dir, w.slug, slug)
	}
	r = w.add(slug)
	r.git = g
	if err := r.readGit(); err != nil {
		w.remove(r)
		return nil, fmt.Errorf("serve %s: %w", dir, err)
	}
	r.backdate()
	return r, nil
}

// refuseShallow refuses a clone that is cut. git shows its oldest commits as roots, so that its history would
// look whole.
func (g *gitDirectory) refuseShallow() error {
	answer, err := g.run("", "rev-parse", "--is-shallow-repository")
	if err == nil && strings.TrimSpace(answer) == "true" {
		err = errors.New("a shallow clone lacks a part of its history: run git fetch --unshallow in it")
	}
	return err
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

// unusedSlug makes a slug of a directory's name, in the letters that Bitbucket allows, with a number if
// the slug is taken.
func (w *Workspace) unusedSlug(dir string) string {
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
		slug = "repository"
	}
	unused := slug
	for n := 2; w.find(unused) != nil; n++ {
		unused = slug + "-" + strconv.Itoa(n)
	}
	return unused
}

// refreshGit looks again at the git directories that a listing shows.
func (s *Server) refreshGit(q *request) (err error) {
	if q.kind != Listing {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.workspace(q.segments[1]); w != nil {
		for _, r := range w.repositories {
			if r.git != nil {
				err = errors.Join(err, r.readGit())
			}
		}
	}
	return err
}
