package render

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"trunkstat/report"
)

// mostYears is how many calendars a page has; clocks that ran wrong make a lot of empty years.
const mostYears = 10

// calendars draws a calendar for each of the last years that have a commit, the latest first.
// Days before the first and after the last one of days are outside of the report and are not
// drawn.
func calendars(days []report.DayCommits) []picture {
	perDay := map[string]int{}
	var years []int
	for _, d := range days {
		perDay[d.Day.Format(time.DateOnly)] = d.Commits
		if year := d.Day.Year(); d.Commits > 0 && !slices.Contains(years, year) {
			years = append(years, year)
		}
	}
	slices.Sort(years)
	slices.Reverse(years)
	shade := shades(days)
	var all []picture
	for _, year := range years[:min(len(years), mostYears)] {
		first, last := yearEnds(year, days)
		all = append(all, yearCalendar(first, last, perDay, shade))
	}
	return all
}

// yearEnds are the first and the last day of a year that lie between the ends of days, at noon in
// UTC, where each day has 24 hours.
func yearEnds(year int, days []report.DayCommits) (first, last time.Time) {
	first = time.Date(year, time.January, 1, 12, 0, 0, 0, time.UTC)
	last = time.Date(year, time.December, 31, 12, 0, 0, 0, time.UTC)
	if begin := noon(days[0].Day); begin.After(first) {
		first = begin
	}
	if end := noon(days[len(days)-1].Day); end.Before(last) {
		last = end
	}
	return first, last
}

func noon(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, time.UTC)
}

// shades makes commits of a day one of five shades. The limits are quartiles, so that one day of
// an import does not leave all the others pale.
func shades(days []report.DayCommits) func(n int) int {
	var all []int
	for _, d := range days {
		if d.Commits > 0 {
			all = append(all, d.Commits)
		}
	}
	slices.Sort(all)
	return func(n int) int {
		if n == 0 {
			return 0
		}
		below, _ := slices.BinarySearch(all, n)
		return 1 + min(3, 4*below/len(all))
	}
}

// yearCalendar draws one year: a column for each week, which begins on Monday.
func yearCalendar(first, last time.Time, perDay map[string]int, shade func(int) int) picture {
	const size, left, top = 13.0, 36.0, 40.0
	year := strconv.Itoa(first.Year())
	p := picture{
		ID: "year-" + year, Title: "Calendar of " + year,
		Width: chartWidth, Height: top + 7*size + 4,
	}
	p.label(point{left, 14}, "start", "name", year)
	for i, name := range []string{0: "Mon", 2: "Wed", 4: "Fri"} {
		if name != "" {
			p.label(point{left - 6, top + size*float64(i) + 10}, "end", "", name)
		}
	}
	january := time.Date(first.Year(), time.January, 1, 12, 0, 0, 0, time.UTC)
	offset := int(january.Weekday()+6) % 7
	sum, busy := 0, 0
	for day := january; day.Year() == first.Year(); day = day.AddDate(0, 0, 1) {
		place := offset + day.YearDay() - 1
		at := point{left + size*float64(place/7), top + size*float64(place%7)}
		if day.Day() == 1 {
			p.label(point{at.x, top - 6}, "start", "", day.Format("Jan"))
		}
		if day.Before(first) || day.After(last) {
			continue
		}
		n := perDay[day.Format(time.DateOnly)]
		sum, busy = sum+n, busy+min(n, 1)
		p.cell(at, size-2, shade(n), day.Format("Monday 2006-01-02: ")+commits(n))
	}
	p.Desc = fmt.Sprintf("%s on %d days; the stronger the colour, the more commits.",
		commits(sum), busy)
	return p
}
