package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"trunkstat/report"
)

// mostYears is how many calendars a page has; clocks that ran wrong make a lot of empty years.
const mostYears = 10

// A calendar is what the pictures of its years are drawn from.
type calendar struct {
	first, last string         // the days that the report has
	commits     map[string]int // by day
	shade       func(commits int) int
}

// calendars draws each of the last years that have a commit, the latest first.
func calendars(days []report.DayCommits) (pictures []picture) {
	c := calendar{commits: map[string]int{}, shade: shades(days)}
	var years []int
	for _, d := range days {
		if year := d.Day.Year(); year < 1 || year > 9999 {
			continue // a clock was wrong, and dates are compared as text
		}
		c.last = d.Day.Format(time.DateOnly)
		c.first = cmp.Or(c.first, c.last)
		c.commits[c.last] = d.Commits
		if d.Commits > 0 {
			years = append(years, d.Day.Year())
		}
	}
	slices.Sort(years)
	years = slices.Compact(years)
	for _, year := range slices.Backward(years[max(len(years)-mostYears, 0):]) {
		pictures = append(pictures, c.year(year))
	}
	return pictures
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

// year draws one year: a column for each week, which begins on Monday.
func (c *calendar) year(year int) picture {
	const size, left, top = 13.0, 36.0, 40.0
	p := picture{
		ID: fmt.Sprintf("year-%d", year), Title: fmt.Sprintf("Calendar of %d", year),
		Width: chartWidth, Height: top + 7*size + 4,
	}
	p.label(point{left, 14}, "start", "name", strconv.Itoa(year))
	for i := 0; i < 5; i += 2 {
		p.label(point{left - 6, top + size*float64(i) + 10}, "end", "", weekdays[i][:3])
	}
	first := time.Date(year, time.January, 1, 12, 0, 0, 0, time.UTC)
	offset := int(first.Weekday()+6) % 7
	sum, busy := 0, 0
	for day := first; day.Year() == year; day = day.AddDate(0, 0, 1) {
		place := offset + day.YearDay() - 1
		at := point{left + size*float64(place/7), top + size*float64(place%7)}
		if day.Day() == 1 {
			p.label(point{at.x, top - 6}, "start", "", day.Format("Jan"))
		}
		date := day.Format(time.DateOnly)
		if date < c.first || date > c.last {
			continue
		}
		n := c.commits[date]
		sum, busy = sum+n, busy+min(n, 1)
		p.cell(at, size-2, c.shade(n), day.Format("Monday 2006-01-02: ")+commits(n))
	}
	p.Desc = fmt.Sprintf("%s on %s; the stronger the colour, the more commits.",
		commits(sum), report.NumberOf(busy, "day", "days"))
	return p
}
