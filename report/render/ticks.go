package render

import (
	"fmt"
	"math"
	"slices"
	"time"

	"trunkstat/report"
	"trunkstat/report/calendar"
)

// A tick is the name of one of many columns. Where it begins another year, the year stands below it. A minor
// one is not shown on narrow screens.
type tick struct {
	at         int // index of the column
	text, year string
	isMinor    bool
}

// A step is a distance of ticks in time: so many periods of a unit. Its layout is that of dates in ticks, as
// package time has it.
type step struct {
	unit   calendar.Unit
	every  int
	layout string
}

// steps are in the order of their length, so that the first one that has room is the finest. They begin with
// one of each unit, which is thus the index of its first step. The longest are for clocks that were wrong,
// with which a report may have all years up to 9999.
var steps = []step{
	{calendar.Day, 1, "2 Jan"}, {calendar.Week, 1, "2 Jan"}, {calendar.Month, 1, "Jan"},
	{calendar.Quarter, 1, "Jan"}, {calendar.Year, 1, "2006"}, {calendar.Year, 2, "2006"},
	{calendar.Year, 5, "2006"}, {calendar.Year, 10, "2006"}, {calendar.Year, 20, "2006"},
	{calendar.Year, 50, "2006"}, {calendar.Year, 100, "2006"}, {calendar.Year, 1000, "2006"},
	{calendar.Year, 5000, "2006"},
}

// unitOf has the dimensions that are periods.
var unitOf = map[report.Dimension]calendar.Unit{report.Day: calendar.Day, report.Week: calendar.Week,
	report.Month: calendar.Month, report.Quarter: calendar.Quarter, report.Year: calendar.Year}

// weekdays are in the order of ISO 8601, which is also that of a calendar's rows.
var weekdays = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// isCyclic reports whether the values of a dimension come again and again, as weekdays do.
func isCyclic(d report.Dimension) bool { return d == report.Weekday || d == report.Hour }

// ticksOf are the ticks of columns that are times. Periods have at most twelve, where a month, a quarter or
// some years begin, or days and weeks where there are few. They have room in a plot that is so many pixels
// wide, and in a narrow one without the minor ones.
func ticksOf(d report.Dimension, columns []value, wide, narrow float64) (ticks []tick) {
	if isCyclic(d) {
		return cyclicTicks(d, columns, narrow)
	}
	starts := make([]calendar.Date, len(columns))
	for i, v := range columns {
		since, _, err := calendar.ParseMoment(v.name, time.UTC, time.Time{})
		if err != nil {
			return nil // the year has not four digits: a clock was wrong
		}
		starts[i] = calendar.DateOf(since)
	}
	fit := fitting(steps[unitOf[d]:], starts, wide)
	ticks = ticksAt(fit, starts, starts[0]-1, narrow)
	for i, t := range ticks {
		// Bars of quarters are called as the table calls them; a quarter among weeks begins with its month.
		if d == report.Quarter && fit[0].unit == calendar.Quarter {
			ticks[i].text = fmt.Sprintf("Q%d", (starts[t.at].UTC().Month()+2)/3)
		}
	}
	return ticks
}

// cyclicTicks are the ticks of weekdays or hours. On a wide screen each has room.
func cyclicTicks(d report.Dimension, columns []value, narrow float64) (ticks []tick) {
	every := []int{2, 4, 7} // of the columns have a tick that is not minor, as far as there is room
	if d == report.Hour {
		every = []int{6, 12, 24}
	}
	for i, v := range columns {
		ticks = append(ticks, tick{at: i, text: fmt.Sprintf("%.3s", v.name)}) // Mon for Monday
	}
	const space = 4 // pixels
	needed := (textWidth(ticks[0].text) + space) * float64(len(columns))
	for len(every) > 1 && narrow*float64(every[0]) < needed {
		every = every[1:]
	}
	for i := range ticks {
		ticks[i].isMinor = i%every[0] != 0
	}
	return ticks
}

// ticksAt are the ticks at the dates with which the first of some steps begins. The first tick has its year,
// unless the next one begins another: the two years would not have room beside each other.
func ticksAt(steps []step, starts []calendar.Date, before calendar.Date, narrow float64) (ticks []tick) {
	s, year := steps[0], ""
	all := s.beginnings(starts, before)
	every := math.Ceil(s.columns(len(starts), narrow) / float64(nearest(all, len(starts))))
	major := majorTicks(all, fitting(steps, starts, narrow)[0].beginnings(starts, before), int(every))
	for _, i := range all {
		date := starts[i].UTC()
		t := tick{at: i, text: date.Format(s.layout), isMinor: !slices.Contains(major, i)}
		if now := date.Format("2006"); s.unit != calendar.Year && now != year {
			t.year, year = now, now
			if len(ticks) == 1 {
				ticks[0].year = ""
			}
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// majorTicks are the ticks that are shown in a narrow plot: those where a longer step begins. Where that is
// once at most, or not always at a tick, as months begin in the middle of weeks, they are every second tick,
// or third, and so on.
func majorTicks(ticks, beginnings []int, every int) (major []int) {
	isNoTick := func(i int) bool { return !slices.Contains(ticks, i) }
	if len(beginnings) > 1 && !slices.ContainsFunc(beginnings, isNoTick) {
		return beginnings
	}
	for i := 0; i < len(ticks); i += every {
		major = append(major, ticks[i])
	}
	return major
}

// fitting leaves out steps until the first one has room in so many pixels, for labels as the first one has
// them.
func fitting(steps []step, starts []calendar.Date, pixels float64) []step {
	const mostTicks = 12 // more than months of a year are hard to read
	columns := steps[0].columns(len(starts), pixels)
	for ; len(steps) > 1; steps = steps[1:] {
		at := steps[0].beginnings(starts, starts[0]-1)
		if len(at) <= mostTicks && float64(nearest(at, len(starts))) >= columns {
			break
		}
	}
	return steps
}

// columns is how many of n columns, which have so many pixels in all, the label of a tick takes.
func (s step) columns(n int, pixels float64) float64 {
	const space = 4 // pixels
	widest := time.Date(2000, time.May, 28, 0, 0, 0, 0, time.UTC).Format(s.layout)
	return (textWidth(widest) + space) * float64(n) / pixels
}

// nearest is the distance of the two ticks that are nearest to each other, or most where there are no two.
func nearest(at []int, most int) int {
	for i := 1; i < len(at); i++ {
		most = min(most, at[i]-at[i-1])
	}
	return most
}

// beginnings are the indices of the dates with which a step begins. Whether the first date does depends on
// the date before it.
func (s step) beginnings(starts []calendar.Date, before calendar.Date) (at []int) {
	number := func(d calendar.Date) int {
		return int(math.Floor(float64(s.unit.Number(d)) / float64(s.every)))
	}
	for i, date := range starts {
		if number(date) != number(before) {
			at = append(at, i)
		}
		before = date
	}
	return at
}
