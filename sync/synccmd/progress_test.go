package synccmd

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// midway is a run with six walks under way of which the requests of the hour are spent.
func midway(now time.Time) *status {
	s := &status{workspace: "acme"}
	s.event(engine.Event{Kind: engine.Listing, Repositories: 300})
	s.event(engine.Event{Kind: engine.Planned, Repositories: 280})
	for i := range 46 {
		slug := fmt.Sprintf("repository-%d", i)
		s.event(engine.Event{Kind: engine.Started, Repository: slug})
		s.event(engine.Event{Kind: engine.Stored, Repository: slug, Commits: 100})
		s.event(engine.Event{Kind: engine.Stored, Repository: slug, Commits: 10})
		if i < 40 {
			s.event(engine.Event{Kind: engine.Finished, Repository: slug, Commits: 110})
			s.event(engine.Event{Kind: engine.Settled, Repository: slug})
		}
	}
	s.budget = bitbucket.NewBudget(bitbucket.BudgetConfig{Limit: 1000, Now: func() time.Time { return now },
		Spent: map[int64]int{now.Unix() / 60: 990}})
	return s
}

func TestLiveLines(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.Local)
	s := midway(now)
	got := strings.Join(s.lines(now, 100, 24), "\n")
	want := `acme: 40 of 280 repositories, 5,060 commits
  repository-40, repository-41 and 4 more
  0 requests, 10 left (limit 1,000 an hour)`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.wait, s.waitBegan = bitbucket.Wait{Until: now.Add(65 * time.Second), Reason: "the rate limit"}, now
	s.trouble = "no answer (connection refused)"
	got = strings.Join(s.lines(now, 30, 6), "\n")
	want = `acme: 40 of 280 repositories…
  repository-40, repository-…
  0 requests, 10 left (limit…
  waiting 1m05s, until 12:01…
  no answer (connection refu…`
	if got != want {
		t.Errorf("narrow and low: got\n%s\nwant\n%s", got, want)
	}
}

// Whatever the size, no line wraps and none scrolls away.
func TestLiveLinesFit(t *testing.T) {
	now := time.Now()
	s := midway(now)
	s.event(engine.Event{Kind: engine.Started, Repository: strings.Repeat("long", 50)})
	s.wait = bitbucket.Wait{Until: now.Add(time.Hour), Reason: "Bitbucket's rate limit is reached"}
	for width := 1; width < 120; width++ {
		for height := 1; height < 14; height++ {
			lines := s.lines(now, width, height)
			if len(lines) < 1 || len(lines) > max(height-1, 1) {
				t.Fatalf("%d lines on %d rows", len(lines), height)
			}
			for _, line := range lines {
				if n := utf8.RuneCountInString(line); n > max(width-1, 0) {
					t.Fatalf("%d columns of %d: %q", n, width, line)
				}
			}
		}
	}
}

// A repository counts once, whether it was found as it was, walked on to a newer head, or failed.
func TestStandingCountsRepositoriesOnce(t *testing.T) {
	s := &status{}
	for _, e := range []engine.Event{
		{Kind: engine.Planned, Repositories: 4},
		{Kind: engine.Started, Repository: "a"},
		{Kind: engine.Started, Repository: "b"},
		{Kind: engine.Stored, Repository: "a", Commits: 1},
		{Kind: engine.Settled, Repository: "b"},
		{Kind: engine.Started, Repository: "c"},
		{Kind: engine.Finished, Repository: "a", Commits: 1},
		{Kind: engine.Stored, Repository: "a", Commits: 2},
		{Kind: engine.Finished, Repository: "a", Commits: 3},
		{Kind: engine.Settled, Repository: "a"},
		{Kind: engine.Settled, Repository: "c", Err: errors.New("refused")},
	} {
		s.event(e)
	}
	if s.done != 3 || len(s.walking) != 0 || s.commits != 3 {
		t.Errorf("%d done, %d commits, under way: %v", s.done, s.commits, s.walking)
	}
}

// In a pipe there are lines, of which --quiet leaves none.
func TestPlainProgress(t *testing.T) {
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Throttle(sandbox.RetrySeconds, time.Second)
	p.server.FailNext("/commits", sandbox.TooManyRequests, 1)
	o := p.run("-w", "acme", "sync", "--jobs", "1")
	p.expect(o, 0, "acme: waiting until ", "rate limit")
	if strings.Contains(o.stderr, "\x1b") || strings.Count(o.stderr, "waiting") != 1 {
		t.Errorf("stderr: %q", o.stderr)
	}
	for fault, words := range map[sandbox.Fault]string{sandbox.HTMLPage: p.server.URL() + " returned an HTML page",
		sandbox.BadGateway: "Bitbucket answered 502", sandbox.ResetMidBody: "no answer ("} {
		p.server.FailNext("/commits", fault, 1)
		p.server.Workspace("acme").Repository("api").Commits("main", 1)
		p.expect(p.run("-w", "acme", "sync"), 0, "trunkstat: acme: "+words, "; trying again")
	}

	p.server.Workspace("acme").Repository("api").Rewind("main", 1)
	o = p.run("-w", "acme", "sync")
	p.expect(o, 0, "trunkstat: acme: api was rewritten: -1 +0 commits")
	p.server.FailNext("/commits", sandbox.BadGateway, 1)
	p.server.Workspace("acme").Repository("api").Commits("main", 1)
	if o = p.run("--quiet", "-w", "acme", "sync"); o.code != 0 || o.stderr != "" {
		t.Errorf("quiet: %q, %v", o.stderr, o.err)
	}
	p.server.Workspace("acme").Repository("api").Commits("main", 1)
	o = p.run("--verbose", "-w", "acme", "sync")
	if n := strings.Count(o.stderr, "trunkstat: GET /repositories/"); n != 2 {
		t.Errorf("%d lines for 2 requests: %s", n, o.stderr)
	}
}
