package people

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"trunkstat/store"
)

func TestParseAuthor(t *testing.T) {
	tests := []struct{ raw, name, email string }{
		{"Jane Doe <jane@x.org>", "Jane Doe", "jane@x.org"},
		{"<jane@x.org>", "", "jane@x.org"},
		{"Jane <>", "Jane", ""},
		{"Jane", "Jane", ""},
		{"Jane Doe", "Jane Doe", ""},
		{"jane@x.org", "", "jane@x.org"},
		{"jane at x.org", "jane at x.org", ""},
		{"Jane @home", "Jane @home", ""},
		{"@jane", "@jane", ""},
		{"Jane <jane@x.org", "Jane", "jane@x.org"},
		{"Jane <a@x> <b@x>", "Jane", "a@x"},
		{"Jane <<a@x>>", "Jane", "<a@x"},
		{"Jane > x <a@x>", "Jane > x", "a@x"},
		{"  Jane\t < jane@x.org > ", "Jane", "jane@x.org"},
		{"山田 太郎 <taro@例え.jp>", "山田 太郎", "taro@例え.jp"},
		{"\xff\xfe <\xff>", "\xff\xfe", "\xff"},
		{"", "", ""},
	}
	for _, test := range tests {
		if name, email := ParseAuthor(test.raw); name != test.name || email != test.email {
			t.Errorf("%q: got %q and %q", test.raw, name, email)
		}
	}
}

func FuzzParseAuthor(f *testing.F) {
	for _, seed := range []string{"Jane <jane@x.org>", "a <b <c>", "x@y", "> <", "\xff<é>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		name, email := ParseAuthor(raw)
		if !strings.Contains(raw, name) || !strings.Contains(raw, email) || strings.Contains(name, "<") ||
			strings.TrimSpace(name) != name || strings.TrimSpace(email) != email {
			t.Errorf("%q: got %q and %q", raw, name, email)
		}
	})
}

