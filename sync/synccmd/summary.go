package synccmd

import (
	"fmt"
	"time"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/sync"
)

// summaryLines says what a run did, or with --plan what one would do. Counts of 0 are left out, but for those
// that every run has: what was listed, commits and requests.
func summaryLines(s sync.Summary) []string {
	r := s.Repositories
	listed := repositories(r.Listed) + " listed"
	for _, part := range []struct {
		n    int
		word string
	}{{r.Synced, "synced"}, {r.Unchanged, "unchanged"}, {r.Empty, "empty"}, {r.Failed, "failed"},
		{r.Pending, "pending"}, {r.Gone, "gone"}} {
		if part.n > 0 {
			listed += ", " + render.Count(part.n) + " " + part.word
		}
	}
	commits := "+" + report.NumberOf(s.Commits.Added, "commit", "commits")
	if s.Git != nil && s.Git.Commits > 0 {
		commits += ", " + render.Count(s.Git.Commits) + " of them from git"
	}
	if s.Commits.Removed > 0 {
		commits += ", -" + render.Count(s.Commits.Removed) + " that rewritten branches no longer reach"
	}
	commits += fmt.Sprintf("; %s in %s", requests(s.Requests), took(s.Duration))
	if s.Waited >= 1 { // seconds; shorter waits do not explain why a run took so long
		commits += fmt.Sprintf(", %s of it waiting", took(s.Waited))
	}
	lines := []string{listed, commits}
	if s.Plan != nil {
		lines = append(lines, planLine(*s.Plan))
	}
	return lines
}

// planLine says at least how many requests, because the listing does not tell how many commits are new. The
// hours are those of the requests alone: at the known limit, nothing else takes as long.
func planLine(p sync.Plan) string {
	if p.Repositories == 0 {
		return "a sync would find nothing new"
	}
	line := fmt.Sprintf("a sync would fetch %s (%d for the first time) with at least %s, "+
		"%.1f hours at the known limit", repositories(p.Repositories), p.First, requests(p.Requests), p.Hours)
	if p.Git > 0 {
		line += fmt.Sprintf("; git would bring all but the newest page of %s", repositories(p.Git))
	}
	return line
}

func repositories(n int) string { return report.NumberOf(n, "repository", "repositories") }

func requests(n int) string { return report.NumberOf(n, "request", "requests") }

// took returns how long something took: 3.4 s, 12m5s, 1h12m. Tenths matter for short runs only.
func took(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return durationWords(time.Duration(seconds * float64(time.Second)))
}
