package synccmd

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// A status is how far a run has come. It has no clock and no lock: progress, which owns it, has both, so that
// a test can ask for the lines of any moment.
type status struct {
	workspace string
	began     time.Time

	listed  int      // repositories so far, while the listing goes on
	planned bool     // the listing is complete
	total   int      // repositories that have to be walked: the others are unchanged
	done    int      // of total
	walks   []string // slugs of the repositories that are being walked
	commits int      // that this run stored

	requests, left, limit int // left is -1 and limit 0 if there is no limit

	wait      bitbucket.Wait // with a zero Until, nothing is waited for
	waitBegan time.Time
	waited    time.Duration // before wait
}

// event counts an event. A repository is done at Done, and not before: it may finish several walks
// before, if its head moves.
func (s *status) event(e engine.Event) {
	switch e.Kind {
	case engine.Listing:
		s.listed = e.Repositories
	case engine.Planned:
		s.planned, s.total = true, e.Repositories
	case engine.Started:
		s.walks = append(s.walks, e.Repository)
	case engine.Stored:
		s.commits += e.Commits
	case engine.Done:
		s.walks = slices.DeleteFunc(s.walks, func(slug string) bool { return slug == e.Repository })
		s.done++
	}
}

// setWait begins a wait, or with a zero Until ends it. The wait before is over in either case.
func (s *status) setWait(w bitbucket.Wait, now time.Time) {
	s.waited = s.totalWaited(now)
	s.wait, s.waitBegan = w, now
}

// totalWaited returns how long the run did nothing but wait.
func (s *status) totalWaited(now time.Time) time.Duration {
	if s.wait.Until.IsZero() {
		return s.waited
	}
	return s.waited + now.Sub(s.waitBegan)
}

// setRequests copies the counts of the budget, which change with every request and not with an event.
func (s *status) setRequests(b *bitbucket.Budget) {
	s.requests, s.limit, s.left = b.Requests(), b.Limit(), -1
	if left, limited := b.Left(); limited {
		s.left = left
	}
}

// timeLeft estimates the rest of the run from the repositories that are done, because the listing does not
// tell how many commits are new. It makes no estimate from a few of them (fewer than 3, or than 5 % of all),
// within the first 3 s, nor for the last ones, which are mostly the longest: a wrong number is worse than
// none. If the requests of the hour do not suffice for the rest, it adds the time until they come back.
func (s *status) timeLeft(now time.Time) (time.Duration, bool) {
	active := now.Sub(s.began) - s.totalWaited(now)
	rest := s.total - s.done
	if s.done < 3 || s.done*20 < s.total || rest <= len(s.walks) || active < 3*time.Second {
		return 0, false
	}
	left := active / time.Duration(s.done) * time.Duration(rest)
	// The rest of the requests is as many for each repository as before; those that the hour has no room for
	// come back at the pace of the limit.
	if missing := s.requests*rest/s.done - s.left; s.limit > 0 && s.left >= 0 && missing > 0 {
		left += time.Duration(missing) * time.Hour / time.Duration(s.limit)
	}
	return left, true
}

// headline returns the status in one line. Until the listing is complete, it is not known of how many.
func (s *status) headline(now time.Time) string {
	if !s.planned {
		return fmt.Sprintf("listing, %s so far", repositories(s.listed))
	}
	line := fmt.Sprintf("%s of %s, %s", render.Count(s.done), repositories(s.total),
		report.NumberOf(s.commits, "commit", "commits"))
	if left, ok := s.timeLeft(now); ok {
		line += ", about " + durationWords(left) + " left"
	}
	return line
}

// requestLine returns the counts of the budget.
func (s *status) requestLine() string {
	line := requests(s.requests)
	if s.left >= 0 {
		line += fmt.Sprintf(", %s left", render.Count(s.left))
	}
	if s.limit > 0 {
		line += fmt.Sprintf(" (limit %s an hour)", render.Count(s.limit))
	}
	return line
}

// lines returns the status for a terminal: the run, the requests, why it waits, the active walks. Each line
// is narrower than the terminal, and there are fewer than it has rows, so that nothing wraps or scrolls.
func (s *status) lines(now time.Time, width, height int) []string {
	lines := []string{s.workspace + ": " + s.headline(now), "  " + s.requestLine()}
	if !s.wait.Until.IsZero() {
		lines = append(lines, fmt.Sprintf("  waiting %s, until %s: %s",
			durationWords(max(s.wait.Until.Sub(now), 0)), clockTime(s.wait.Until), s.wait.Reason))
	}
	if len(s.walks) > 0 {
		lines = append(lines, "  "+strings.Join(s.walks, ", "))
	}
	lines = lines[:max(1, min(len(lines), height-1))]
	for i := range lines {
		lines[i] = fit(store.Clean(lines[i]), width-1)
	}
	return lines
}

// clockTime returns when a wait ends, for a user who looks at the clock: in the local zone, without the day,
// since a wait for the rolling hour ends within one.
func clockTime(t time.Time) string { return t.Local().Format(time.TimeOnly) }

// durationWords returns a duration in its two largest units: 40s, 4m5s, 1h31m.
func durationWords(d time.Duration) string {
	unit := time.Second
	if d >= time.Hour {
		unit = time.Minute
	}
	return strings.Replace(d.Truncate(unit).String(), "m0s", "m", 1)
}

// fit cuts a line that is too wide, in columns. Its characters have one column each: slugs, numbers and this
// program's own words.
func fit(s string, width int) string {
	if utf8.RuneCountInString(s) <= width {
		return s
	}
	if width < 1 {
		return ""
	}
	return string([]rune(s)[:width-1]) + "…"
}
