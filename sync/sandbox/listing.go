package sandbox

import "net/http"

// serveListing answers GET /repositories/{workspace}: what the credential reaches, which may be
// nothing. Nobody is refused.
func (s *Server) serveListing(q *request) answer {
	refusal, ok := q.takes("pagelen", "page", "fields", "q", "sort", "role", "after")
	if !ok {
		return refusal
	}
	w := s.workspace(q.at(1))
	if w == nil {
		return noWorkspace(q.at(1))
	}
	if w.spam {
		return deactivated()
	}
	list, refusal, ok := filtered(q, w.visible(q.credential))
	if !ok {
		return refusal
	}
	switch q.fault {
	case EmptyListing:
		list = nil
	case ShortListing:
		for i := range len(list) / 2 {
			list[i] = list[2*i]
		}
		list = list[:len(list)/2]
	}
	p, refusal, ok := q.list(len(list), 10)
	if !ok {
		return refusal
	}
	return listOf(s, q, p, list, func(w *jsonWriter, f fields, r *Repository) {
		s.writeRepository(w, f, r, !s.noTargets)
	})
}

func (s *Server) serveRepository(q *request, r *Repository) answer {
	if refusal, ok := q.takes("fields"); !ok {
		return refusal
	}
	var w jsonWriter
	s.writeRepository(&w, parseFields(q.query.Get("fields")), r, true)
	return jsonAnswer(http.StatusOK, w.b)
}

// writeRepository writes a repository; target says whether the head of its default branch can be
// asked for.
func (s *Server) writeRepository(w *jsonWriter, f fields, r *Repository, target bool) {
	self := s.URL() + "/repositories/" + r.fullName()
	w.open("", '{')
	w.text(f, "type", "repository")
	w.text(f, "full_name", r.fullName())
	w.links(f, "self", self, "html", "https://bitbucket.org/"+r.fullName(),
		"avatar", "https://bytebucket.org/ravatar/"+r.uuid+"?ts=default",
		"pullrequests", self+"/pullrequests", "commits", self+"/commits", "forks", self+"/forks",
		"watchers", self+"/watchers", "branches", self+"/refs/branches", "tags", self+"/refs/tags",
		"downloads", self+"/downloads", "source", self+"/src", "hooks", self+"/hooks")
	w.text(f, "name", r.name)
	w.text(f, "slug", r.slug)
	w.text(f, "description", "")
	w.text(f, "scm", "git")
	w.raw(f, "website", "null")
	s.writeOwner(w, f, "owner", "team", r.workspace)
	s.writeOwner(w, f, "workspace", "workspace", r.workspace)
	s.writeProject(w, f, r)
	w.raw(f, "is_private", trueOrFalse(!r.public))
	w.text(f, "fork_policy", "no_public_forks")
	w.text(f, "created_on", stamp(r.created))
	w.text(f, "updated_on", stamp(r.updated))
	w.number(f, "size", 1024*len(r.graph.hashes))
	w.text(f, "language", "")
	w.raw(f, "has_issues", "false")
	w.raw(f, "has_wiki", "false")
	w.text(f, "uuid", r.uuid)
	s.writeMainBranch(w, f, r, target)
	s.writeParent(w, f, r)
	w.close('}')
}

func trueOrFalse(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func (s *Server) writeOwner(w *jsonWriter, f fields, name, kind string, o *Workspace) {
	f, ok := f.step(name)
	if !ok {
		return
	}
	w.open(name, '{')
	w.text(f, "type", kind)
	w.text(f, "uuid", o.uuid)
	if kind == "workspace" {
		w.text(f, "name", o.name)
		w.text(f, "slug", o.slug)
	} else {
		w.text(f, "display_name", o.name)
		w.text(f, "username", o.slug)
	}
	w.links(f, "self", s.URL()+"/workspaces/"+o.slug, "html", "https://bitbucket.org/"+o.slug+"/")
	w.close('}')
}

func (s *Server) writeProject(w *jsonWriter, f fields, r *Repository) {
	f, ok := f.step("project")
	if !ok {
		return
	}
	name := r.workspace.projects[r.project]
	if name == "" {
		name = r.project
	}
	w.open("project", '{')
	w.text(f, "type", "project")
	w.text(f, "key", r.project)
	w.text(f, "uuid", uuid("project", r.workspace.slug, r.project))
	w.text(f, "name", name)
	w.links(f, "self", s.URL()+"/workspaces/"+r.workspace.slug+"/projects/"+r.project,
		"html", "https://bitbucket.org/"+r.workspace.slug+"/workspace/projects/"+r.project)
	w.close('}')
}

// writeMainBranch writes null for an empty repository. The target is there only where fields
// name it.
func (s *Server) writeMainBranch(w *jsonWriter, f fields, r *Repository, target bool) {
	f, ok := f.step("mainbranch")
	if !ok {
		return
	}
	head, ok := r.branches[r.main]
	if !ok {
		w.key("mainbranch")
		w.b = append(w.b, "null"...)
		return
	}
	w.open("mainbranch", '{')
	w.text(f, "type", "branch")
	w.text(f, "name", r.main)
	if inside, ok := f.named("target"); ok && target {
		s.writeCommit(w, inside, "target", r, head)
	}
	w.close('}')
}

func (s *Server) writeParent(w *jsonWriter, f fields, r *Repository) {
	f, ok := f.step("parent")
	if !ok || r.parent == nil {
		return
	}
	self := s.URL() + "/repositories/" + r.parent.fullName()
	w.open("parent", '{')
	w.text(f, "type", "repository")
	w.text(f, "full_name", r.parent.fullName())
	w.links(f, "self", self, "html", "https://bitbucket.org/"+r.parent.fullName())
	w.text(f, "name", r.parent.name)
	w.text(f, "uuid", r.parent.uuid)
	w.close('}')
}
