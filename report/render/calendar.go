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

// calendar draws a heat map for each of the last years that have a commit, the latest first.
// Days without a row are outside of what was asked for, and are left out.
func calendar(days []report.DayCommits) []picture {
	perDay := map[string]int{}
	var years []string
	for _, d := range days {
		perDay[d.Day.Format(time.DateOnly)] = d.Commits
		if year := d.Day.Format("2006"); d.Commits > 0 && !slices.Contains(years, year) {
			years = append(years, year)
		}
	}
	slices.Sort(years)
	slices.Reverse(years)
	level := levels(perDay)
	var all []picture
	for _, year := range years[:min(len(years), mostYears)] {
		if n, err := strconv.Atoi(year); err == nil {
			all = append(all, yearCalendar(n, perDay, level))
		}
	}
	return all
}

// levels makes commits of a day one of five shades. The limits are quartiles, so that one day of
// an import does not leave all the others pale.
func levels(perDay map[string]int) func(n int) int {
	var all []int
	for _, n := range perDay {
		if n > 0 {
			all = append(all, n)
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
func yearCalendar(year int, perDay map[string]int, level func(int) int) picture {
	const cell, left, top = 13.0, 36.0, 40.0
	p := picture{
		ID: "year-" + strconv.Itoa(year), Width: chartWidth, Height: top + 7*cell + 4,
		Texts: []label{{left, 14, "start", "name", strconv.Itoa(year)}},
	}
	for i, name := range []string{"Mon", "", "Wed", "", "Fri", "", ""} {
		if name != "" {
			y := top + cell*float64(i) + 10
			p.Texts = append(p.Texts, label{left - 6, y, "end", "", name})
		}
	}
	first := time.Date(year, time.January, 1, 12, 0, 0, 0, time.UTC)
	offset := int(first.Weekday()+6) % 7
	sum, busy := 0, 0
	for d := first; d.Year() == year; d = d.AddDate(0, 0, 1) {
		place := offset + d.YearDay() - 1
		x, y := left+cell*float64(place/7), top+cell*float64(place%7)
		if d.Day() == 1 {
			p.Texts = append(p.Texts, label{x, top - 6, "start", "", d.Format("Jan")})
		}
		n, asked := perDay[d.Format(time.DateOnly)]
		if !asked {
			continue
		}
		sum, busy = sum+n, busy+min(n, 1)
		p.Rects = append(p.Rects, rect{x, y, cell - 2, cell - 2, fmt.Sprintf("d%d", level(n)),
			d.Format("Monday 2006-01-02: ") + commits(n)})
	}
	p.Title = fmt.Sprintf("Calendar of %d", year)
	p.Desc = fmt.Sprintf("%s on %d days; the stronger the colour, the more commits.",
		commits(sum), busy)
	return p
}
