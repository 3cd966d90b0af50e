package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// serveListing answers with the repositories that the credential reaches, which may be none, in the order
// of their creation.
func (s *Server) serveListing(q *request, w *Workspace) *answer {
	p, refusal := q.page(10)
	if refusal != nil {
		return refusal
	}
	list := w.visible(q.credential)
	slices.SortStableFunc(list, func(a, b *Repository) int { return a.created.Compare(b.created) })
	from, to := p.bounds(len(list))
	rows := []object{}
	for _, r := range list[from:to] {
		rows = append(rows, s.row(r))
	}
	body := object{"values": rows, "size": len(list)}
	if to < len(list) {
		body["next"] = q.next(p, "")
	}
	return q.found(body)
}

// row writes a repository. An empty one has no default branch.
func (s *Server) row(r *Repository) object {
	row := object{
		"uuid": r.uuid, "slug": r.slug, "name": r.name, "is_private": !r.public,
		"size":       1024 * len(r.graph.commits),
		"updated_on": r.updated.UTC().Format("2006-01-02T15:04:05.000000-07:00"),
		"project":    object{"key": r.project},
		"mainbranch": nil,
	}
	if r.parent != nil {
		row["parent"] = object{"uuid": r.parent.uuid, "full_name": r.parent.fullName()}
	}
	if head, ok := r.branches[r.main]; ok {
		branch := object{"name": r.main}
		if !s.noTargets {
			branch["target"] = object{"hash": r.hashAt(head)}
		}
		row["mainbranch"] = branch
	}
	return row
}

// serveBranch answers with one branch; a slash in its name may be encoded or not.
func (r *Repository) serveBranch(q *request) *answer {
	name := strings.Join(q.segments[5:], "/")
	head, ok := r.branches[name]
	if !ok {
		return errorAnswer(http.StatusNotFound, "No branch with name '"+name+"'.")
	}
	return q.found(object{"name": name, "target": object{"hash": r.hashAt(head)}})
}
