package report

import (
	"slices"

	"trunkstat/report/people"
)

// manyEmails of one account are worth a note: it may be an account that several people use.
const manyEmails = 5

// noteHints tells what makes a report that counts right look wrong: persons who look like one to a reader,
// since they have one name and several e-mails and nothing joins them, and accounts that join many e-mails.
// Hints have names, so an anonymous report has none.
func (b *builder) noteHints() {
	if b.q.Anonymize {
		return
	}
	byName, byAccount := emailSets{}, emailSets{}
	for i, isShown := range b.shownPeople() {
		if !isShown {
			continue
		}
		p := b.scope.People.Persons[i]
		if p.Name != "" && p.Email != "" {
			byName.add(people.FoldName(p.Name), p.Name, p.Email)
		}
		for _, n := range p.Authors {
			account, email := b.scope.People.Author(n)
			// A mailmap may divide an account. Its persons are looked at one by one then.
			if account != "" && email != "" && b.now.used[n] > 0 {
				byAccount.add(account+p.Key, p.Label(), email)
			}
		}
	}
	switch n, name, emails := byName.largest(2); {
	case n == 1:
		b.note("1 name belongs to several e-mails, %s (%s): see trunkstat mailmap", name, Grouped(emails))
	case n > 1:
		b.note("%s names belong to several e-mails, like %s (%s): see trunkstat mailmap",
			Grouped(n), name, Grouped(emails))
	}
	switch n, name, emails := byAccount.largest(manyEmails); {
	case n == 1:
		b.note("the account of %s joins %s e-mails", name, Grouped(emails))
	case n > 1:
		b.note("%s accounts join %d e-mails or more, like that of %s (%s)",
			Grouped(n), manyEmails, name, Grouped(emails))
	}
}

// shownPeople reports for each person whether a row or a column is made of them.
func (b *builder) shownPeople() []bool {
	shown := make([]bool, len(b.scope.People.Persons))
	for _, t := range b.now.shown() {
		i := slices.IndexFunc(t.axes, func(a *axis) bool { return a.dim == AuthorDim })
		if i < 0 {
			continue
		}
		for _, row := range t.order {
			shown[t.value(row, i)] = true
		}
	}
	return shown
}

// EmailSets are the e-mails that have a key in common, a name or an account.
type emailSets map[string]*emailSet

// An emailSet has the e-mails that have one key, in the form in which they are compared.
type emailSet struct {
	name   string // as it is shown: the first by text
	emails map[string]bool
}

func (s emailSets) add(key, name, email string) {
	set := s[key]
	if set == nil {
		set = &emailSet{name, map[string]bool{}}
		s[key] = set
	}
	set.name = min(set.name, name)
	set.emails[people.FoldEmail(email)] = true
}

// largest returns how many sets have at least so many e-mails, and the name and the number of e-mails of the
// largest one; of several, of the first by name.
func (s emailSets) largest(least int) (n int, name string, emails int) {
	for _, set := range s {
		size := len(set.emails)
		if size < least {
			continue
		}
		if n++; size > emails || size == emails && set.name < name {
			name, emails = set.name, size
		}
	}
	return n, name, emails
}
