package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// serveRefs answers …/refs, …/refs/branches and …/refs/tags.
func (s *Server) serveRefs(q *request, r *Repository) answer {
	refusal, ok := q.takes("pagelen", "page", "fields", "q", "sort")
	if !ok {
		return refusal
	}
	var list []ref
	if q.at(4) != "tags" {
		list = append(list, sortedRefs("branch", r.branches)...)
	}
	if q.at(4) != "branches" {
		list = append(list, sortedRefs("tag", r.tags)...)
	}
	list, refusal, ok = filteredRefs(q, list)
	if !ok {
		return refusal
	}
	p, refusal, ok := q.list(len(list), 10)
	if !ok {
		return refusal
	}
	return listOf(s, q, p, list, func(w *jsonWriter, f fields, x ref) { s.writeRef(w, f, r, x) })
}

// A ref is a branch or a tag as it is served.
type ref struct {
	kind, name string
	target     int32
}

func sortedRefs(kind string, refs map[string]int32) []ref {
	var list []ref
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		list = append(list, ref{kind, name, refs[name]})
	}
	return list
}

// serveRef answers …/refs/branches/{name} and …/refs/tags/{name}; a slash in the name may be
// encoded or not.
func (s *Server) serveRef(q *request, r *Repository) answer {
	if refusal, ok := q.takes("fields"); !ok {
		return refusal
	}
	kind, refs := "branch", r.branches
	if q.at(4) == "tags" {
		kind, refs = "tag", r.tags
	}
	name := q.rest(5)
	target, ok := refs[name]
	if !ok {
		return errorAnswer(http.StatusNotFound, "No "+kind+" with name '"+name+"'.", "")
	}
	var w jsonWriter
	s.writeRef(&w, parseFields(q.query.Get("fields")), r, ref{kind, name, target})
	return jsonAnswer(http.StatusOK, w.b)
}

func (s *Server) writeRef(w *jsonWriter, f fields, r *Repository, x ref) {
	self := s.URL() + "/repositories/" + r.fullName()
	folder := "/refs/branches/"
	if x.kind == "tag" {
		folder = "/refs/tags/"
	}
	w.open("", '{')
	w.text(f, "name", x.name)
	if inside, ok := f.step("target"); ok {
		s.writeCommit(w, inside, "target", r, x.target)
	}
	w.links(f, "self", self+folder+x.name, "commits", self+"/commits/"+x.name,
		"html", "https://bitbucket.org/"+r.fullName()+"/branch/"+x.name)
	w.text(f, "type", x.kind)
	if x.kind == "branch" {
		w.raw(f, "merge_strategies", `["merge_commit","squash","fast_forward"]`)
		w.text(f, "default_merge_strategy", "merge_commit")
	}
	w.close('}')
}
