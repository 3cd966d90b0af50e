package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"trunkstat/report/people"
	"trunkstat/store"
)

// TestBadFiles: what cannot be read is refused with the line, and what is wrong.
func TestBadFiles(t *testing.T) {
	teams := func(text string) error {
		_, err := ParseTeams("x.csv", strings.NewReader(text))
		return err
	}
	groups := func(text string) error {
		_, err := ParseGroups("x.csv", strings.NewReader(text))
		return err
	}
	tests := []struct {
		parse      func(string) error
		text, want string
	}{
		{teams, "", `line 1: the header is ""; use team,person or team,person,from,until`},
		{teams, "team\na", "line 1: the header"},
		{teams, "team,person,since\na,b@x,", "line 1: the header"},
		{teams, "team;person\na;b@x", `line 1: the header is "team;person"`},
		{teams, "team,person,team\na,b@x,c", "line 1: the header"},
		{teams, "a,b@x", "line 1: the header"},
		{teams, "team,person\n\na,b@x\n,c@x", "line 4: the team is missing"},
		{teams, "team,person\na,\" \"", "line 2: the person is missing"},
		{teams, "team,person\na", "line 2: the person is missing"},
		{teams, "team,person\na,b@x,2025-01-01", "line 2: there are 3 cells"},
		{teams, "team,person\na,b\"@x", "line 2: "},
		{teams, "team,person\n\"a,b@x\n", "line "},
		{teams, "team,person,from,until\na,b@x,2025-02-30,", `line 2: invalid day "2025-02-30"`},
		{teams, "team,person,from,until\na,b@x,,31.3.2025", `line 2: invalid day "31.3.2025"`},
		{teams, "team,person,from,until\na,b@x,2025-02-02,2025-02-01", "line 2: the time in the team ends before it begins"},
		{teams, "team,person,from,until\na,b@x,,2025-02-02\na,B@X,2025-02-02,", "line 3: B@X is in a on days that overlap those of line 2"},
		{teams, "team,person\na,b@x\na,b@x", "line 3: "},
		{teams, "team,person\na,\xff", "the file is not UTF-8"},
		{groups, "", "line 1: the header"},
		{groups, "group,repository\na,[", "line 2: invalid pattern"},
		{groups, "group,repository\n,a", "line 2: the group is missing"},
	}
	for _, test := range tests {
		err := test.parse(test.text)
		if !errors.Is(err, ErrMisuse) || !strings.Contains(err.Error(), test.want) ||
			!strings.HasPrefix(err.Error(), "x.csv line ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error is %v, want %q", test.text, err, test.want)
		}
	}
	for _, text := range []string{
		"team,person", "\ufeffTeam, Person\r\na,b@x\r\n", "until,person,from,team\n2025-01-01,b@x,,a",
		"team,person,from,until\na,b@x", "team,person,from,until\na,b@x,,2025-02-01\na,b@x,2025-02-02,\nb,b@x,,",
	} {
		if err := teams(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestTeamFootnotes: lines that match nobody, and patterns that match no team, are told with their numbers.
func TestTeamFootnotes(t *testing.T) {
	db := small(t, "2025-01-01")
	teams, err := ParseTeams("x.csv", strings.NewReader("team,person\none,a@x\ntwo,A@X\none,zoe@x\n"))
	if err != nil {
		t.Fatal(err)
	}
	q := Query{By: []Dimension{Team}, Zone: time.UTC, Now: worldNow, Teams: teams,
		Filter: Filter{Teams: []string{"t*", "three"}}}
	r := mustVolume(t, db, q)
	if got := show(r); got != "two:1" {
		t.Errorf("rows are %s", got)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{
		"x.csv line 4: zoe@x has no commits", `no team matches --team "three"`, "several teams at once", "x.csv, on the day",
	} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes have no %q:\n%s", want, notes)
		}
	}
	q.Anonymize = true
	if notes := strings.Join(mustVolume(t, db, q).Notes, "\n"); strings.Contains(notes, "zoe") {
		t.Errorf("an anonymous report has a name in its notes:\n%s", notes)
	}
	q.By, q.Filter = []Dimension{Month}, Filter{}
	if notes := strings.Join(mustVolume(t, db, q).Notes, "\n"); strings.Contains(notes, "x.csv") {
		t.Errorf("a file that was not used is in the notes:\n%s", notes)
	}
}

// TestTeamAddresses: any address of a person counts, those of the mailmap first.
func TestTeamAddresses(t *testing.T) {
	m, err := people.ParseMailmap(strings.NewReader("Jane <jane@x> <j@home>\nJane <jane@x> Jane <shared@x>\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := people.Resolve([]store.Author{
		{Raw: "Jane <jane@x>", UUID: "{U-1}"}, {Raw: "j <J@Home>"}, {Raw: "Jane <shared@x>"}, {Raw: "Joe <shared@x>"},
		{Raw: "no e-mail"},
	}, m, nil)
	find := d.Addresses()
	for address, want := range map[string]string{
		"JANE@x": "[0]", "j@home": "[0]", "u-1": "[0]", "{U-1}": "[0]", "shared@x": "[1]", "": "[]", "nobody@x": "[]",
	} {
		if got := fmt.Sprint(find(address)); got != want {
			t.Errorf("%q is of %s, want %s", address, got, want)
		}
	}
}

// TestNewAuthorsOfFloors: who is new cannot be known where a history was not fetched from its beginning.
func TestNewAuthorsOfFloors(t *testing.T) {
	db := small(t, "2025-01-01")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		repos, err := tx.Repositories()
		if err != nil {
			return err
		}
		repos[0].Floor = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		return tx.PutRepository(repos[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	q := Query{By: []Dimension{Month}, Zone: time.UTC, Now: worldNow, Columns: []Column{NewAuthors}}
	if notes := strings.Join(mustVolume(t, db, q).Notes, "\n"); !strings.Contains(notes, "new_authors may count") {
		t.Errorf("notes are %s", notes)
	}
}
