package report

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkstat/store"
)

// A world is a random database, and beside it the same commits in plain slices, from which the
// oracle counts.
type world struct {
	repos   []store.Repository
	commits [][]worldCommit // by repository
	persons []worldPerson
	teams   []worldTeam
	groups  [][2]string // group, pattern of slugs
}

// worldTeam is a line of a file of teams. Days are zero where the file has none.
type worldTeam struct {
	team        string
	person      int
	address     string
	from, until time.Time
}

type worldCommit struct {
	hash   store.Hash
	date   int64
	person int
	author int // of the person's authors
	merge  bool

	kind, issue string // of the subject; "" for none
	assistant   string // named in a trailer; "" for none
	coAuthors   []int  // persons, under their first authors
	word        string // in the message, for --grep
}

// worldPerson is one identity by construction: its authors share an account or an e-mail.
type worldPerson struct {
	authors   []store.Author
	bot       bool
	assistant string // that the person is; mostly ""
}

const daySeconds = 24 * 60 * 60

var worldNow = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// newWorld makes repositories of which the last third are forks of the first, with commits
// dated by date.
func newWorld(rng *rand.Rand, repos, commits int, date func() int64) *world {
	w := &world{persons: worldPersons(), groups: [][2]string{
		{"even", "repo-0"}, {"even", "REPO-2"}, {"all", "repo-*"}, {"beta", "beta/repo-[13]"}, {"none", "x*"},
	}}
	w.setTeams(rng, date)
	for i := range repos {
		repo := store.Repository{
			UUID:      store.UUID(fmt.Sprintf("{%08d-1111}", i)),
			Workspace: []string{"acme", "beta"}[i%2], Slug: fmt.Sprintf("repo-%d", i/2),
			Project: fmt.Sprintf("P%d", i%3), MainBranch: "main", LastSync: worldNow,
		}
		history := w.history(rng, i, rng.IntN(commits), date)
		repo.Roots = []store.Hash{{byte(i + 1)}}
		if i >= repos-repos/3 {
			parent := rng.IntN(repos / 3)
			shared := w.commits[parent][:rng.IntN(len(w.commits[parent])+1)]
			history = append(history, shared...)
			repo.Roots = append(repo.Roots, w.repos[parent].Roots...)
		}
		w.repos, w.commits = append(w.repos, repo), append(w.commits, history)
	}
	return w
}

func worldPersons() []worldPerson {
	persons := []worldPerson{
		{authors: []store.Author{{Raw: "Renovate <bot@renovateapp.com>"}}, bot: true},
		{authors: []store.Author{{Raw: "CI", UUID: "{app}", App: true}}, bot: true},
		{authors: []store.Author{{Raw: "no brackets at all"}}},
	}
	for i := range 9 {
		account := fmt.Sprintf("{account-%d}", i)
		persons = append(persons, worldPerson{authors: []store.Author{
			{Raw: fmt.Sprintf("Person %d <p%d@example.org>", i, i)},
			{Raw: fmt.Sprintf("P. %d <P%d@Example.org>", i, i), UUID: account},
			{Raw: fmt.Sprintf("Person %d <p%d@home.example>", i, i), UUID: account},
			{Raw: fmt.Sprintf("Same Name <same%d@example.org>", i), UUID: account},
		}})
	}
	return append(persons, worldPerson{bot: true, assistant: "copilot", authors: []store.Author{
		{Raw: "Copilot <198982749+Copilot@users.noreply.github.com>"},
	}})
}

// setTeams makes teams that people join, leave and join again, some of them several at once.
func (w *world) setTeams(rng *rand.Rand, date func() int64) {
	day := func() time.Time {
		year, month, day := time.Unix(date(), 0).UTC().Date()
		return time.Date(min(max(year, 1), 9000), month, day, 0, 0, 0, 0, time.UTC)
	}
	for p, person := range w.persons {
		addresses := []string{strings.TrimSuffix(after(person.authors[0].Raw, "<"), ">"), person.authors[0].UUID}
		if len(person.authors) > 1 {
			addresses = []string{fmt.Sprintf("P%d@example.ORG", p-3), fmt.Sprintf("p%d@home.example", p-3), person.authors[1].UUID}
		}
		for i, address := range addresses {
			if address == "" || rng.IntN(3) == 0 {
				continue
			}
			from, middle, until := day(), day(), day()
			days := []time.Time{from, middle, until}
			slices.SortFunc(days, time.Time.Compare)
			team := fmt.Sprintf("team %d", rng.IntN(3))
			switch rng.IntN(4) {
			case 0:
				w.teams = append(w.teams, worldTeam{team: team, person: p, address: address})
			case 1:
				w.teams = append(w.teams, worldTeam{team: team, person: p, address: address, from: days[1]},
					worldTeam{team: fmt.Sprintf("team %d", i+3), person: p, address: address, until: days[1]})
			default:
				w.teams = append(w.teams, worldTeam{team, p, address, days[0], days[1]})
				if days[2].After(days[1]) {
					w.teams = append(w.teams, worldTeam{team, p, address, days[1].AddDate(0, 0, 1), days[2]})
				}
			}
		}
	}
}

