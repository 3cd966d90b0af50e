package synccmd

import (
	"errors"
	"fmt"
	"net/http"
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
	s := &status{workspace: "acme", began: now.Add(-10 * time.Minute)}
	s.event(engine.Event{Kind: engine.Listing, Repositories: 300})
	s.event(engine.Event{Kind: engine.Planned, Repositories: 280})
	for i := range 46 {
		slug := fmt.Sprintf("repository-%d", i)
		s.event(engine.Event{Kind: engine.Started, Repository: slug})
		s.event(engine.Event{Kind: engine.Stored, Repository: slug, Commits: 100})
		s.event(engine.Event{Kind: engine.Stored, Repository: slug, Commits: 10})
		if i < 40 {
			s.event(engine.Event{Kind: engine.Finished, Repository: slug, Commits: 110})
			s.event(engine.Event{Kind: engine.Done, Repository: slug})
		}
	}
	s.requests, s.left, s.limit = 90, 10, 1000
	return s
}

func TestLiveLines(t *testing.T) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.Local)
	s := midway(now)
	got := strings.Join(s.lines(now, 100, 24), "\n")
	want := `acme: 40 of 280 repositories, 5,060 commits, about 1h31m left
  90 requests, 10 left (limit 1,000 an hour)
  repository-40, repository-41, repository-42, repository-43, repository-44, repository-45`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.setWait(bitbucket.Wait{Until: now.Add(65 * time.Second), Reason: "the rate limit"}, now)
	got = strings.Join(s.lines(now, 30, 4), "\n")
	want = `acme: 40 of 280 repositories…
  90 requests, 10 left (limi…
  waiting 1m5s, until 12:01:…`
	if got != want {
		t.Errorf("narrow and low: got\n%s\nwant\n%s", got, want)
	}
}

// Whatever the size, no line wraps and none scrolls away.
func TestLiveLinesFit(t *testing.T) {
	now := time.Now()
	s := midway(now)
	s.event(engine.Event{Kind: engine.Started, Repository: strings.Repeat("long", 50)})
	s.setWait(bitbucket.Wait{Until: now.Add(time.Hour), Reason: "Bitbucket's rate limit is reached"}, now)
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

// A guess is made only where there is something to guess from.
func TestTimeLeft(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name   string
		change func(*status)
		want   string
	}{
		{"requests enough", func(s *status) { s.left = 900 }, "1h0m"},
		{"no limit", func(s *status) { s.left, s.limit = -1, 0 }, "1h0m"},
		{"requests for the rest come back", func(*status) {}, "1h31m"},
		{"time waited is not work", func(s *status) { s.waited, s.left = 5*time.Minute, 900 }, "30m"},
		{"nothing done", func(s *status) { s.done = 0 }, ""},
		{"few done", func(s *status) { s.done = 10 }, ""},
		{"the last ones", func(s *status) { s.done = 275 }, ""},
		{"just begun", func(s *status) { s.began = now.Add(-time.Second) }, ""},
	} {
		s := midway(now)
		c.change(s)
		got := ""
		if d, ok := s.timeLeft(now); ok {
			got = durationWords(d)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
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
		{Kind: engine.Done, Repository: "b"},
		{Kind: engine.Started, Repository: "c"},
		{Kind: engine.Finished, Repository: "a", Commits: 1},
		{Kind: engine.Stored, Repository: "a", Commits: 2},
		{Kind: engine.Finished, Repository: "a", Commits: 3},
		{Kind: engine.Done, Repository: "a"},
		{Kind: engine.Done, Repository: "c", Err: errors.New("refused")},
	} {
		s.event(e)
	}
	if s.done != 3 || len(s.walks) != 0 || s.commits != 3 {
		t.Errorf("%d done, %d commits, under way: %v", s.done, s.commits, s.walks)
	}
}

// In a pipe there are lines, of which --quiet leaves none.
func TestPlainProgress(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["TRUNKSTAT_TOKEN"] = testAccessToken
	p.server.Throttle(func(time.Time) http.Header { return http.Header{"Retry-After": {"1"}} })
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
