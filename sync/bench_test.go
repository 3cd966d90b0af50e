package sync

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// bench syncs a server's workspace acme into a new database, once.
func bench(b *testing.B, server *sandbox.Server, jobs int) Summary {
	b.Helper()
	server.AddAccessToken(testToken)
	cred, err := bitbucket.NewCredential("", testToken)
	if err != nil {
		b.Fatal(err)
	}
	budget := bitbucket.NewBudget(bitbucket.BudgetConfig{})
	client, err := bitbucket.New(bitbucket.Config{BaseURL: server.URL(), Credential: cred, Budget: budget, MaxConns: jobs})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	db := store.Open(filepath.Join(b.TempDir(), "trunkstat.db"))
	s, err := Run(context.Background(), db, client, Options{
		Workspace: "acme", Jobs: jobs, BudgetName: "bench", Now: time.Now,
	})
	if err != nil || !s.Complete {
		b.Fatalf("%+v, %v", s, err)
	}
	return s
}

func benchServer(b *testing.B) *sandbox.Server {
	b.Helper()
	server, err := sandbox.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.Close() })
	return server
}

// longHistory gives a repository that many commits on its default branch, three minutes apart up to now, by
// fifty authors. Of ten commits six are on the branch, two beside it, one on the branch again, and the last
// merges the two lines. A million takes some seconds.
func longHistory(r *sandbox.Repository, commits int) {
	var authors [50]string
	for i := range authors {
		authors[i] = fmt.Sprintf("Person %02d <person%02d@sandbox.example>", i, i)
	}
	var messages [100]string
	for i := range messages {
		messages[i] = fmt.Sprintf("TASK-%d: take step %d\n\nThe message is as long as messages usually are,\n"+
			"which is a line or two and now and then a few more.\n", 1000+i, i)
	}
	parents := [10][]int{{1}, {1}, {1}, {1}, {1}, {1}, {4}, {1}, {3}, {1, 2}} // as so many commits before
	recent := make([]string, 10)
	start := time.Now().Add(-3 * time.Minute * time.Duration(commits))
	for n := range commits {
		c := sandbox.Change{Author: authors[n*7%50], Message: messages[n%100]}
		c.Date = start.Add(3 * time.Minute * time.Duration(n))
		for _, back := range parents[n%10] {
			if n > 0 {
				c.Parents = append(c.Parents, recent[(n-back)%10])
			}
		}
		recent[n%10] = r.Commit("main", c)
	}
}

// BenchmarkLongHistory stores one history of 200,000 commits, with no latency. The sandbox, which writes
// the pages, is in the same process; BenchmarkPages is what it and the client take alone.
func BenchmarkLongHistory(b *testing.B) {
	const commits = 200_000
	server := benchServer(b)
	longHistory(server.Workspace("acme").NewRepository("big"), commits)
	for b.Loop() {
		bench(b, server, 1)
	}
	b.ReportMetric(float64(commits)*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkPages reads the same pages and throws them away.
func BenchmarkPages(b *testing.B) {
	const commits = 200_000
	server := benchServer(b)
	r := server.Workspace("acme").NewRepository("big")
	longHistory(r, commits)
	head, err := store.ParseHash(r.Head())
	if err != nil {
		b.Fatal(err)
	}
	server.AddAccessToken(testToken)
	cred, _ := bitbucket.NewCredential("", testToken)
	client, err := bitbucket.New(bitbucket.Config{BaseURL: server.URL(), Credential: cred, MaxConns: 1})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		got := 0
		for page, err := range client.Commits(context.Background(), "acme", r.UUID(), bitbucket.Range{Include: []bitbucket.Hash{bitbucket.Hash(head)}}) {
			if err != nil {
				b.Fatal(err)
			}
			got += len(page.Commits)
		}
		if got != commits {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(commits)*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkManyRepositories has 400 repositories of one or a few pages and a latency of 100 ms: ×limit is
// the wall time over requests × latency ÷ jobs.
func BenchmarkManyRepositories(b *testing.B) {
	const latency, jobs = 100 * time.Millisecond, 8
	server := benchServer(b)
	for i := range 400 {
		longHistory(server.Workspace("acme").NewRepository(fmt.Sprint("repo-", i)), 20+i%5*70)
	}
	server.Latency(latency)
	requests := 0
	for b.Loop() {
		requests += bench(b, server, jobs).Requests
	}
	limit := time.Duration(requests) * latency / jobs
	b.ReportMetric(float64(b.Elapsed())/float64(limit), "×limit")
}
