package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// hintWorld has namesakes, accounts of many e-mails, and commits of one second in all three
// repositories, of which the last two share theirs.
func hintWorld() *world {
	w := &world{persons: []worldPerson{
		{authors: []store.Author{{Raw: "Ann Lee <ann@x>"}}},
		{authors: []store.Author{{Raw: "Ann Lee <ann@home>"}}},
		{authors: []store.Author{{Raw: "Bob <bob@x>"}, {Raw: "Bob <BOB@x>"}}},
	}}
	var joined worldPerson
	for i := range 6 {
		joined.authors = append(joined.authors,
			store.Author{Raw: fmt.Sprintf("Cy <cy%d@x>", i), UUID: "{cy}"})
	}
	w.persons = append(w.persons, joined)
	for i, n := range []int{1100, 60, 60} {
		slug := string(rune('a' + i))
		repo := store.Repository{UUID: store.UUID(slug), Workspace: "acme", Slug: slug, Roots: []store.Hash{{9}}}
		if i == 0 {
			repo.Roots = nil
		}
		w.repos = append(w.repos, repo)
		w.commits = append(w.commits, hintHistory(max(i, 1), i == 0, n))
	}
	return w
}

// hintHistory has n commits of one second; tail, and then one by everybody on days of their own.
func hintHistory(seed int, tail bool, n int) []worldCommit {
	var history []worldCommit
	add := func(date int64, person, author int) {
		hash := store.Hash{byte(seed), byte(len(history) >> 8), byte(len(history))}
		if tail {
			hash[3] = 1
		}
		history = append(history, worldCommit{hash: hash, date: date, person: person, author: author})
	}
	for i := range n {
		add(1_700_000_000, 2, i%2)
	}
	if tail {
		for i, author := range []int{0, 0, 0, 1, 2, 3, 4, 5} {
			add(1_710_000_000+int64(i)*daySeconds, min(i, 3), author)
		}
	}
	return history
}

func TestHints(t *testing.T) {
	db := hintWorld().open(t, nil)
	names := "1 name belongs to several e-mails, Ann Lee (2): a --mailmap joins them"
	account := "the account of Cy joins 5 e-mails"
	burst := "dates of 1,100 commits of a fall into one second, and so in 2 other repositories: " +
		"rewritten by a rebase or an import"
	byAuthor := []Dimension{Repository, AuthorDim}
	mailmap, err := ParseMailmap(strings.NewReader("Ann Lee <ann@x> <ann@home>\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		q    Query
		want []string
	}{
		{"by author", Query{By: byAuthor}, []string{names, account, burst}},
		{"authors as columns", Query{Pivot: AuthorDim}, []string{names, account, burst}},
		{"by repository", Query{}, []string{burst}},
		{"anonymous", Query{By: byAuthor, Anonymize: true}, nil},
		{"joined", Query{By: byAuthor, Mailmap: mailmap}, []string{account, burst}},
		{"namesakes cut off", Query{By: []Dimension{AuthorDim}, Top: 2}, []string{account, burst}},
		{"four e-mails in the range", Query{By: byAuthor,
			Filter: Filter{Since: time.Unix(1_710_000_000+4*daySeconds, 0)}}, nil},
		{"burst filtered", Query{Filter: Filter{ExcludeAuthors: []string{"bob"}}}, nil},
		{"burst of one", Query{Filter: Filter{Repos: []string{"b"}}}, []string{
			"dates of 60 commits of b fall into one second: rewritten by a rebase or an import"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.q.Zone, test.q.Now = time.UTC, worldNow
			notes := slices.DeleteFunc(mustVolume(t, db, test.q).Notes, func(note string) bool {
				return strings.Contains(note, "several repositories")
			})
			if !slices.Equal(notes, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(notes, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
