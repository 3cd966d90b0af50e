package render

import (
	"slices"
	"strings"
	"time"

	"trunkstat/report"
	"trunkstat/store"
)

// Footer is what stands under a report: the range, the zone, that dates are committer dates, how
// fresh and how complete the data is, and below it the notes, a line each. It ends in a newline
// and is clean.
func Footer(res *report.Result) string {
	return strings.Join(footerLines(res), "\n") + "\n"
}

// footerLines are the lines of the footer, the most important first: a reader may stop early.
func footerLines(res *report.Result) []string {
	return clean(slices.Concat(dataLines(res), partialPeriods(res), res.Notes))
}

// dataLines say what the report is of, and what its data lacks.
func dataLines(res *report.Result) []string {
	lines := []string{summary(res)}
	if res.Total.Commits == 0 {
		lines = append(lines, "no commits match the range and the filters")
	}
	return append(lines, shortcomings(res)...)
}

// clean makes lines safe to print: they have names of files, authors and repositories in them.
func clean(lines []string) []string {
	for i, line := range lines {
		lines[i] = store.Clean(WithoutNUL(line))
	}
	return lines
}

// summary is the first line of the footer.
func summary(res *report.Result) string {
	parts := []string{period(res)}
	if !res.PreviousSince.IsZero() {
		parts = append(parts, "compared with "+dateRange(res.PreviousSince, res.PreviousUntil))
	}
	parts = append(parts, res.ZoneName, "committer dates", coverage(res))
	return strings.Join(parts, dot)
}

// The reasons why a report has only a part of a period.
const notOver, cutByRange = "not over", "cut by the range"

// whyPartial is the reason of one period.
func whyPartial(p report.Partial) string {
	if p.NotOver {
		return notOver
	}
	return cutByRange
}

// partialPeriods name the periods of which the report has only a part, a line for each reason. If they are
// more than four, the first stands for all: one day of a range may be in a week, a month, a quarter and a
// year.
func partialPeriods(res *report.Result) (lines []string) {
	for _, reason := range []string{notOver, cutByRange} {
		var periods []string
		for _, p := range res.Partial {
			if whyPartial(p) == reason {
				periods = append(periods, p.Period)
			}
		}
		switch n := len(periods); {
		case n == 1:
			lines = append(lines, periods[0]+" is "+reason)
		case n > 4:
			lines = append(lines, periods[0]+" and "+Count(n-1)+" more periods are "+reason)
		case n > 0:
			lines = append(lines, enumerated(periods)+" are "+reason)
		}
	}
	return lines
}

// period is the range that was asked for; an open end is where the commits end.
func period(res *report.Result) string {
	switch {
	case !res.Since.IsZero() && !res.Until.IsZero():
		return dateRange(res.Since, res.Until)
	case !res.Since.IsZero():
		return "since " + dateOrTime(res.Since, isFirstSecond(res.Since))
	case !res.Until.IsZero():
		return "until " + dateOrTime(res.Until, isLastSecond(res.Until))
	case res.Total.Commits > 0:
		return "all commits, " + res.Total.First.Format(time.DateOnly) + " to " +
			res.Total.Last.Format(time.DateOnly)
	}
	return "all commits"
}

// dateRange writes a range as days where it is made of whole days, in the zone of its ends.
func dateRange(since, until time.Time) string {
	wholeDays := isFirstSecond(since) && isLastSecond(until)
	if wholeDays && since.Format(time.DateOnly) == until.Format(time.DateOnly) {
		return since.Format(time.DateOnly)
	}
	return dateOrTime(since, wholeDays) + " to " + dateOrTime(until, wholeDays)
}

// dateOrTime writes a date, or the time of day as well where a date alone would not say the range.
func dateOrTime(t time.Time, date bool) string {
	if date {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}

// isFirstSecond reports whether t begins its day: in some zones, on some days, that is 01:00.
func isFirstSecond(t time.Time) bool { return t.Add(-time.Second).Day() != t.Day() }

// isLastSecond reports whether t ends its day. Ranges include their last second; commits have no finer date.
func isLastSecond(t time.Time) bool { return t.Add(time.Second).Day() != t.Day() }

// coverage says how fresh and how complete the counted data is. Only repositories that are still
// listed can be complete, and after an incomplete listing there may be some that nothing is known of.
func coverage(res *report.Result) string {
	c := res.Coverage
	all := report.NumberOf(c.Repositories, "repository", "repositories")
	fresh := ""
	switch {
	case !c.OldestSync.IsZero():
		fresh = "data as of " + c.OldestSync.In(res.Zone).Format("2006-01-02 15:04") + "; "
	case c.Incomplete > 0:
		fresh = "not every repository was synced; "
	}
	switch {
	case c.Repositories == 0:
		return "no repository"
	case c.Incomplete > 0:
		return fresh + Count(c.Incomplete) + " of " + all + " incomplete"
	case c.Gone > 0:
		return fresh + Count(c.Repositories-c.Gone) + " of " + all + " complete"
	case len(c.IncompleteListings) > 0:
		return fresh + all
	}
	return fresh + all + ", all complete"
}

// Remarks are what is told of exported data: how fresh and how complete it is where it lacks something, and
// the notes, a line each. They are clean, and empty where there is nothing to tell.
func Remarks(res *report.Result) string {
	lines := shortcomings(res)
	if len(lines) > 0 {
		lines = append([]string{coverage(res)}, lines...)
	}
	if lines = append(lines, res.Notes...); len(lines) == 0 {
		return ""
	}
	return strings.Join(clean(lines), "\n") + "\n"
}

// shortcomings say what the data lacks, a line each.
func shortcomings(res *report.Result) (lines []string) {
	c := res.Coverage
	if len(res.Incomplete) > 0 {
		lines = append(lines, "incomplete: "+report.Listed(res.Incomplete))
	}
	if c.Gone > 0 {
		line := report.NumberOf(c.Gone, "repository is", "repositories are") + " no longer listed"
		if !c.GoneSync.IsZero() {
			line += " (data as of " + c.GoneSync.In(res.Zone).Format(time.DateOnly) + ")"
		}
		lines = append(lines, line)
	}
	if len(c.IncompleteListings) > 0 {
		lines = append(lines, "the last listing of "+report.Listed(c.IncompleteListings)+" was incomplete")
	}
	return lines
}
