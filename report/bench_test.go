package report

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/store"
)

var benchCommits = flag.Int("commits", 1_000_000, "commits in the benchmarks' database")

// benchDB makes the benchmarks' database once: 200 repositories of unequal sizes, of which two
// are forks of others, ten years, 2,000 author texts.
var benchDB = sync.OnceValues(func() (*store.DB, error) {
	dir, err := os.MkdirTemp("", "trunkstat-bench")
	if err != nil {
		return nil, err
	}
	benchDir = dir
	db := store.Open(filepath.Join(dir, "bench.db"))
	return db, fillBench(db, 200, *benchCommits)
})

var benchDir string

// TestMain collects garbage less often than usual in tests, which halves their CPU time. Benchmarks
// measure what the product does.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		debug.SetGCPercent(400)
	}
	code := m.Run()
	if benchDir != "" {
		os.RemoveAll(benchDir)
	}
	os.Exit(code)
}

func fillBench(db *store.DB, repos, total int) error {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range repos {
		n := 2 * total * (repos - i) / (repos * (repos + 1))
		repo := store.Repository{
			UUID: store.UUID(fmt.Sprintf("{%08d}", i)), Workspace: "acme",
			Slug: fmt.Sprintf("repo-%03d", i), Project: fmt.Sprintf("P%d", i%12),
			MainBranch: "main", LastSync: benchNow,
		}
		commits := benchHistory(rng, uint64(i), n)
		for len(commits) > 0 {
			chunk := commits[:min(len(commits), 20_000)]
			commits = commits[len(chunk):]
			err := db.Update(context.Background(), func(tx *store.Tx) error {
				if err := tx.PutRepository(repo); err != nil {
					return err
				}
				_, err := tx.PutCommits(repo.UUID, chunk)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

var benchNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// benchHistory is newest first, as Bitbucket lists it, and almost in the order of dates.
func benchHistory(rng *rand.Rand, repo uint64, n int) []store.Commit {
	commits := make([]store.Commit, n)
	span := int64(10 * 365 * daySeconds)
	for i := range commits {
		c := &commits[i]
		binary.BigEndian.PutUint64(c.Hash[:], rng.Uint64())
		binary.BigEndian.PutUint64(c.Hash[8:], repo<<32|uint64(i))
		c.Date = benchNow.Unix() - span*int64(i)/int64(n) - rng.Int64N(3*daySeconds)
		person := rng.IntN(2000)
		if rng.IntN(4) > 0 {
			person = int(repo)*10 + rng.IntN(12)
		}
		c.Author.Raw = fmt.Sprintf("Person %d <p%d@example.org>", person, person)
		c.Parents = []store.Hash{{1}, {2}}[:1+rng.IntN(5)/4] // not stored; nobody looks
		c.Message = benchMessages[rng.IntN(len(benchMessages))]
	}
	return commits
}

// benchMessages are as long as messages are on average, some with trailers.
var benchMessages = []string{
	"Fix a typo",
	"feat(api): PAY-123 accept amounts without decimals\n\nThe form sends them so. " + strings.Repeat("More words. ", 20),
	"Merged in feature/OPS-7 (pull request #12)\n\nOPS-7 rotate the logs\n\nApproved-by: Ada <ada@example.org>",
	"Rework the cache\n\n" + strings.Repeat("It was too slow for the large case. ", 8) +
		"\n\nCo-authored-by: Claude <noreply@anthropic.com>\nCo-authored-by: Person 7 <p7@example.org>\n",
}

// benchTeams has every person in one of 20 teams, and of some in another for a time.
func benchTeams() (*Teams, error) {
	text := "team,person,from,until\n"
	for i := range 2000 {
		text += fmt.Sprintf("team %d,p%d@example.org,,\n", i%20, i)
		if i%3 == 0 {
			text += fmt.Sprintf("team %d,p%d@example.org,2018-01-01,2020-12-31\n", (i+1)%20, i)
		}
	}
	return ParseTeams("teams.csv", strings.NewReader(text))
}

// BenchmarkVolume counts the whole database by every dimension, and by pairs of them.
func BenchmarkVolume(b *testing.B) {
	zone, _, err := calendar.LoadZone("Europe/Berlin", os.Getenv)
	if err != nil {
		b.Fatal(err)
	}
	teams, err := benchTeams()
	if err != nil {
		b.Fatal(err)
	}
	groups, err := ParseGroups("groups.csv", strings.NewReader("group,repository\neven,repo-??[02468]\nfirst,repo-0*"))
	if err != nil {
		b.Fatal(err)
	}
	bench := func(name string, q Query) {
		q.Zone, q.Now, q.Teams, q.Groups = zone, benchNow, teams, groups
		b.Run(name, func(b *testing.B) { benchVolume(b, q) })
	}
	for _, dim := range Dimensions {
		bench(string(dim), Query{By: []Dimension{dim}})
	}
	bench("author,week", Query{By: []Dimension{AuthorDim, Week}})
	bench("author,month", Query{By: []Dimension{AuthorDim, Month}})
	bench("repository,day", Query{By: []Dimension{Repository, Day}})
	bench("author,day", Query{By: []Dimension{AuthorDim, Day}}) // nearly a row for each commit
	bench("author_by_month", Query{By: []Dimension{AuthorDim}, Pivot: Month})
	bench("columns", Query{By: []Dimension{Month}, Columns: Columns})
	bench("co-authors", Query{By: []Dimension{AuthorDim}, CoAuthors: true})
	bench("grep", Query{Filter: Filter{Grep: []string{"(?i)cache|logs"}}})
	bench("top", Query{By: []Dimension{AuthorDim}, Top: 10})
	bench("top_by_month", Query{By: []Dimension{AuthorDim}, Pivot: Year, Top: 10})
	bench("compare", Query{By: []Dimension{AuthorDim}, Compare: true,
		Filter: Filter{Since: benchNow.AddDate(-1, 0, 0)}})
	bench("team_by_month", Query{By: []Dimension{Team}, Pivot: Month})
	bench("last_year", Query{By: []Dimension{Repository},
		Filter: Filter{Since: benchNow.AddDate(-1, 0, 0)}})
}

func benchVolume(b *testing.B, q Query) {
	db, err := benchDB()
	if err != nil {
		b.Fatal(err)
	}
	benchQuery(b, db, q)
}

// benchQuery asks for all rows: they are made when they are asked for.
func benchQuery(b *testing.B, db *store.DB, q Query) {
	commits, rows := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		result, err := Volume(b.Context(), db, q)
		if err != nil {
			b.Fatal(err)
		}
		commits, rows = result.Total.Commits, 0
		for range result.Rows.All() {
			rows++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(commits), "ns/commit")
	b.ReportMetric(float64(rows), "rows")
}

// BenchmarkLongHistory counts a single repository, which is as many commits' work for all workers.
func BenchmarkLongHistory(b *testing.B) {
	db := store.Open(filepath.Join(b.TempDir(), "long.db"))
	if err := fillBench(db, 1, *benchCommits); err != nil {
		b.Fatal(err)
	}
	for _, by := range [][]Dimension{{Repository}, {AuthorDim}, {Day}, {AuthorDim, Month}} {
		b.Run(fmt.Sprint(by), func(b *testing.B) {
			benchQuery(b, db, Query{By: by, Zone: time.UTC, Now: benchNow})
		})
	}
}

// BenchmarkFamily counts ten forks, of which each has a tenth of the commits for itself and
// shares the rest with the others.
func BenchmarkFamily(b *testing.B) {
	const forks = 10
	db := store.Open(filepath.Join(b.TempDir(), "forks.db"))
	rng := rand.New(rand.NewPCG(3, 4))
	each := *benchCommits / forks
	shared := benchHistory(rng, 0, each*9/10)
	for i := range forks {
		repo := store.Repository{
			UUID: store.UUID(fmt.Sprintf("{%d}", i)), Workspace: "acme",
			Slug: fmt.Sprintf("fork-%d", i), Roots: []store.Hash{{1}},
		}
		commits := append(benchHistory(rng, uint64(i+1), each/10), shared...)
		err := db.Update(b.Context(), func(tx *store.Tx) error {
			if err := tx.PutRepository(repo); err != nil {
				return err
			}
			_, err := tx.PutCommits(repo.UUID, commits)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		q := Query{By: []Dimension{Repository}, Zone: time.UTC, Now: benchNow}
		if _, err := Volume(b.Context(), db, q); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N**benchCommits), "ns/commit")
}
