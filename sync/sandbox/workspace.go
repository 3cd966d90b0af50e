package sandbox

import (
	"crypto/sha1"
	"fmt"
	"slices"
	"strings"
)

// A Workspace owns repositories.
type Workspace struct {
	s            *Server
	slug         string
	uuid         string
	repositories []*Repository
}

// Workspace returns the workspace with that slug, in any case, and makes it on first use.
func (s *Server) Workspace(slug string) *Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	slug = strings.ToLower(slug)
	w := s.workspaces[slug]
	if w == nil {
		w = &Workspace{s: s, slug: slug, uuid: s.newUUID()}
		s.workspaces[slug] = w
	}
	return w
}

// Slug returns the workspace's slug.
func (w *Workspace) Slug() string { return read(w.s, func() string { return w.slug }) }

// Rename changes the workspace's slug. The old one answers 404; UUIDs stay.
func (w *Workspace) Rename(slug string) {
	w.s.change(func() {
		slug = strings.ToLower(slug)
		if w.s.workspaces[slug] != nil {
			panic("sandbox: workspace " + slug + " exists")
		}
		delete(w.s.workspaces, w.slug)
		w.slug = slug
		w.s.workspaces[slug] = w
	})
}

// Repositories returns the workspace's repositories in the order they were made.
func (w *Workspace) Repositories() []*Repository {
	return read(w.s, func() []*Repository { return slices.Clone(w.repositories) })
}

// Repository returns the repository with that slug, or nil.
func (w *Workspace) Repository(slug string) *Repository {
	return read(w.s, func() *Repository { return w.find(slug) })
}

// NewRepository makes an empty private repository in project PRJ.
func (w *Workspace) NewRepository(slug string) (r *Repository) {
	w.s.change(func() { r = w.add(slug) })
	return r
}

// find finds a repository by slug or UUID.
func (w *Workspace) find(name string) *Repository {
	for _, r := range w.repositories {
		if r.slug == name || r.uuid == name {
			return r
		}
	}
	return nil
}

// add makes a repository.
func (w *Workspace) add(slug string) *Repository {
	if w.find(slug) != nil {
		panic(fmt.Sprintf("sandbox: repository %s/%s exists", w.slug, slug))
	}
	now := w.s.now().UTC()
	r := &Repository{
		s: w.s, workspace: w, uuid: w.s.newUUID(), slug: slug, name: slug, project: "PRJ",
		created: now, updated: now, graph: newGraph(), main: "main", branches: map[string]int32{},
		broken: map[int32]bool{}, withheld: map[int32]bool{}, ranges: map[string]*commitRange{},
	}
	w.repositories = append(w.repositories, r)
	return r
}

func (w *Workspace) remove(r *Repository) {
	i := slices.Index(w.repositories, r)
	if i < 0 {
		panic("sandbox: " + r.fullName() + " is deleted already")
	}
	w.repositories = slices.Delete(w.repositories, i, i+1)
}

// visible lists what the credential reaches, in the order repositories were made.
func (w *Workspace) visible(c *Credential) (list []*Repository) {
	for _, r := range w.repositories {
		if c.canSee(r) {
			list = append(list, r)
		}
	}
	return list
}

// newUUID makes an identifier that no other has, not even of a slug that was used before.
func (s *Server) newUUID() string {
	s.made++
	return uuid(fmt.Sprint(s.made))
}

// uuid makes an identifier in Bitbucket's form out of a name.
func uuid(name string) string {
	h := sha1.Sum([]byte(name))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("{%x-%x-%x-%x-%x}", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
