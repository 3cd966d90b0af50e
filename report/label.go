package report

import (
	"cmp"
	"slices"
	"strings"

	"trunkstat/store"
)

// A label shows a value of a dimension. Two values with the same text and e-mail differ in tie, so that the
// order of rows is the same in every run.
type label struct {
	text, email, tie string

	folded string // the text as texts are ordered: made once, since a sort compares each label many times
}

// newLabel makes all labels but those of times, which are ordered by their values and need no folded text.
func newLabel(text, email, tie string) label { return label{text, email, tie, store.Fold(text)} }

// labelsOf labels things that have one text only if they are one.
func labelsOf(texts []string) []label {
	labels := make([]label, len(texts))
	for i, text := range texts {
		labels[i] = newLabel(text, "", "")
	}
	return labels
}

// compare puts adam before Zoe; labels whose texts differ in case alone are in the order of bytes.
func (a label) compare(b label) int {
	if by := strings.Compare(a.folded, b.folded); by != 0 {
		return by
	}
	return cmp.Or(strings.Compare(a.text, b.text), compareText(a.email, b.email), strings.Compare(a.tie, b.tie))
}

// compareText orders texts as compare orders labels.
func compareText(a, b string) int {
	return cmp.Or(strings.Compare(store.Fold(a), store.Fold(b)), strings.Compare(a, b))
}

// ranksOf returns the position that each label has in an order. Equal labels have one rank. Rows are compared
// by ranks and not by labels: there are many more rows than labels, and texts take longer to compare.
func ranksOf(labels []label, compare func(a, b label) int) []int32 {
	order := numbers(len(labels))
	slices.SortFunc(order, func(i, j int32) int { return compare(labels[i], labels[j]) })
	ranks := make([]int32, len(labels))
	for at, i := range order {
		ranks[i] = int32(at)
		if at > 0 && compare(labels[order[at-1]], labels[i]) == 0 {
			ranks[i] = ranks[order[at-1]]
		}
	}
	return ranks
}

// labelRepositories labels what a text says of each repository, by index. Each workspace has slugs and keys
// of its own, so these are told apart by the workspace if there are several.
func (s *Scope) labelRepositories(text func(store.Repository) string) []label {
	several := slices.ContainsFunc(s.Repositories, func(r store.Repository) bool {
		return r.Workspace != s.Repositories[0].Workspace
	})
	texts := make([]string, len(s.Repositories))
	for i, repo := range s.Repositories {
		texts[i] = text(repo)
		if several {
			texts[i] = repo.Workspace + "/" + texts[i]
		}
	}
	return labelsOf(texts)
}

// repositoryLabels labels repositories by their slugs, and tells apart those that would read the same: a
// slug can belong to several repositories of which all but one, or all, are gone.
func (s *Scope) repositoryLabels() []label {
	labels := s.labelRepositories(func(r store.Repository) string {
		if r.Gone() {
			return r.Slug + " (gone)"
		}
		return r.Slug
	})
	uses := map[string]int{}
	for _, l := range labels {
		uses[l.text]++
	}
	for i, l := range labels {
		uuid := string(s.Repositories[i].UUID)
		if uses[l.text] > 1 {
			l.text += " " + uuid
		}
		labels[i] = newLabel(l.text, "", uuid)
	}
	return labels
}

// personLabels labels persons, by index, as they are called when the commits have been counted.
func (s *Scope) personLabels(anonymous bool) []label {
	if anonymous {
		return labelsOf(s.People.Pseudonyms())
	}
	labels := make([]label, len(s.People.Persons))
	for i, p := range s.People.Persons {
		labels[i] = newLabel(p.Label(), p.Email, p.Key)
	}
	return labels
}
