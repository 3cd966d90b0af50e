package calendar

import (
	"fmt"
	"time"
)

// A Unit is a kind of period.
type Unit int

// The units, from the shortest to the longest.
const (
	Day Unit = iota
	Week
	Month
	Quarter
	Year
)

// Number returns the number of the period that has the date. Numbers follow each other without gaps, also
// across the end of a year, so that a range of them can be counted and shifted.
func (u Unit) Number(d Date) int {
	switch u {
	case Day:
		return int(d)
	case Week:
		return int(floorDiv(int64(d)+3, 7)) // week 0 has 1970-01-01, a Thursday
	}
	year, month, _ := d.UTC().Date()
	switch u {
	case Month:
		return year*12 + int(month) - 1
	case Quarter:
		return year*4 + int(month-1)/3
	}
	return year
}

// First returns the first date of a period. time.Date normalizes months beyond the twelfth into years.
func (u Unit) First(number int) Date {
	switch u {
	case Day:
		return Date(number)
	case Week:
		return Date(number*7 - 3)
	case Month:
		return newDate(0, time.Month(number+1), 1)
	case Quarter:
		return newDate(0, time.Month(number*3+1), 1)
	}
	return newDate(number, 1, 1)
}

// Last returns the last date of a period.
func (u Unit) Last(number int) Date { return u.First(number+1) - 1 }

// Format writes a period as 2025-03-31, 2025-W13, 2025-03, 2025-Q1 or 2025, with as many digits of the year
// as package time writes. The texts of one unit sort in the order of time, from the year 0 to 9999.
func (u Unit) Format(number int) string {
	first := u.First(number).UTC()
	switch u {
	case Day:
		return first.Format(time.DateOnly)
	case Week:
		year, week := first.ISOWeek()
		return fmt.Sprintf("%s-W%02d", newDate(year, 1, 1).UTC().Format("2006"), week)
	case Month:
		return first.Format("2006-01")
	case Quarter:
		return fmt.Sprintf("%s-Q%d", first.Format("2006"), (first.Month()+2)/3)
	}
	return first.Format("2006")
}
