package report

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// manyEmails of one account are worth a word: it may be one that several people use.
const manyEmails = 5

// noteHints tells what makes a report read wrong that counts right. Hints have names, so an
// anonymous report has none.
func (s *sheet) noteHints() {
	if s.q.Anonymize {
		return
	}
	people := s.shownPeople()
	s.noteNamesakes(people)
	s.noteAccounts(people)
	s.noteBursts()
}

// shownPeople are the persons that rows or columns are made of.
func (s *sheet) shownPeople() []*Person {
	shown := make([]bool, s.scope.People.Len())
	if a := s.axis(AuthorDim); a != nil {
		for slot := range s.shownSlots() {
			shown[a.field.of(s.key(slot))] = true
		}
	}
	if s.q.Pivot == AuthorDim {
		for _, slot := range s.pivot.columns {
			shown[s.pivot.axis.field.of(s.pivot.tally.slots.at(slot).key)] = true
		}
	}
	var people []*Person
	for i, shown := range shown {
		if shown {
			people = append(people, s.scope.People.At(i))
		}
	}
	return people
}

// shownSlots are the slots of the rows, in no order that means anything: where none was cut off,
// it is that of memory, in which they are ten times as fast to look at.
func (s *sheet) shownSlots() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for i, slot := range s.order {
			if len(s.order) == s.tally().slots.n {
				slot = uint32(i)
			}
			if !yield(slot) {
				return
			}
		}
	}
}

// A finding is something that a hint counts, and the name by which it is told.
type finding struct {
	name string
	n    int
}

// worst is the finding with the highest number; of several, the first by name.
func worst(all []finding) finding {
	return slices.MinFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.name, b.name))
	})
}

// noteNamesakes tells of people who look like one person to a reader: one name, several e-mails,
// and nothing that joins them.
func (s *sheet) noteNamesakes(people []*Person) {
	emails := map[string][]string{} // by name
	for _, p := range people {
		if p.Name != "" && p.Email != "" {
			emails[p.Name] = append(emails[p.Name], strings.ToLower(p.Email))
		}
	}
	var found []finding
	for name, all := range emails {
		if n := distinct(all); n > 1 {
			found = append(found, finding{name, n})
		}
	}
	if len(found) == 0 {
		return
	}
	w := worst(found)
	like := "like "
	if len(found) == 1 {
		like = ""
	}
	s.note("%s to several e-mails, %s%s (%s): a --mailmap joins them",
		numberOf(int64(len(found)), "name belongs", "names belong"), like, w.name, grouped(w.n))
}

// noteAccounts tells of accounts that join many e-mails which commits of the report have.
func (s *sheet) noteAccounts(people []*Person) {
	var found []finding
	for _, p := range people {
		emails := map[string][]string{} // by account
		for _, n := range p.Authors {
			a, account := s.scope.People.aliases[n], s.scope.People.authors[n].UUID
			if account != "" && a.rawEmail != "" && s.counter.used[n] > 0 {
				emails[account] = append(emails[account], strings.ToLower(a.rawEmail))
			}
		}
		for _, all := range emails {
			if n := distinct(all); n >= manyEmails {
				found = append(found, finding{p.Label(), n})
			}
		}
	}
	if len(found) == 0 {
		return
	}
	w := worst(found)
	if len(found) == 1 {
		s.note("the account of %s joins %s e-mails", w.name, grouped(w.n))
		return
	}
	s.note("%s accounts join %d e-mails or more, like that of %s (%s)",
		grouped(len(found)), manyEmails, w.name, grouped(w.n))
}

// noteBursts tells of repositories whose dates were rewritten.
func (s *sheet) noteBursts() {
	var found []finding
	for repo, n := range s.counter.bursts {
		found = append(found, finding{s.names.repos[repo], n})
	}
	if len(found) == 0 {
		return
	}
	w := worst(found)
	others := ""
	if more := len(found) - 1; more > 0 {
		others = ", and so in " + numberOf(int64(more), "other repository", "other repositories")
	}
	s.note("dates of %s commits of %s fall into one second%s: rewritten by a rebase or an import",
		grouped(w.n), w.name, others)
}

// distinct sorts the texts and counts how many there are.
func distinct(texts []string) int {
	slices.Sort(texts)
	return len(slices.Compact(texts))
}