// after returns what follows a separator, or nothing.
func after(s, separator string) string {
	_, rest, _ := strings.Cut(s, separator)
	return rest
}

// withFiles gives a query the world's teams and groups, as files have them.
func (w *world) withFiles(t testing.TB, q Query) Query {
	t.Helper()
	text := "team,person,from,until\n"
	day := func(d time.Time) string {
		if d.IsZero() {
			return ""
		}
		return d.Format(time.DateOnly)
	}
	for _, line := range w.teams {
		text += fmt.Sprintf("%s,%s,%s,%s\n", line.team, line.address, day(line.from), day(line.until))
	}
	var err error
	if q.Teams, err = ParseTeams("teams.csv", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	text = "group,repository\n"
	for _, line := range w.groups {
		text += line[0] + "," + line[1] + "\n"
	}
	if q.Groups, err = ParseGroups("groups.csv", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return q
}

// message is a commit's message, made of what the oracle knows.
func (c worldCommit) message(w *world) string {
	subject := "Work on it"
	if c.issue != "" {
		subject = c.issue + "-12 " + subject
	}
	switch c.kind {
	case "":
	case "revert":
		subject = `Revert "` + subject + `"`
	default:
		subject = c.kind + "(api)!: " + subject
	}
	trailers := ""
	for _, p := range c.coAuthors {
		trailers += "Co-authored-by: " + w.persons[p].authors[0].Raw + "\n"
	}
	switch c.assistant {
	case "claude":
		trailers += "Co-Authored-By: Claude <noreply@anthropic.com>\n"
	case "cursor":
		trailers += "co-authored-by: Cursor <cursoragent@cursor.com>\n"
	}
	return subject + "\n\nBecause of " + c.word + ".\n\n" + trailers
}

func (w *world) history(rng *rand.Rand, repo, n int, date func() int64) []worldCommit {
	history := make([]worldCommit, n)
	for i := range history {
		c := &history[i]
		binary.BigEndian.PutUint64(c.hash[:], rng.Uint64())
		binary.BigEndian.PutUint64(c.hash[12:], uint64(repo)<<32|uint64(i+1))
		c.date = date()
		c.person = rng.IntN(len(w.persons))
		c.author = rng.IntN(len(w.persons[c.person].authors))
		c.merge = rng.IntN(4) == 0
		c.kind = []string{"", "feat", "fix", "revert"}[rng.IntN(4)]
		c.issue = []string{"", "PAY", "OPS"}[rng.IntN(3)]
		c.assistant = []string{"", "", "claude", "cursor"}[rng.IntN(4)]
		c.word = []string{"alpha", "beta", "gamma"}[rng.IntN(3)]
		for _, p := range rng.Perm(len(w.persons))[:rng.IntN(3)] {
			if len(w.persons[p].authors) > 1 {
				c.coAuthors = append(c.coAuthors, p)
			}
		}
	}
	return history
}

func (c worldCommit) stored(w *world) store.Commit {
	parents := []store.Hash{{1}, {2}}
	if !c.merge {
		parents = parents[:1]
	}
	return store.Commit{
		Hash: c.hash, Date: c.date, Author: w.persons[c.person].authors[c.author],
		Parents: parents, Message: c.message(w),
	}
}

// open writes the world to a database, its commits in a random order, or without rng as they are.
func (w *world) open(t testing.TB, rng *rand.Rand) *store.DB {
	t.Helper()
	db := store.Open(filepath.Join(t.TempDir(), "trunkstat.db"))
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		for i, repo := range w.repos {
			if err := tx.PutRepository(repo); err != nil {
				return err
			}
			var commits []store.Commit
			for _, c := range w.commits[i] {
				commits = append(commits, c.stored(w))
			}
			if rng != nil {
				rng.Shuffle(len(commits), func(i, j int) { commits[i], commits[j] = commits[j], commits[i] })
			}
			if _, err := tx.PutCommits(repo.UUID, commits); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// between makes dates evenly spread over a range.
func between(rng *rand.Rand, since, until time.Time) func() int64 {
	return func() int64 { return since.Unix() + rng.Int64N(until.Unix()-since.Unix()) }
}

// rowsOf collects the rows of a report, each with memory of its own.
func rowsOf(r *Result) []Row {
	var rows []Row
	for row := range r.Rows.All() {
		own := *row
		own.Keys, own.Cells = slices.Clone(row.Keys), slices.Clone(row.Cells)
		if row.Previous != nil {
			own.Previous = new(Counts)
			*own.Previous = *row.Previous
		}
		rows = append(rows, own)
	}
	return rows
}

// written is all that there is in a report, and who its people are.
func written(r *Result) string {
	rows := rowsOf(r)
	for i := range rows {
		if p := rows[i].Person; p != nil { // %+v writes where a Person is, not who
			rows[i].Keys = append(rows[i].Keys, p.Key)
			rows[i].Person = nil
		}
	}
	rest := *r
	rest.Rows = Rows{}
	return fmt.Sprintf("%+v %+v", rows, rest)
}
