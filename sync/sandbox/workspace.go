package sandbox

import (
	"crypto/sha1"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A User is an account that e-mail addresses are linked to.
type User struct {
	Name string
	UUID string // with braces; empty: made from the name
	Type string // "user" or "app_user"; empty: "user"
}

// A Workspace owns projects and repositories.
type Workspace struct {
	s            *Server
	slug, name   string
	uuid         string
	spam         bool
	repositories []*Repository
	projects     map[string]string // key to name
	made         map[string]int    // how many repositories a slug has had
}

// Workspace returns the workspace with that slug, in any case, and makes it on first use.
func (s *Server) Workspace(slug string) *Workspace {
	s.mu.Lock()
	defer s.mu.Unlock()
	slug = strings.ToLower(slug)
	w := s.workspaces[slug]
	if w == nil {
		w = &Workspace{
			s: s, slug: slug, name: slug, uuid: uuid("workspace", slug),
			projects: map[string]string{}, made: map[string]int{},
		}
		s.workspaces[slug] = w
	}
	return w
}

// Slug returns the workspace's slug.
func (w *Workspace) Slug() string { return w.slug }

// Spam makes the workspace answer 410, as one that was marked as spam or left alone for long.
func (w *Workspace) Spam(on bool) { w.s.change(func() { w.spam = on }) }

// Project names the project of that key.
func (w *Workspace) Project(key, name string) {
	w.s.change(func() { w.projects[key] = name })
}

// Repositories returns the workspace's repositories in the order they were made.
func (w *Workspace) Repositories() []*Repository {
	w.s.mu.RLock()
	defer w.s.mu.RUnlock()
	return slices.Clone(w.repositories)
}

// Repository returns the repository with that slug, or nil.
func (w *Workspace) Repository(slug string) *Repository {
	w.s.mu.RLock()
	defer w.s.mu.RUnlock()
	return w.find(slug)
}

func (w *Workspace) find(name string) *Repository {
	for _, r := range w.repositories {
		if r.slug == name || r.uuid == name {
			return r
		}
	}
	return nil
}

// NewRepository makes an empty private repository in project PRJ. A slug that was used before
// gets a new UUID, so that a repository can be deleted and made again.
func (w *Workspace) NewRepository(slug string) *Repository {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	return w.add(slug, newGraph(0))
}

func (w *Workspace) add(slug string, g *graph) *Repository {
	if w.find(slug) != nil {
		panic(fmt.Sprintf("sandbox: repository %s/%s exists", w.slug, slug))
	}
	name := []string{"repository", w.slug, slug}
	if n := w.made[slug]; n > 0 {
		name = append(name, fmt.Sprint(n))
	}
	w.made[slug]++
	now := w.s.now().UTC()
	r := &Repository{
		s: w.s, workspace: w, uuid: uuid(name...), slug: slug, name: slug, project: "PRJ",
		created: now, updated: now, graph: g, main: "main",
		branches: map[string]int32{}, tags: map[string]int32{}, hidden: map[int32]bool{},
	}
	w.repositories = append(w.repositories, r)
	return r
}

// visible lists what the credential reaches, in the order repositories were made.
func (w *Workspace) visible(c *Credential) []*Repository {
	var list []*Repository
	for _, r := range w.repositories {
		if c.sees(r) {
			list = append(list, r)
		}
	}
	return list
}

// uuid makes an identifier in Bitbucket's form out of names.
func uuid(names ...string) string {
	h := sha1.Sum([]byte(strings.Join(names, "\x00")))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80
	return fmt.Sprintf("{%x-%x-%x-%x-%x}", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// serveWorkspace answers GET /workspaces/{workspace}. An access token needs no scope for it.
func (s *Server) serveWorkspace(q *request, slug string) answer {
	w := s.workspaces[strings.ToLower(slug)]
	if w == nil {
		return noWorkspace(slug)
	}
	if q.credential != nil && q.credential.kind == APIToken {
		if refusal, ok := q.need("workspace"); !ok {
			return refusal
		}
	}
	f := parseFields(q.query.Get("fields"))
	var out jsonWriter
	out.open("", '{')
	out.text(f, "type", "workspace")
	out.text(f, "uuid", w.uuid)
	out.text(f, "name", w.name)
	out.text(f, "slug", w.slug)
	out.raw(f, "is_private", "true")
	out.text(f, "created_on", stamp(time.Unix(1500000000, 0)))
	out.links(f, "self", s.URL()+"/workspaces/"+w.slug, "html", "https://bitbucket.org/"+w.slug+"/")
	out.close('}')
	return jsonAnswer(http.StatusOK, out.b)
}

// stamp writes a time as Bitbucket does for repositories: UTC with microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }
