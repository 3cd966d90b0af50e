package people

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trunkstat/store"
)

// draftOf writes the proposals for authors as the command does, but for blank lines.
func draftOf(t *testing.T, mailmap string, authors []store.Author, used []int64) string {
	t.Helper()
	m, err := ParseMailmap(strings.NewReader(mailmap))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, proposal := range Resolve(authors, m, nil).Draft(used) {
		fmt.Fprintf(&b, "(%s)\n", proposal.Evidence)
		for _, line := range proposal.Lines {
			if !proposal.Certain {
				b.WriteString("# ")
			}
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func TestDraft(t *testing.T) {
	type commits struct {
		raw, uuid string
		n         int64
	}
	tests := []struct {
		name, mailmap string
		authors       []commits
		want          string
	}{
		{"one account", "", []commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <j@home>", "{u}", 3}},
			"(same account {u})\nJane Doe <jane@x> <j@home>\n"},
		{"an account by way of an e-mail", "",
			[]commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <J@Home>", "", 3}, {"J <j@home>", "{u}", 0}},
			"(same account {u})\nJane Doe <jane@x> <J@Home>\n"},
		{"the most commits are proper", "", []commits{{"Jane Doe <jane@x>", "{u}", 1}, {"J <j@home>", "{u}", 3}},
			"(same account {u})\nJ <j@home> <jane@x>\n"},
		{"a name before none", "", []commits{{"<jane@x>", "{u}", 9}, {"J <j@home>", "{u}", 3}},
			"(same account {u})\nJ <j@home> <jane@x>\n"},
		{"no name", "", []commits{{"<jane@x>", "{u}", 9}, {"<j@home>", "{u}", 3}},
			"(same account {u})\n<jane@x> <j@home>\n"},
		{"one local part", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"jane  DOE <Jane@y>", "{u}", 3}},
			"(same name and local part jane)\nJane Doe <jane@x> <Jane@y>\n"},
		{"a tag", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Jane Doe <jane+git@x>", "", 3}},
			"(same name and local part jane)\nJane Doe <jane@x> <jane+git@x>\n"},
		{"no-reply addresses", "", []commits{{"Jane Doe <123+jane@users.noreply.github.com>", "", 9},
			{"Jane Doe <jane@x>", "", 5}, {"Jane Doe <7-jane@users.noreply.gitlab.com>", "", 1}},
			"(same name and local part jane)\nJane Doe <jane@x> <123+jane@users.noreply.github.com>\n" +
				"Jane Doe <jane@x> <7-jane@users.noreply.gitlab.com>\n"},
		{"an account and a local part", "",
			[]commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <j@home>", "{u}", 3}, {"Jane Doe <jane@y>", "", 2}},
			"(same account {u}; same name and local part jane)\nJane Doe <jane@x> <j@home>\nJane Doe <jane@x> <jane@y>\n"},
		{"one name", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Jane Doe <jd@y>", "", 3}},
			"(same name)\n# Jane Doe <jane@x> <jd@y>\n"},
		{"names but for case, spacing and form", "",
			[]commits{{"Rene\u0301 Blanc <rene@x>", "", 5}, {"REN\u00c9  BLANC <rb@y>", "", 3}, {"ren\u00e9blanc <z@z>", "", 1}},
			"(same name)\n# Ren\u00e9 Blanc <rene@x> <rb@y>\n# Ren\u00e9 Blanc <rene@x> <z@z>\n"},
		{"a first name", "", []commits{{"Jane <jane@x>", "", 5}, {"Jane <jane@y>", "", 3}},
			"(same name)\n# Jane <jane@x> <jane@y>\n"},
		{"certain and doubtful", "",
			[]commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <j@home>", "{u}", 3}, {"Jane Doe <jd@y>", "{v}", 1}},
			"(same account {u})\nJane Doe <jane@x> <j@home>\n(same name)\n# Jane Doe <jane@x> <jd@y>\n"},
		{"names that say nothing", "", []commits{{"root <root@x>", "", 1}, {"root <root@y>", "", 1},
			{"Your Name <you@x>", "", 1}, {"Your Name <you@y>", "", 1}, {"<a@x>", "", 1}, {"<a@y>", "", 1}}, ""},
		{"a shared address", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Jane Doe <dev@x>", "", 3}, {"Bob Ray <dev@x>", "", 3}},
			"(same name)\n# Jane Doe <jane@x> Jane Doe <dev@x>\n"},
		{"shared addresses alone", "", []commits{{"Jane Doe <dev@x>", "", 5}, {"Jane Doe <dev@y>", "", 3}}, ""},
		{"a shared address of an account", "", []commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <me@x>", "{u}", 9}, {"J", "{u}", 3}},
			"(same account {u})\nJane Doe <jane@x> <me@x>\n"},
		{"shared addresses of an account", "", []commits{{"Jane Doe <git@x>", "{u}", 5}, {"J <me@x>", "{u}", 9}},
			"(same account {u})\nJ <me@x> <git@x>\n"},
		{"no address", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Jane Doe", "", 3}, {"Jane", "", 1}},
			"(same name)\n# Jane Doe <jane@x> Jane Doe <>\n"},
		{"nobody", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Bob Ray <jane@y>", "", 3}, {"J D <Jane@X>", "", 3}}, ""},
		{"bots", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Jane Doe <jane-bot@y>", "", 3},
			{"My [bot] <a@x>", "{u}", 1}, {"My [bot] <b@x>", "{u}", 1}}, ""},
		{"an address without commits", "", []commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <j@home>", "{u}", 0}},
			"(same account {u})\nJane Doe <jane@x> <j@home>\n"},
		{"a person without commits", "", []commits{{"Jane Doe <jane@x>", "", 5}, {"Jane Doe <jane@y>", "", 0}}, ""},
		{"mapped already", "Jane Doe <jane@x> <j@home>\nJane Doe <jane@x> <jane@y>", []commits{
			{"Jane Doe <jane@x>", "{u}", 5}, {"J <j@home>", "{u}", 3}, {"Jane Doe <jane@y>", "", 2}}, ""},
		{"mapped in part", "JD <jd@x> <j@home>", []commits{{"Jane Doe <jane@x>", "{u}", 5}, {"J <j@home>", "{u}", 3}},
			"(same account {u})\nJD <jd@x> <jane@x>\n"},
		{"mapped to what is merged", "Jane Doe <jane@old> <j@old>", []commits{
			{"J <j@old>", "", 1}, {"Jane Doe <jane@x>", "", 5}},
			"(same name and local part jane)\nJane Doe <jane@old> <jane@x>\n"},
		{"divided by name", "Jane Doe <jane@x> Jane <pair@x>\nBob Ray <bob@x> Bob <pair@x>", []commits{
			{"Jane <pair@x>", "", 9}, {"Bob <pair@x>", "", 9}, {"Jane Doe <jane@y>", "", 1}},
			"(same name and local part jane)\nJane Doe <jane@x> <jane@y>\n"},
		{"characters of the format", "", []commits{{"#Jane Doe <jane@x>", "{u}", 9}, {"Jane > Doe <jd@x>", "{u}", 8},
			{"Jane\nDoe <jn@x>", "{u}", 1}, {"J#D <j@x>", "{u}", 7}, {"Jane <j<d@x>", "{u}", 6}},
			"(same account {u})\nJ#D <j@x> <jane@x>\nJ#D <j@x> <jd@x>\nJ#D <j@x> <jn@x>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var authors []store.Author
			var used []int64
			for _, c := range test.authors {
				authors, used = append(authors, store.Author{Raw: c.raw, UUID: c.uuid}), append(used, c.n)
			}
			if got := draftOf(t, test.mailmap, authors, used); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

// randomAuthors are people with few names and addresses, so that all kinds of evidence meet.
func randomAuthors(rng *rand.Rand) (authors []store.Author, used []int64) {
	names := []string{"", "Jane Doe", "jane  doe", "JaneDoe", "Jane", "Bob Ray", "BOB RAY", "root", "#Jane Doe", "Jane > Doe",
		"Jane\nDoe", "Rene\u0301 B", "Ren\u00e9 B", "Renovate Bot", "J#\u0000", "Ümläut X", "ÜMLÄUT X"}
	locals := []string{"jane", "Jane", "jd", "bob", "dev", "root", "jane+git", "12+jane", "rené", "RENÉ", "a b", "j#d"}
	domains := []string{"x", "X", "y", "home.example", "users.noreply.github.com"}
	accounts := []string{"", "", "", "{u}", "{v}", "{w}"}
	for range 2 + rng.IntN(14) {
		raw := pick(rng, names)
		if rng.IntN(8) > 0 {
			raw += " <" + pick(rng, locals) + "@" + pick(rng, domains) + ">"
		}
		authors = append(authors, store.Author{Raw: raw, UUID: pick(rng, accounts)})
		used = append(used, rng.Int64N(5))
	}
	return authors, used
}

// TestDraftApplied applies the certain lines of random drafts: they join the persons that they were proposed
// for and no others, and nothing certain is left to propose. Doubtful lines can be read too.
func TestDraftApplied(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	merged := 0
	for round := range 2000 {
		authors, used := randomAuthors(rng)
		before := Resolve(authors, nil, nil)
		proposals := before.Draft(used)
		var file strings.Builder
		joined := &Groups[int]{}
		for i := range len(before.Persons) {
			for _, n := range before.Persons[i].Authors {
				joined.Join(int(before.Persons[i].Authors[0]), int(n))
			}
		}
		for _, proposal := range proposals {
			var persons []uint32
			for _, line := range proposal.Lines {
				_, email, rest, ok := cutContact(line)
				_, commitEmail, tail, ok2 := cutContact(rest)
				if !ok || !ok2 || email == "" || tail != "" || strings.ContainsAny(line, "\n\r\x00") || strings.HasPrefix(line, "#") {
					t.Fatalf("%q cannot be read", line)
				}
				if proposal.Certain {
					file.WriteString(line + "\n")
					persons = append(persons, authorsAt(before, email)...)
					persons = append(persons, authorsAt(before, commitEmail)...)
					merged++
				}
			}
			for _, n := range persons {
				joined.Join(int(persons[0]), int(n))
			}
		}
		m, err := ParseMailmap(strings.NewReader(file.String()))
		if err != nil {
			t.Fatal(err)
		}
		after := Resolve(authors, m, nil)
		for a := range authors {
			for b := range authors {
				want := joined.Find(a) == joined.Find(b)
				if got := after.Indexes[a] == after.Indexes[b]; got != want {
					t.Fatalf("round %d: %+v and %+v are one: %t, want %t\n%+v\n%s", round, authors[a], authors[b], got, want, authors, file.String())
				}
			}
		}
		for _, proposal := range after.Draft(used) {
			if proposal.Certain {
				t.Fatalf("round %d: after\n%sthere is %+v\n%+v", round, file.String(), proposal, authors)
			}
		}
	}
	if merged < 1000 {
		t.Errorf("only %d lines were tried", merged)
	}
}

// authorsAt are the authors with an e-mail.
func authorsAt(d *Directory, email string) (numbers []uint32) {
	for n, a := range d.aliases {
		if FoldEmail(a.raw.email) == FoldEmail(email) {
			numbers = append(numbers, uint32(n))
		}
	}
	return numbers
}

// TestDraftBehindMailmap applies drafts behind the random mailmaps that they were made with: all lines hold,
// and no person is divided, unless an author of an account has no e-mail: no line can hold that.
func TestDraftBehindMailmap(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 13))
	for round := range 2000 {
		authors, used := randomAuthors(rng)
		var file string
		for range 1 + rng.IntN(4) {
			a, b := pick(rng, []string{"jane@x", "jd@y", "new@x"}), pick(rng, []string{"jane@y", "jane@home.example", "bob@x", "dev@x", "jd@x"})
			file += fmt.Sprintf("%s <%s> %s<%s>\n", pick(rng, []string{"Jane Doe", "", "JD"}), a, pick(rng, []string{"", "", "Jane Doe "}), b)
		}
		m, _ := ParseMailmap(strings.NewReader(file))
		before := Resolve(authors, m, nil)
		proposals, added, divided := before.Draft(used), "", false
		for n, a := range before.aliases {
			divided = divided || a.raw.email == "" && authors[n].UUID != ""
		}
		for _, proposal := range proposals {
			if proposal.Certain {
				added += strings.Join(proposal.Lines, "\n") + "\n"
			}
		}
		m, _ = ParseMailmap(strings.NewReader(file + added))
		after := Resolve(authors, m, nil)
		for a := range authors {
			for b := range authors {
				if !divided && before.Indexes[a] == before.Indexes[b] && after.Indexes[a] != after.Indexes[b] {
					t.Fatalf("round %d: %+v and %+v were one\n%+v\n%s--\n%s", round, authors[a], authors[b], authors, file, added)
				}
			}
		}
		for line := range strings.Lines(added) {
			_, email, rest, _ := cutContact(line)
			commitName, commitEmail, _, _ := cutContact(rest)
			if _, got, _ := m.Map(commitName, commitEmail); got != email {
				t.Fatalf("round %d: %q does not hold: %q\n%s--\n%s", round, line, got, file, added)
			}
		}
	}
}

// TestDraftIsStable drafts from the same authors in other orders.
func TestDraftIsStable(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 14))
	for range 500 {
		authors, used := randomAuthors(rng)
		want := draftOf(t, "", authors, used)
		order := rng.Perm(len(authors))
		var shuffled []store.Author
		var shuffledUsed []int64
		for _, i := range order {
			shuffled, shuffledUsed = append(shuffled, authors[i]), append(shuffledUsed, used[i])
		}
		if got := draftOf(t, "", shuffled, shuffledUsed); got != want {
			t.Fatalf("%+v: got\n%swant\n%s", authors, got, want)
		}
	}
}

// TestDraftAsGit gives drafts to git, doubtful lines included, and asks it about all authors.
func TestDraftAsGit(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	if out, err := exec.Command(git, "init", "-q", dir).CombinedOutput(); err != nil {
		t.Fatalf("git init: %v: %s", err, out)
	}
	rng := rand.New(rand.NewPCG(15, 15))
	for round := range 60 {
		authors, used := randomAuthors(rng)
		var file string
		for _, proposal := range Resolve(authors, nil, nil).Draft(used) {
			file += "# " + proposal.Evidence + "\n" + strings.Join(proposal.Lines, "\n") + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, ".mailmap"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		m, _ := ParseMailmap(strings.NewReader(file))
		var contacts, want []string
		for _, author := range authors {
			name, email := ParseAuthor(author.Raw)
			if !fits(name) || !fits(email) || name == "" && email == "" {
				continue // git cannot be asked about it
			}
			contacts = append(contacts, strings.TrimSpace(name+" <"+email+">"))
			name, email, _ = m.Map(name, email)
			want = append(want, strings.TrimLeft(name+" <"+email+">", " "))
		}
		if len(contacts) == 0 {
			continue
		}
		cmd := exec.Command(git, "-C", dir, "check-mailmap", "--stdin")
		cmd.Stdin = strings.NewReader(strings.Join(contacts, "\n") + "\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("git check-mailmap: %v", err)
		}
		if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, want) {
			t.Errorf("round %d: git says %q, we say %q\n%s", round, got, want, file)
		}
	}
}