// groups writes who is taken for the same: the numbers of the authors of each person.
func groups(p *Directory) string {
	var all []string
	for i := range len(p.Persons) {
		all = append(all, fmt.Sprint(p.Persons[i].Authors))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestResolve(t *testing.T) {
	a := func(raw, uuid string) store.Author { return store.Author{Raw: raw, UUID: uuid} }
	tests := []struct {
		name, mailmap string
		authors       []store.Author
		want          string
	}{
		{"e-mails fold", "", []store.Author{a("Jane <j@x>", ""), a("J. <J@X>", "")}, "[0 1]"},
		{"a name joins nobody", "", []store.Author{a("Adam <a@x>", ""), a("Adam <b@x>", "")}, "[0] [1]"},
		{"raw texts join nobody", "", []store.Author{a("Adam", ""), a("adam", "")}, "[0] [1]"},
		{"a raw text and an e-mail", "", []store.Author{a("Adam", ""), a("Adam <a@x>", "")}, "[0] [1]"},
		{"e-mails in two Unicode forms", "",
			[]store.Author{a("Rene <ren\u00e9@x>", ""), a("R <Rene\u0301@x>", "")}, "[0 1]"},
		{"texts in two Unicode forms", "",
			[]store.Author{a("Ren\u00e9 B", ""), a("Rene\u0301  B", ""), a("Rene B", "")}, "[0 1] [2]"},
		{"letters that fold into two", "",
			[]store.Author{a("A <stra\u00dfe@x>", ""), a("B <strasse@x>", "")}, "[0] [1]"},
		{"an account", "", []store.Author{a("A <a@x>", "{u}"), a("B <b@x>", "{u}")}, "[0 1]"},
		{"an e-mail linked elsewhere", "",
			[]store.Author{a("A <a@x>", ""), a("A <A@x>", "{u}"), a("B <b@x>", "{u}")}, "[0 1 2]"},
		{"an account without e-mail", "",
			[]store.Author{a("A", "{u}"), a("B <b@x>", "{u}"), a("A", "")}, "[0 1] [2]"},
		{"chains", "", []store.Author{
			a("A <a@x>", "{u}"), a("A <b@x>", "{u}"), a("A <b@x>", "{v}"), a("A <c@x>", "{v}"), a("D <d@x>", "{w}"),
		}, "[0 1 2 3] [4]"},
		{"the mailmap joins", "Jane <j@x> <j@home>",
			[]store.Author{a("J <j@home>", ""), a("Jane <j@x>", ""), a("J <j@y>", "")}, "[0 1] [2]"},
		{"the mailmap joins what has no e-mail", "Jane <j@x> Jane <>",
			[]store.Author{a("Jane", ""), a("Jane <j@x>", ""), a("Joe", "")}, "[0 1] [2]"},
		{"the mailmap leads to an account", "<j@x> <j@home>", []store.Author{
			a("J <j@home>", ""), a("J <j@x>", "{u}"), a("J <j@y>", "{u}"),
		}, "[0 1 2]"},
		{"an account goes along with the mailmap", "Jane <j@x> <j@home>",
			[]store.Author{a("J <j@home>", "{u}"), a("J <j@y>", "{u}")}, "[0 1]"},
		{"the mailmap before the account", "<jane@x> <jane@home>\n<joe@x> <joe@home>", []store.Author{
			a("Jane <jane@home>", "{pair}"), a("Joe <joe@home>", "{pair}"), a("We <pair@x>", "{pair}"),
		}, "[0] [1] [2]"},
		{"names within an e-mail", "Jane <jane@x> Jane <shared@x>", []store.Author{
			a("Jane <shared@x>", "{u}"), a("Joe <shared@x>", "{u}"), a("Jane <jane@x>", ""),
		}, "[0 2] [1]"},
		{"a proper name alone", "Jane Doe <j@x>",
			[]store.Author{a("j <j@x>", "{u}"), a("j <j@y>", "{u}")}, "[0 1]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := ParseMailmap(strings.NewReader(test.mailmap))
			if err != nil {
				t.Fatal(err)
			}
			if got := groups(Resolve(test.authors, m, nil)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestChooseNames(t *testing.T) {
	authors := []store.Author{
		{Raw: "jane <jane@x>", UUID: "{u}"}, {Raw: "Jane Doe <Jane@X>", UUID: "{u}"},
		{Raw: "Jane Doe <jane@home>", UUID: "{u}"}, {Raw: "<jane@work>", UUID: "{u}"},
	}
	tests := []struct {
		mailmap, want string
		used          []int64
	}{
		{"", "Jane Doe <Jane@X>", nil},
		{"", "jane <jane@x>", []int64{3, 2, 2, 2}},
		{"", "Jane Doe <jane@home>", []int64{3, 2, 4, 9}},
		{"", "Jane Doe <Jane@X>", []int64{2, 3, 3, 0}},
		{"JD <jd@x> <jane@home>", "JD <jd@x>", []int64{9, 9, 1, 9}},
		{"JD <jane@home>", "JD <jane@home>", []int64{9, 9, 0, 9}},
	}
	for _, test := range tests {
		m, err := ParseMailmap(strings.NewReader(test.mailmap))
		if err != nil {
			t.Fatal(err)
		}
		p := Resolve(authors, m, nil)
		p.ChooseNames(test.used)
		if got := fmt.Sprintf("%s <%s>", p.Persons[0].Name, p.Persons[0].Email); got != test.want || len(p.Persons) != 1 {
			t.Errorf("%q %v: got %s", test.mailmap, test.used, got)
		}
	}
}

// TestChooseNamesForms: one name in two Unicode forms, or with more blanks, is one name.
func TestChooseNamesForms(t *testing.T) {
	d := Resolve([]store.Author{
		{Raw: "Rene\u0301  Blanc <r@x>", UUID: "{u}"}, {Raw: "Ren\u00e9 Blanc <r@x>", UUID: "{u}"},
		{Raw: "rb <r@x>", UUID: "{u}"},
	}, nil, nil)
	d.ChooseNames([]int64{2, 2, 3})
	if got := d.Persons[0].Label(); got != "Ren\u00e9 Blanc" {
		t.Errorf("got %q", got)
	}
	for _, pattern := range []string{"ren\u00e9 b", "RENE\u0301 B", "*blanc", "RB"} {
		patterns, err := store.NewPatterns(pattern)
		if err != nil || !d.Persons[0].Matches(patterns.MatchPart) {
			t.Errorf("%q does not match, error %v", pattern, err)
		}
	}
}

func TestIsBot(t *testing.T) {
	extra, err := store.NewPatterns("ci@*", "deployer")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		author store.Author
		want   bool
	}{
		{store.Author{Raw: "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"}, true},
		{store.Author{Raw: "Dependabot <support@dependabot.com>"}, true},
		{store.Author{Raw: "Renovate <bot@renovateapp.com>"}, true},
		{store.Author{Raw: "x <123+dependabot@users.noreply.github.com>"}, true},
		{store.Author{Raw: "bitbucket-pipelines <commits-noreply@bitbucket.org>"}, true},
		{store.Author{Raw: "release-bot <x@x.org>"}, true},
		{store.Author{Raw: "x <my_bot@x.org>"}, true},
		{store.Author{Raw: "App", App: true}, true},
		{store.Author{Raw: "x <ci@x.org>"}, true},
		{store.Author{Raw: "The Deployer <x@x.org>"}, true},
		{store.Author{Raw: "Abbott <abbott@x.org>"}, false},
		{store.Author{Raw: "Jan Bot <jan.bot@x.org>"}, false},
		{store.Author{Raw: "Katy Jenkins <jenkins@x.org>"}, false},
		{store.Author{Raw: "Botond <botond@x.org>"}, false},
		{store.Author{Raw: "Renovate Fan <fan@renovate.org>"}, false},
		{store.Author{Raw: "x <x@bot.org>"}, false},
		{store.Author{Raw: ""}, false},

		{store.Author{Raw: "Claude <noreply@anthropic.com>"}, true},
		{store.Author{Raw: "Claude <NoReply@Anthropic.com>"}, true},
		{store.Author{Raw: "codex <codex@openai.com>"}, true},
		{store.Author{Raw: "Cursor Agent <cursoragent@cursor.com>"}, true},
		{store.Author{Raw: "CI <action@github.com>"}, true},
		{store.Author{Raw: "GitHub  Actions <ci@x.org>"}, true},
		{store.Author{Raw: "x <41898282+github-actions[bot]@users.noreply.github.com>"}, true},
		{store.Author{Raw: "Copilot <198982749+Copilot@users.noreply.github.com>"}, true},
		{store.Author{Raw: "Weblate (bot) <hosted@weblate.org>"}, true},
		{store.Author{Raw: "Translations (Bot) <x@x.org>"}, true},
		{store.Author{Raw: "Hosted Weblate <x@x.org>"}, true},
		{store.Author{Raw: "Crowdin Bot <support+bot@crowdin.com>"}, true},
		{store.Author{Raw: "x <support@dependabot.com>"}, true},
		{store.Author{Raw: "Mend Renovate <x@x.org>"}, true},

		{store.Author{Raw: "Claude Martin <claude@martin.example>"}, false},
		{store.Author{Raw: "Claude <noreply@anthropic.com.example>"}, false},
		{store.Author{Raw: "Jo <jo@anthropic.com>"}, false},
		{store.Author{Raw: "Cody Codex <codex@x.org>"}, false},
		{store.Author{Raw: "Action Jackson <action@x.org>"}, false},
		{store.Author{Raw: "Co Pilot <copilot@airline.example>"}, false},
		{store.Author{Raw: "Jane <123+copilotfan@users.noreply.github.com>"}, false},
		{store.Author{Raw: "Jane <noreply@github.com>"}, false},
		{store.Author{Raw: "Jane <jane+renovate@x.org>"}, false},
		{store.Author{Raw: "Jane <jane@crowdin.com>"}, false},
		{store.Author{Raw: "Weblate Fan <fan@weblate.org>"}, false},
		{store.Author{Raw: "Robbie (Bottom) <r@x.org>"}, false},
	}
	for _, test := range tests {
		p := Resolve([]store.Author{test.author}, nil, extra)
		if got := p.Persons[0].Bot; got != test.want {
			t.Errorf("%q: got %t", test.author.Raw, got)
		}
	}
}

func TestPseudonyms(t *testing.T) {
	pseudonyms := func(keys ...string) []string {
		d := &Directory{}
		for _, key := range keys {
			d.Persons = append(d.Persons, &Person{Key: key})
		}
		return d.Pseudonyms()
	}
	names := pseudonyms("2a@x", "2b@x")
	if names[0] == names[1] || len(names[0]) != len("author-")+8 {
		t.Errorf("got %q and %q", names[0], names[1])
	}
	// Two keys whose digests begin alike, found by search.
	twins := map[string]string{}
	for i := 0; ; i++ {
		key := fmt.Sprint(i)
		name := pseudonyms(key)[0]
		twin, found := twins[name]
		if !found {
			twins[name] = key
			continue
		}
		got := pseudonyms(twin, key, "2a@x")
		if got[0] == got[1] || got[2] != names[0] {
			t.Errorf("twins are %q and %q", got[0], got[1])
		}
		return
	}
}
