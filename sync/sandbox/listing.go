package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A wireRepository is a repository as it is sent; nil members are left out.
type wireRepository struct {
	UUID       *string      `json:"uuid,omitempty"`
	Slug       *string      `json:"slug,omitempty"`
	Name       *string      `json:"name,omitempty"`
	IsPrivate  *bool        `json:"is_private,omitempty"`
	Size       *int         `json:"size,omitempty"` // in bytes
	UpdatedOn  *string      `json:"updated_on,omitempty"`
	Project    *wireProject `json:"project,omitempty"`
	Parent     *wireParent  `json:"parent,omitempty"`
	MainBranch any          `json:"mainbranch,omitempty"`
}

type wireProject struct {
	Key *string `json:"key,omitempty"`
}

type wireParent struct {
	UUID     *string `json:"uuid,omitempty"`
	FullName *string `json:"full_name,omitempty"`
}

type wireBranch struct {
	Name   *string `json:"name,omitempty"`
	Target any     `json:"target,omitempty"`
}

type wireTarget struct {
	Hash *string `json:"hash,omitempty"`
}

// null is a member that is there and null.
type null struct{}

func (null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// serveListing answers with the repositories that the credential reaches, which may be none.
func (s *Server) serveListing(q *request, w *Workspace) answer {
	list := glitched(q.fault, sorted(w.visible(q.credential), q.query.Get("sort")))
	p, refusal, ok := s.page(q, 10)
	if !ok {
		return refusal
	}
	from, to := p.bounds(len(list), q.fault)
	rows := make([]*wireRepository, to-from)
	for i, r := range list[from:to] {
		rows[i] = s.wireRepository(q.fields, r)
	}
	if middle := len(rows) / 2; len(rows) > 0 {
		switch q.fault {
		case NullRow:
			rows[middle] = nil
		case RowWithoutUUID:
			rows[middle].UUID = nil
		}
	}
	size := len(list)
	if q.fault == LargerSize {
		size++
	}
	answered := wirePage[wireRepository]{Values: rows, Size: pick(q.fields, "size", size)}
	if p.more(to, len(list), q.fault) {
		answered.Next = s.next(q, p, "")
	}
	return pageAnswer(q.fields, answered)
}

// glitched applies the faults that leave repositories out of a listing.
func glitched(f Fault, list []*Repository) []*Repository {
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

// orders are what a listing can be sorted by.
var orders = map[string]func(a, b *Repository) int{
	"created_on": func(a, b *Repository) int { return a.created.Compare(b.created) },
	"updated_on": func(a, b *Repository) int { return a.updated.Compare(b.updated) },
	"slug":       func(a, b *Repository) int { return cmp.Compare(a.slug, b.slug) },
	"uuid":       func(a, b *Repository) int { return cmp.Compare(a.uuid, b.uuid) },
}

// checkSort says why a listing cannot be sorted so; "" is that it can.
func checkSort(param string) string {
	if name := strings.TrimPrefix(param, "-"); name != "" && orders[name] == nil {
		return "unexpected sort " + name
	}
	return ""
}

func sorted(list []*Repository, param string) []*Repository {
	if name, descending := strings.CutPrefix(param, "-"); name != "" {
		slices.SortStableFunc(list, orders[name])
		if descending {
			slices.Reverse(list)
		}
	}
	return list
}

func (s *Server) wireRepository(f fields, r *Repository) *wireRepository {
	row := &wireRepository{
		UUID:      pick(f, "values.uuid", r.uuid),
		Slug:      pick(f, "values.slug", r.slug),
		Name:      pick(f, "values.name", r.name),
		IsPrivate: pick(f, "values.is_private", !r.public),
		Size:      pick(f, "values.size", 1024*len(r.graph.commits)),
		UpdatedOn: pick(f, "values.updated_on", stamp(r.updated)),
	}
	if f["values.project"] {
		row.Project = &wireProject{pick(f, "values.project.key", r.project)}
	}
	if f["values.parent"] && r.parent != nil {
		row.Parent = &wireParent{
			UUID:     pick(f, "values.parent.uuid", r.parent.uuid),
			FullName: pick(f, "values.parent.full_name", r.parent.fullName()),
		}
	}
	if f["values.mainbranch"] {
		row.MainBranch = s.wireMainBranch(f, r)
	}
	return row
}

// wireMainBranch returns null for an empty repository. A branch that is named and missing has a null
// target.
func (s *Server) wireMainBranch(f fields, r *Repository) any {
	name := r.main
	head, ok := r.branches[name]
	if r.missing != "" {
		name, ok = r.missing, false
	}
	if !ok && r.missing == "" {
		return null{}
	}
	branch := &wireBranch{Name: pick(f, "values.mainbranch.name", name)}
	if f["values.mainbranch.target"] && !s.noTargets {
		branch.Target = null{}
		if ok {
			branch.Target = wireTarget{pick(f, "values.mainbranch.target.hash", r.hashAt(head))}
		}
	}
	return branch
}

// serveBranch answers with one branch; a slash in its name may be encoded or not.
func (s *Server) serveBranch(q *request, r *Repository) answer {
	name := strings.Join(q.segments[5:], "/")
	head, ok := r.branches[name]
	if !ok || name == r.missing {
		return errorAnswer(http.StatusNotFound, "No branch with name '"+name+"'.", nil)
	}
	branch := wireBranch{Name: pick(q.fields, "name", name)}
	if q.fields["target"] {
		branch.Target = wireTarget{pick(q.fields, "target.hash", r.hashAt(head))}
	}
	return objectAnswer(http.StatusOK, branch)
}

// stamp writes a time as Bitbucket does for repositories: UTC with microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }
