package render

import (
	"strings"
	"time"

	"trunkstat/report"
)

// Footer is what stands under the table: the range, the zone, that dates are committer dates, how
// fresh and how complete the data is, and below it the notes, a line each. It ends in a newline
// and is clean.
func Footer(res *report.Result) string {
	lines := []string{summary(res)}
	if res.Total.Commits == 0 {
		lines = append(lines, "no commit is in this range and passes the filters")
	}
	lines = append(lines, res.Notes...)
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(Clean(l) + "\n")
	}
	return b.String()
}

// summary is the first line of the footer.
func summary(res *report.Result) string {
	parts := []string{period(res)}
	if !res.PreviousSince.IsZero() {
		parts = append(parts, "compared with "+span(res.PreviousSince, res.PreviousUntil))
	}
	parts = append(parts, zoneName(res), "committer dates", coverage(res))
	return strings.Join(parts, dot)
}

func zoneName(res *report.Result) string {
	if res.ZoneName == "" && res.Zone != nil {
		return res.Zone.String()
	}
	return res.ZoneName
}

// period is the range that was asked for; an open end is where the commits end.
func period(res *report.Result) string {
	switch {
	case !res.Since.IsZero() && !res.Until.IsZero():
		return span(res.Since, res.Until)
	case !res.Since.IsZero():
		return "since " + moment(res.Since, isMidnight(res.Since))
	case !res.Until.IsZero():
		return "until " + moment(res.Until, isLastSecond(res.Until))
	case res.Total.Commits > 0:
		return "all commits, " + res.Total.First.Format(time.DateOnly) + " to " +
			res.Total.Last.Format(time.DateOnly)
	}
	return "all commits"
}

// span writes a range as days, where it is made of whole days.
func span(since, until time.Time) string {
	days := isMidnight(since) && isLastSecond(until)
	if days && since.Format(time.DateOnly) == until.Format(time.DateOnly) {
		return since.Format(time.DateOnly)
	}
	return moment(since, days) + " to " + moment(until, days)
}

func moment(t time.Time, day bool) string {
	if day {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04:05")
}

// isMidnight reports whether t begins its day: in some zones, on some days, that is 01:00.
func isMidnight(t time.Time) bool { return t.Add(-time.Second).Day() != t.Day() }

func isLastSecond(t time.Time) bool { return t.Add(time.Second).Day() != t.Day() }

// coverage says how fresh and how complete the counted data is.
func coverage(res *report.Result) string {
	c := res.Coverage
	of := " of " + Count(c.Repositories) + " " + plural(c.Repositories, "repository", "repositories")
	fresh := "not every repository was synced"
	switch {
	case c.Repositories == 0:
		return "no repository"
	case !c.OldestSync.IsZero():
		oldest := c.OldestSync
		if res.Zone != nil {
			oldest = oldest.In(res.Zone)
		}
		fresh = "data as of " + oldest.Format("2006-01-02 15:04")
	}
	if c.Incomplete == 0 {
		return fresh + "; " + Count(c.Repositories) + " " +
			plural(c.Repositories, "repository", "repositories") + ", all complete"
	}
	return fresh + "; " + Count(c.Incomplete) + of + " incomplete"
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
