package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serveListing answers with the repositories that the credential reaches, which may be none, in the order
// of their creation.
func (s *Server) serveListing(q *request, w *Workspace) *answer {
	list := w.visible(q.credential)
	slices.SortStableFunc(list, func(a, b *Repository) int { return a.created.Compare(b.created) })
	list = withListingFault(q.fault, list)
	p, refusal := s.page(q, 10)
	if refusal != nil {
		return refusal
	}
	from, to := p.bounds(len(list), q.fault)
	rows := []object{}
	for _, r := range list[from:to] {
		rows = append(rows, s.row(q.fields["values"], r))
	}
	if middle := len(rows) / 2; len(rows) > 0 {
		switch q.fault {
		case NullRow:
			rows[middle] = nil
		case RowWithoutUUID:
			delete(rows[middle], "uuid")
		}
	}
	size := len(list)
	if q.fault == LargerSize {
		size++
	}
	body := s.list(q, p, rows, to, len(list), "")
	body.put(q.fields, "size", size)
	return objectAnswer(http.StatusOK, body)
}

// withListingFault applies a fault that changes which repositories a listing has.
func withListingFault(f Fault, list []*Repository) []*Repository {
	switch f {
	case EmptyListing:
		return nil
	case ShortListing:
		for i := range len(list) / 2 {
			list[i] = list[2*i]
		}
		return list[:len(list)/2]
	case RepeatedRepository:
		if middle := len(list) / 2; middle > 0 {
			list[middle] = list[middle-1]
		}
	}
	return list
}

// row writes a repository. An empty one has no default branch, and one that is named and missing has a
// null target.
func (s *Server) row(f fields, r *Repository) object {
	row := object{}
	row.put(f, "uuid", r.uuid)
	row.put(f, "slug", r.slug)
	row.put(f, "name", r.name)
	row.put(f, "is_private", !r.public)
	row.put(f, "size", 1024*len(r.graph.commits))
	row.put(f, "updated_on", stamp(r.updated))
	row.put(f, "project.key", r.project)
	if r.parent != nil {
		row.put(f, "parent.uuid", r.parent.uuid)
		row.put(f, "parent.full_name", r.parent.fullName())
	}
	head, ok := r.branches[r.main]
	if !ok && r.missing == "" {
		row.put(f, "mainbranch", nil)
		return row
	}
	row.put(f, "mainbranch.name", cmp.Or(r.missing, r.main))
	switch {
	case s.noTargets:
	case r.missing != "":
		row.put(f, "mainbranch.target", nil)
	default:
		row.put(f, "mainbranch.target.hash", r.hashAt(head))
	}
	return row
}

// serveBranch answers with one branch; a slash in its name may be encoded or not.
func (s *Server) serveBranch(q *request, r *Repository) *answer {
	name := strings.Join(q.segments[5:], "/")
	head, ok := r.branches[name]
	if !ok || name == r.missing {
		return errorAnswer(http.StatusNotFound, "No branch with name '"+name+"'.")
	}
	branch := object{}
	branch.put(q.fields, "name", name)
	branch.put(q.fields, "target.hash", r.hashAt(head))
	return objectAnswer(http.StatusOK, branch)
}

// stamp writes a time as Bitbucket does for repositories: UTC with microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }
