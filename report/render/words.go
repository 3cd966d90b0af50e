package render

import (
	"fmt"
	"slices"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
)

// pageTitle says in words what is counted by what: Commits by team and quarter.
func pageTitle(res *report.Result) string {
	var names []string
	for _, d := range res.By {
		names = append(names, string(d))
	}
	if res.Pivot != "" {
		names = append(names, string(res.Pivot))
	}
	title := "Commits by " + enumerated(names)
	if res.PreviousTotal != nil {
		title += " compared with " + dateRange(res.PreviousSince, res.PreviousUntil)
	}
	return store.Clean(title)
}

// enumerated writes words as a sentence has them: one, two and three.
func enumerated(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// commits writes a number of commits.
func commits(n int) string { return report.NumberOf(n, "commit", "commits") }

// title is what a browser shows when the pointer is on the mark.
func (v value) title() string { return v.name + ": " + commits(v.commits) + v.note }

// sentences joins those that are not empty.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// mostOf names the highest value, and its part of all commits where that says something: of periods the trend
// says more.
func mostOf(res *report.Result, values []value) string {
	if highest(values) == 0 {
		return ""
	}
	v, part, all := slices.MaxFunc(values, byCommits), "", res.Total.Commits
	percent := 100 * float64(v.commits) / float64(max(all, 1))
	if !isTime(res) && 1 <= percent && percent < 100 {
		part = fmt.Sprintf(", %.0f %% of %s", percent, Count(all))
	}
	return fmt.Sprintf("%s has the most commits: %s%s.", v.name, Count(v.commits), part)
}

// describe names the highest cell, the change of a comparison, and the trend.
func (t crosstab) describe(res *report.Result) string {
	preposition := " in "
	switch t.across {
	case report.Hour:
		preposition = " "
	case report.Weekday, report.Day:
		preposition = " on "
	}
	return sentences(mostOf(res, t.combinations(preposition)), changeInAll(res), t.trend())
}

// trend compares the totals of the two halves of the columns, without periods that are not whole, and without
// the middle one of an odd number. Less than two columns in each half are no trend.
func (t crosstab) trend() string {
	whole := slices.DeleteFunc(slices.Clone(t.columns), func(v value) bool { return v.partial })
	first, second, half := 0, 0, len(whole)/2
	for i := range half {
		first, second = first+whole[i].commits, second+whole[len(whole)-1-i].commits
	}
	if half < 2 || first == 0 || isCyclic(t.across) {
		return ""
	}
	change, word := 100*float64(second-first)/float64(first), "more"
	if change < 0 {
		change, word = -change, "fewer"
	}
	if change < 0.5 {
		return "The two halves of the range have as many commits."
	}
	return fmt.Sprintf("The second half of the range has %.0f %% %s commits than the first.", change, word)
}

// changeInAll is the change of the total in a comparison.
func changeInAll(res *report.Result) string {
	if res.PreviousTotal == nil {
		return ""
	}
	now, before := res.Total.Commits, res.PreviousTotal.Commits
	return fmt.Sprintf("In all %s, before %s: %s.", commits(now), Count(before), changeOf(now, before))
}

// changeOf is a difference, and what it is in percent: ▲ +12, +3.0 %.
func changeOf(now, before int) string {
	keys := changeKeys(now, before)
	return strings.TrimSpace(keys[0].Text) + keys[1].Text
}

// changeKeys are the difference, with an arrow and after blanks that SVG keeps, and the percents, which have
// no room on a narrow screen. Arrows tell up from down to those who do not see the colours.
func changeKeys(now, before int) []key {
	class, arrow, percent := "up", "▲ ", ""
	switch {
	case now == before:
		return []key{{"", "\u00a0\u00a0no change"}, {}}
	case now < before:
		class, arrow = "down", "▼ "
	}
	if before != 0 {
		percent = ", " + percentage(100*float64(now-before)/float64(before), true).display() + " %"
	}
	change := "\u00a0\u00a0" + arrow + difference(now-before).display()
	keys := []key{{class, change}, {class + " wide", percent}}
	for i := range keys {
		keys[i].Text = strings.ReplaceAll(keys[i].Text, "-", "−") // as wide as the plus sign
	}
	return keys
}

// legendOf names the two ranges of a comparison. With a class, that of marks for periods which are not whole,
// it also says which these are and why.
func legendOf(res *report.Result, class string) (legend []key) {
	if res.PreviousTotal != nil {
		legend = []key{{"mark", period(res)}, {"before", dateRange(res.PreviousSince, res.PreviousUntil)}}
	}
	if partial := partialPeriods(res); partial != nil && class != "" {
		legend = append(legend, key{class, store.Clean(strings.Join(partial, "; "))})
	}
	return legend
}
