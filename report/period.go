package report

import (
	"fmt"
	"time"
)

// periodOf numbers the value that a day has in a dimension. Later values have greater numbers,
// and the next one the next number; a weekday is 0 to 6 from Monday.
func (d Dimension) periodOf(day int64) int64 {
	switch d {
	case Day:
		return day
	case Week:
		return weekOf(day)
	case Weekday:
		return weekdayOf(day)
	}
	year, month, _ := dateOf(day)
	switch d {
	case Month:
		return year*12 + month - 1
	case Quarter:
		return year*4 + (month-1)/3
	}
	return year
}

// firstDay is the first day of a period.
func (d Dimension) firstDay(period int64) int64 {
	switch d {
	case Day:
		return period
	case Week:
		return mondayOf(period)
	case Month:
		year := floorDiv(period, 12)
		return dayOf(year, period-year*12+1, 1)
	case Quarter:
		year := floorDiv(period, 4)
		return dayOf(year, (period-year*4)*3+1, 1)
	}
	return dayOf(period, 1, 1)
}

// write gives a period, a weekday or an hour the form in which reports show it.
func (d Dimension) write(value int64) string {
	switch d {
	case Weekday:
		return time.Weekday((value + 1) % 7).String()
	case Hour:
		return fmt.Sprintf("%02d", value)
	case Week:
		year, week := isoWeek(value)
		return fmt.Sprintf("%s-W%02d", writeYear(year), week)
	case Quarter:
		year := floorDiv(value, 4)
		return fmt.Sprintf("%s-Q%d", writeYear(year), value-year*4+1)
	}
	year, month, day := dateOf(d.firstDay(value))
	switch d {
	case Month:
		return fmt.Sprintf("%s-%02d", writeYear(year), month)
	case Day:
		return fmt.Sprintf("%s-%02d-%02d", writeYear(year), month, day)
	}
	return writeYear(year)
}

func writeYear(year int64) string {
	if year < 0 {
		return fmt.Sprintf("-%04d", -year)
	}
	return fmt.Sprintf("%04d", year)
}
