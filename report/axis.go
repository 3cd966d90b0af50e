package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An axis gives the values of one dimension of a layout their order and their text: each has its
// rank. Periods, weekdays and hours are ordered by their numbers; workspaces, projects,
// repositories and persons by their text.
type axis struct {
	dim    Dimension
	field  field
	ranks  []uint32 // by what stands in the field
	labels []label  // by rank
}

// A label shows a thing. Two things with the same text and e-mail differ in tie.
type label struct{ text, email, tie string }

func (a label) compare(b label) int {
	if by := compareText(a.text, b.text); by != 0 {
		return by // nearly always, and cmp.Or would compare all three
	}
	return cmp.Or(compareText(a.email, b.email), strings.Compare(a.tie, b.tie))
}

// compareText puts adam before Zoe; what differs in case alone is in the order of bytes.
func compareText(a, b string) int {
	restA, restB := a, b
	for restA != "" && restB != "" {
		x, sizeX := utf8.DecodeRuneInString(restA)
		y, sizeY := utf8.DecodeRuneInString(restB)
		if by := cmp.Compare(foldRune(x), foldRune(y)); by != 0 {
			return by
		}
		restA, restB = restA[sizeX:], restB[sizeY:]
	}
	return cmp.Or(cmp.Compare(len(restA), len(restB)), strings.Compare(a, b))
}

// foldRune is one letter for all cases of it.
func foldRune(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	if r < utf8.RuneSelf {
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// rank is that of a key's value.
func (a *axis) rank(key uint64) uint32 { return a.ranks[a.field.of(key)] }

// label is that of a key's value.
func (a *axis) label(key uint64) *label { return &a.labels[a.rank(key)] }

// newAxis makes the axis of one of a layout's dimensions; write gives times their text.
func newAxis(dim Dimension, l *layout, names *names, write func(Dimension, int64) string) *axis {
	a := &axis{dim: dim, field: l.fieldOf(dim)}
	if !dim.IsTime() {
		things := names.of(dim, l)
		a.ranks, a.labels = ranked(things, label.compare)
		return a
	}
	var values []int64
	a.ranks, values = ranked(l.times(dim), cmp.Compare)
	a.labels = make([]label, len(values))
	for rank, value := range values {
		a.labels[rank].text = write(dim, value)
	}
	return a
}

// times are the values that a dimension of time has, by what stands in its field.
func (l *layout) times(dim Dimension) []int64 {
	if dim == Hour {
		hours := make([]int64, 24)
		for i := range hours {
			hours[i] = int64(i)
		}
		return hours
	}
	i := slices.Index(l.days, dim)
	values := make([]int64, len(l.listed))
	for n, m := range l.listed {
		values[n] = m[i]
	}
	return values
}

// ranked sorts things, and tells the rank of each. What is equal has one rank.
func ranked[T any](things []T, compare func(a, b T) int) (ranks []uint32, sorted []T) {
	order := make([]uint32, len(things))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int { return compare(things[i], things[j]) })
	ranks = make([]uint32, len(things))
	for _, i := range order {
		if n := len(sorted); n == 0 || compare(sorted[n-1], things[i]) != 0 {
			sorted = append(sorted, things[i])
		}
		ranks[i] = uint32(len(sorted) - 1)
	}
	return ranks, sorted
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
	people := n.scope.People
	labels := make([]label, people.Len())
	if n.anonymous {
		for i, name := range pseudonyms(people.list) {
			labels[i].text = name
		}
		return labels
	}
	for i := range labels {
		person := people.At(i)
		labels[i] = label{text: person.Label(), email: person.Email, tie: person.key}
	}
	return labels
}
