package synccmd

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"trunkstat/report/render"
	"trunkstat/store"
	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// A status is how far a run has come.
type status struct {
	workspace                    string
	listed, total, done, commits int
	planned                      bool     // the listing is complete
	walking                      []string // slugs, in order

	budget    *bitbucket.Budget // nil before the run has one
	wait      bitbucket.Wait
	waitBegan time.Time
	waited    time.Duration
	trouble   string // why no usable answer comes, "" if one does
}

func (s *status) event(e engine.Event) {
	switch e.Kind {
	case engine.Listing:
		s.listed = e.Repositories
	case engine.Planned:
		s.planned, s.total = true, e.Repositories
	case engine.Started:
		s.walking = append(s.walking, e.Repository)
		slices.Sort(s.walking)
	case engine.Stored:
		s.commits += e.Commits
	case engine.Settled:
		s.walking = slices.DeleteFunc(s.walking, func(slug string) bool { return slug == e.Repository })
		s.done++
	}
}

// endWait adds the wait that is over, if there was one, to the time waited.
func (s *status) endWait(now time.Time) {
	if !s.waitBegan.IsZero() {
		s.waited += now.Sub(s.waitBegan)
	}
	s.wait, s.waitBegan = bitbucket.Wait{}, time.Time{}
}

// headline says what is done. It is the whole status where there is no terminal.
func (s *status) headline() string {
	if !s.planned {
		return fmt.Sprintf("listing, %s so far", repositories(s.listed))
	}
	return fmt.Sprintf("%d of %s, %s", s.done, repositories(s.total), count(s.commits, "commit", "commits"))
}

// lines returns the status for a terminal: what is done, what is walked, the requests, and why none succeeds.
// Each is narrower than the terminal, and there are fewer than it has rows, so that nothing wraps or scrolls.
func (s *status) lines(now time.Time, width, height int) []string {
	lines := []string{s.workspace + ": " + s.headline()}
	if n := len(s.walking); n > 0 {
		const most = 2
		line := "  " + strings.Join(s.walking[:min(n, most)], ", ")
		if n > most {
			line += fmt.Sprintf(" and %d more", n-most)
		}
		lines = append(lines, line)
	}
	lines = append(lines, "  "+requestLine(s.budget))
	if !s.wait.Until.IsZero() {
		lines = append(lines, fmt.Sprintf("  waiting %s, until %s: %s", clockWords(max(s.wait.Until.Sub(now), 0)),
			s.wait.Until.Local().Format(time.TimeOnly), s.wait.Reason))
	}
	if s.trouble != "" {
		lines = append(lines, "  "+s.trouble+"; trying again")
	}
	lines = lines[:max(1, min(len(lines), height-1))]
	for i := range lines {
		lines[i] = fit(store.Clean(lines[i]), width-1)
	}
	return lines
}

// requestLine says how many requests were sent, how many are left, and how many an hour are allowed.
func requestLine(b *bitbucket.Budget) string {
	if b == nil {
		return requests(0)
	}
	line := requests(b.Requests())
	if left, limited := b.Left(); limited {
		line += fmt.Sprintf(", %s left", render.Count(left))
	}
	if limit := b.Limit(); limit > 0 {
		line += fmt.Sprintf(" (limit %s an hour)", render.Count(limit))
	}
	return line
}

// fit cuts a line that is too wide. Its characters have one column each: slugs, numbers and our own words.
func fit(s string, width int) string {
	switch r := []rune(s); {
	case len(r) <= width:
		return s
	case width < 1:
		return ""
	default:
		return string(r[:width-1]) + "…"
	}
}
