package render

import (
	"fmt"
	"slices"
	"time"

	"trunkstat/report"
	"trunkstat/report/calendar"
)

// mostDays is the longest range that has a calendar: a year and a month. Its weeks are as wide as the largest
// picture, which has 1,200 pixels.
const mostDays = 400

// calendarOf draws the days of a range that is not too long: a column for each week, which begins on
// Monday, from the first day to the last one across New Year. Reports of weekdays or hours have none.
func calendarOf(res *report.Result) (picture, bool) {
	const top, daySize = 40.0, 17.0 // in pixels: above the days are two lines of labels
	days := res.Calendar
	if len(days) == 0 || isCyclic(res.Pivot) || slices.ContainsFunc(res.By, isCyclic) {
		return picture{}, false
	}
	first, last := calendar.DateOf(days[0].Day), calendar.DateOf(days[len(days)-1].Day)
	if last-first >= mostDays || last < first {
		return picture{}, false
	}
	week := calendar.Week.Number(first)
	columns := bands(max(calendar.Week.Number(last)-week+1, 12)) // fewer have no room for the names of months
	p := picture{ID: "calendar", Title: "Commits by day", Cells: true, Left: 40, Right: sideTick,
		Height: top + 7*daySize}
	p.MaxWidth = p.Left + p.Right + daySize*float64(columns)
	p.calendarLabels(first, last, columns, top, daySize)
	numbers, values, busy := make([]int, len(days)), make([]value, len(days)), 0
	for i, d := range days {
		values[i] = value{name: d.Day.Format("Monday " + time.DateOnly), commits: d.Commits}
		numbers[i], busy = d.Commits, busy+min(d.Commits, 1)
	}
	// Days have shades of their own: those of the chart are of longer periods.
	shades := newShadeScale(numbers)
	for i, d := range days {
		date := calendar.DateOf(d.Day)
		at := columns.cell(calendar.Week.Number(date)-week, top+daySize*float64(date.Weekday()), daySize)
		p.bar(at, shades.class(d.Commits), values[i].title())
	}
	p.Legend = shades.legend()
	all := report.NumberOf(len(days), "day", "days")
	p.Desc = sentences(fmt.Sprintf("Commits on %s of %s.", Count(busy), all), mostOf(res, values))
	return p, true
}

// calendarLabels adds the names of weekdays to the left, and those of months above the weeks with their first
// day, or above the first week where there is no such day. The tick of a week is that of its Sunday: the
// first Sunday of a month is in the week of its first day.
func (p *picture) calendarLabels(first, last calendar.Date, columns bands, top, daySize float64) {
	for i := 0; i < 7; i += 2 { // the rows are too low for a label each
		y := baseline(top+daySize*float64(i), daySize)
		p.label(label{Y: y, Move: -10, Anchor: "end", Text: weekdays[i][:3]})
	}
	monday := first - calendar.Date(first.Weekday())
	var sundays []calendar.Date
	for sunday := monday + 6; sunday < last+7; sunday += 7 {
		sundays = append(sundays, min(sunday, last))
	}
	_, narrow := p.plotWidths()
	ticks := ticksAt(steps[calendar.Month:], sundays, monday-1, narrow)
	if len(ticks) == 0 { // then the first week is labelled, as if the day before it were in another month
		ticks = ticksAt(steps[calendar.Month:], sundays, monday-31, narrow)
	}
	for _, t := range ticks {
		p.tick(t, label{X: columns.cell(t.at, 0, 0).X, Y: top - 7, Anchor: "start"}, top-23)
	}
}
