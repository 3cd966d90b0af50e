package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/report/people"
	"trunkstat/store"
)

// hintWorld has namesakes, and an account of many e-mails. Each commit is of a day of its own.
func hintWorld() *world {
	w := &world{persons: []worldPerson{
		{authors: []store.Author{{Raw: "Ann Lee <ann@x>"}}},
		{authors: []store.Author{{Raw: "ann  LEE <ann@home>"}}},
		{authors: []store.Author{{Raw: "Bob <bob@x>"}, {Raw: "Bob <BOB@x>"}}},
	}}
	var joined worldPerson
	for i := range 6 {
		joined.authors = append(joined.authors,
			store.Author{Raw: fmt.Sprintf("Cy <cy%d@x>", i), UUID: "{cy}"})
	}
	w.persons = append(w.persons, joined)
	w.repos = []store.Repository{{UUID: "{1}", Workspace: "acme", Slug: "one"}}
	var history []worldCommit
	for i, author := range []int{0, 0, 0, 1, 2, 3, 4, 5} {
		history = append(history, worldCommit{person: min(i, 3), author: author})
	}
	for i := range 9 {
		history = append(history, worldCommit{person: 2, author: i % 2})
	}
	for i := range history {
		history[i].hash, history[i].date = store.Hash{byte(i + 1)}, 1_710_000_000+int64(i)*86400
	}
	w.commits = [][]worldCommit{history}
	return w
}

func TestHints(t *testing.T) {
	db := hintWorld().open(t, nil)
	names := "1 name belongs to several e-mails, Ann Lee (2): see trunkstat mailmap"
	account := "the account of Cy joins 5 e-mails"
	byAuthor := []Dimension{Repository, AuthorDim}
	mailmap, err := people.ParseMailmap(strings.NewReader("Ann Lee <ann@x> <ann@home>\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		q    Query
		want []string
	}{
		{"by author", Query{By: byAuthor}, []string{names, account}},
		{"authors as columns", Query{Pivot: AuthorDim}, []string{names, account}},
		{"by repository", Query{}, nil},
		{"anonymous", Query{By: byAuthor, Anonymize: true}, nil},
		{"joined", Query{By: byAuthor, Mailmap: mailmap}, []string{account}},
		{"namesakes cut off", Query{By: []Dimension{AuthorDim}, Top: 2}, []string{account}},
		{"four e-mails in the range", Query{By: byAuthor,
			Filter: Filter{Since: time.Unix(1_710_000_000+4*86400, 0)}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.q.Zone, test.q.Now = time.UTC, worldNow
			notes := mustVolume(t, db, test.q).Notes
			if !slices.Equal(notes, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
