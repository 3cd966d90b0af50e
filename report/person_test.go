package report

import (
	"math/rand/v2"
	"slices"
	"testing"

	"trunkstat/report/people"
	"trunkstat/store"
)

// TestRowPerson wants each row of an author to say who it is, and an anonymous one not to.
func TestRowPerson(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	w := newWorld(rng, 6, 80, spanDates(t, rng, [2]string{"2025-01-01", "2025-04-10"}))
	db := w.open(t, rng)
	q := Query{By: []Dimension{Month, AuthorDim}, Now: worldNow}
	for _, row := range rowsOf(mustVolume(t, db, q)) {
		p := row.Person
		if p.Label() != row.Keys[1] || p.Email != row.Email {
			t.Errorf("row %q <%s> is by %q <%s>", row.Keys, row.Email, p.Label(), p.Email)
		}
		if !slices.ContainsFunc(w.persons, func(want worldPerson) bool { return isPerson(p, want) }) {
			t.Errorf("nobody is %q %q", p.Accounts(), p.Aliases())
		}
	}
	q.Anonymize = true
	for _, row := range rowsOf(mustVolume(t, db, q)) {
		if row.Person != nil {
			t.Errorf("the anonymous row %q says who it is", row.Keys)
		}
	}
	for _, row := range rowsOf(mustVolume(t, db, Query{Now: worldNow})) {
		if row.Person != nil {
			t.Errorf("repository %q is a person", row.Keys)
		}
	}
}

// isPerson reports whether the person has one of the authors, and nobody else's texts. Authors
// without commits are not stored.
func isPerson(p *people.Person, want worldPerson) bool {
	for _, raw := range p.Aliases() {
		if !slices.ContainsFunc(want.authors, func(a store.Author) bool { return a.Raw == raw }) {
			return false
		}
	}
	for _, account := range p.Accounts() {
		if !slices.ContainsFunc(want.authors, func(a store.Author) bool { return a.UUID == account }) {
			return false
		}
	}
	return len(p.Aliases()) > 0
}
