package report

import (
	"cmp"
	"slices"
	"strings"

	"trunkstat/report/people"
)

// manyEmails of one account are worth a note: it may be an account that several people use.
const manyEmails = 5

// noteHints tells what makes a report that counts right look wrong. Hints have names, so an anonymous
// report has none.
func (b *builder) noteHints() {
	if b.q.Anonymize {
		return
	}
	shown := b.shownPeople()
	b.noteNamesakes(shown)
	b.noteAccounts(shown)
}

// shownPeople returns the persons that rows or columns are made of.
func (b *builder) shownPeople() []*people.Person {
	shown := make([]bool, b.scope.People.Len())
	if i := slices.Index(b.q.By, AuthorDim); i >= 0 {
		for _, row := range b.order {
			shown[b.now.rows.value(row, i)] = true
		}
	}
	if b.q.Pivot == AuthorDim {
		for _, row := range b.columns.order {
			shown[b.columns.table.value(row, 0)] = true
		}
	}
	var persons []*people.Person
	for i, shown := range shown {
		if shown {
			persons = append(persons, b.scope.People.At(i))
		}
	}
	return persons
}

// A finding is a number of e-mails, and whose they are.
type finding struct {
	name string
	n    int
}

// worst returns the finding with the highest number; of several, the first by name.
func worst(all []finding) finding {
	if len(all) == 0 {
		return finding{}
	}
	return slices.MinFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.name, b.name))
	})
}

// noteNamesakes tells of persons who look like one to a reader: they have one name and several e-mails, and
// nothing joins them.
func (b *builder) noteNamesakes(persons []*people.Person) {
	emails := map[string][]string{} // by name, as names are compared
	names := map[string]string{}    // and as it is shown
	for _, p := range persons {
		if p.Name == "" || p.Email == "" {
			continue
		}
		name := people.FoldName(p.Name)
		emails[name] = append(emails[name], people.FoldEmail(p.Email))
		if known, ok := names[name]; !ok || p.Name < known {
			names[name] = p.Name
		}
	}
	var found []finding
	for name, all := range emails {
		if n := distinct(all); n > 1 {
			found = append(found, finding{names[name], n})
		}
	}
	switch w := worst(found); len(found) {
	case 0:
	case 1:
		b.note("1 name belongs to several e-mails, %s (%s): see trunkstat mailmap", w.name, Grouped(w.n))
	default:
		b.note("%s names belong to several e-mails, like %s (%s): see trunkstat mailmap",
			Grouped(len(found)), w.name, Grouped(w.n))
	}
}

// noteAccounts tells of accounts that join many e-mails of commits in the report.
func (b *builder) noteAccounts(persons []*people.Person) {
	var found []finding
	for _, p := range persons {
		emails := map[string][]string{} // by account
		for _, n := range p.Authors {
			account, email := b.scope.People.Author(n)
			if account != "" && email != "" && b.now.used[n] > 0 {
				emails[account] = append(emails[account], people.FoldEmail(email))
			}
		}
		for _, all := range emails {
			if n := distinct(all); n >= manyEmails {
				found = append(found, finding{p.Label(), n})
			}
		}
	}
	switch w := worst(found); len(found) {
	case 0:
	case 1:
		b.note("the account of %s joins %s e-mails", w.name, Grouped(w.n))
	default:
		b.note("%s accounts join %d e-mails or more, like that of %s (%s)",
			Grouped(len(found)), manyEmails, w.name, Grouped(w.n))
	}
}

// distinct sorts the texts and counts how many there are.
func distinct(texts []string) int {
	slices.Sort(texts)
	return len(slices.Compact(texts))
}
