package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"trunkstat/store"
)

// A label shows a value of a dimension. Two values with the same text and e-mail differ in tie.
type label struct{ text, email, tie string }

func (a label) compare(b label) int {
	if by := compareText(a.text, b.text); by != 0 {
		return by
	}
	return cmp.Or(compareText(a.email, b.email), strings.Compare(a.tie, b.tie))
}

// compareText puts adam before Zoe; texts that differ in case alone are in the order of bytes.
func compareText(a, b string) int {
	restA, restB := a, b
	for restA != "" && restB != "" {
		x, sizeX := utf8.DecodeRuneInString(restA)
		y, sizeY := utf8.DecodeRuneInString(restB)
		if by := cmp.Compare(unicode.ToLower(unicode.ToUpper(x)), unicode.ToLower(unicode.ToUpper(y))); by != 0 {
			return by
		}
		restA, restB = restA[sizeX:], restB[sizeY:]
	}
	return cmp.Or(cmp.Compare(len(restA), len(restB)), strings.Compare(a, b))
}

// ranksOf returns the position that each of some things has in their order. Equal things have one rank.
func ranksOf[T any](things []T, compare func(a, b T) int) []int32 {
	order := make([]int, len(things))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return compare(things[i], things[j]) })
	ranks := make([]int32, len(things))
	for at, i := range order {
		ranks[i] = int32(at)
		if at > 0 && compare(things[order[at-1]], things[i]) == 0 {
			ranks[i] = ranks[order[at-1]]
		}
	}
	return ranks
}

// severalWorkspaces reports whether names must tell workspaces apart.
func (s *Scope) severalWorkspaces() bool {
	return slices.ContainsFunc(s.Repositories, func(r store.Repository) bool {
		return r.Workspace != s.Repositories[0].Workspace
	})
}

// repositoryLabels labels repositories by their slugs, and tells apart those that would read the same: a
// slug can belong to several repositories of which all but one, or all, are gone.
func (s *Scope) repositoryLabels() []label {
	labels := make([]label, len(s.Repositories))
	uses := map[string]int{}
	several := s.severalWorkspaces()
	for i, repo := range s.Repositories {
		text := repo.Slug
		if several {
			text = repo.Workspace + "/" + text
		}
		if repo.Gone() {
			text += " (gone)"
		}
		labels[i] = label{text: text, tie: string(repo.UUID)}
		uses[text]++
	}
	for i, l := range labels {
		if uses[l.text] > 1 {
			labels[i].text += " " + l.tie
		}
	}
	return labels
}

// projectLabels labels the projects of repositories, by index of the repository.
func (s *Scope) projectLabels() []label {
	labels := make([]label, len(s.Repositories))
	several := s.severalWorkspaces()
	for i, repo := range s.Repositories {
		labels[i] = label{text: repo.Project, tie: repo.Workspace}
		if several {
			labels[i].text = repo.Workspace + "/" + repo.Project
		}
	}
	return labels
}

// workspaceLabels labels the workspaces of repositories, by index of the repository.
func (s *Scope) workspaceLabels() []label {
	labels := make([]label, len(s.Repositories))
	for i, repo := range s.Repositories {
		labels[i].text = repo.Workspace
	}
	return labels
}

// personLabels labels persons, by index, as they are called when the commits have been counted.
func (s *Scope) personLabels(anonymous bool) []label {
	labels := make([]label, s.People.Len())
	if anonymous {
		for i, name := range s.People.Pseudonyms() {
			labels[i].text = name
		}
		return labels
	}
	for i := range labels {
		p := s.People.At(i)
		labels[i] = label{text: p.Label(), email: p.Email, tie: p.Key}
	}
	return labels
}
