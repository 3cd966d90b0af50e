package report

import (
	"cmp"
	"slices"
	"strings"
)

// An axis gives the values of one dimension of a layout their order and their text. Periods,
// weekdays and hours are ordered by their numbers; workspaces, projects, repositories and
// persons by their text, and have their rank as value. Equal values are the same thing, in all
// layouts over one scope.
type axis struct {
	dim    Dimension
	ranks  []int64 // place or person → rank; nil for dimensions of time
	labels []label // by rank

	// In a comparison, the value of a period is its place in its range, so that the first
	// meets the first. Text is that of the current range as far as it goes, and beyond it that
	// of the range before.
	compared       bool
	current, prior span
}

// A span is a range of periods, both included.
type span struct{ first, last int64 }

// A label shows a thing. Two things with the same text and e-mail differ in tie.
type label struct{ text, email, tie string }

func (a label) compare(b label) int {
	return cmp.Or(strings.Compare(a.text, b.text), strings.Compare(a.email, b.email),
		strings.Compare(a.tie, b.tie))
}

func newAxes(l *layout, names *names) []*axis {
	axes := make([]*axis, len(l.dims))
	for i, dim := range l.dims {
		axes[i] = newAxis(dim, l, names)
	}
	return axes
}

func newAxis(dim Dimension, l *layout, names *names) *axis {
	a := &axis{dim: dim}
	if dim.IsTime() {
		return a
	}
	things := names.of(dim, l)
	a.labels = slices.Clone(things)
	slices.SortFunc(a.labels, label.compare)
	a.labels = slices.Compact(a.labels)
	a.ranks = make([]int64, len(things))
	for i, thing := range things {
		rank, _ := slices.BinarySearchFunc(a.labels, thing, label.compare)
		a.ranks[i] = int64(rank)
	}
	return a
}

// value is what the dimension has at a key's number; prior, where the key is of the range
// before.
func (a *axis) value(number int64, prior bool) int64 {
	switch {
	case a.ranks != nil:
		return a.ranks[number]
	case !a.compared:
		return number
	case prior:
		return number - a.prior.first
	}
	return number - a.current.first
}

// text writes a value.
func (a *axis) text(value int64) string {
	switch {
	case !a.dim.IsTime():
		return a.labels[value].text
	case !a.compared:
		return a.dim.write(value)
	case a.current.first+value > a.current.last:
		return a.dim.write(a.prior.first + value)
	}
	return a.dim.write(a.current.first + value)
}

// email is that of a person, where the axis is of persons who may be shown.
func (a *axis) email(value int64) string {
	if a.dim != AuthorDim {
		return ""
	}
	return a.labels[value].email
}

// names are the labels of what a scope has.
type names struct {
	scope     *Scope
	anonymous bool
	repos     []string // by index
	several   bool     // workspaces
}

func newNames(scope *Scope, anonymous bool) *names {
	n := &names{scope: scope, anonymous: anonymous}
	for _, repo := range scope.Repositories {
		n.several = n.several || repo.Workspace != scope.Repositories[0].Workspace
	}
	n.nameRepositories()
	return n
}

// nameRepositories writes slugs, and tells apart what would read the same: a slug can belong to
// several repositories of which all but one, or all, are gone.
func (n *names) nameRepositories() {
	uses := map[string]int{}
	for _, repo := range n.scope.Repositories {
		name := repo.Slug
		if n.several {
			name = repo.Workspace + "/" + name
		}
		if repo.Gone() {
			name += " (gone)"
		}
		n.repos = append(n.repos, name)
		uses[name]++
	}
	for i, repo := range n.scope.Repositories {
		if uses[n.repos[i]] > 1 {
			n.repos[i] += " " + string(repo.UUID)
		}
	}
}

// of lists the labels of a layout's places, or of all persons.
func (n *names) of(dim Dimension, l *layout) []label {
	if dim == AuthorDim {
		return n.people()
	}
	labels := make([]label, len(l.places))
	for place, repo := range l.places {
		labels[place] = n.place(dim, repo)
	}
	return labels
}

func (n *names) place(dim Dimension, i int) label {
	repo := n.scope.Repositories[i]
	switch dim {
	case Repository:
		return label{text: n.repos[i], tie: string(repo.UUID)}
	case Project:
		text := repo.Project
		if n.several {
			text = repo.Workspace + "/" + text
		}
		return label{text: text, tie: repo.Workspace}
	}
	return label{text: repo.Workspace}
}

func (n *names) people() []label {
	labels := make([]label, n.scope.People.Len())
	for i := range labels {
		person := n.scope.People.At(i)
		labels[i] = label{text: person.Label(), email: person.Email, tie: person.key}
		if n.anonymous {
			labels[i] = label{text: person.Pseudonym}
		}
	}
	return labels
}
