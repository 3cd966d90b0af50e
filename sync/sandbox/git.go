package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A gitDirectory is the source of a repository that is served from a git directory.
type gitDirectory struct {
	dir  string
	refs string // as last read
}

// AddGit serves the history of a git directory, bare or with a work tree, as a repository. An empty slug
// is made from the directory's name. Its default branch is the one HEAD names. Each listing looks at the
// branches again, so that a push to the directory is seen; what a forced push drops resolves until GC,
// as on Bitbucket. Commits are all that is read. A shallow clone is refused, because its history is cut.
func (w *Workspace) AddGit(dir, slug string) (r *Repository, err error) {
	g := &gitDirectory{}
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
	if len(r.graph.commits) == 0 {
		return
	}
	byDate := func(a, b commit) int { return cmp.Compare(a.date, b.date) }
	r.created = time.Unix(slices.MinFunc(r.graph.commits, byDate).date, 0).UTC()
	r.updated = time.Unix(slices.MaxFunc(r.graph.commits, byDate).date, 0).UTC()
}

// notOfSlugs are the letters that Bitbucket does not allow in a slug.
var notOfSlugs = regexp.MustCompile(`[^a-z0-9._-]`)

// unusedSlug makes a slug of a directory's name, with a number if the slug is taken.
func (w *Workspace) unusedSlug(dir string) string {
	name := filepath.Base(dir)
	if name == ".git" {
		name = filepath.Base(filepath.Dir(dir))
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".git")
	slug := cmp.Or(strings.Trim(notOfSlugs.ReplaceAllString(name, "-"), "-"), "repository")
	unused := slug
	for n := 2; w.find(unused) != nil; n++ {
		unused = slug + "-" + strconv.Itoa(n)
	}
	return unused
}

// refreshGit looks again at the git directories that a listing shows.
func (s *Server) refreshGit(q *request) (err error) {
	if q.Kind != Listing {
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
