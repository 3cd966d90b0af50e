package report

// The calendar is the proleptic Gregorian one, in int64 throughout: commits may carry any date,
// and package time allocates, or overflows, far from the present. A day is a number: 0 is
// 1970-01-01. The two conversions are Howard Hinnant's (chrono-Compatible Low-Level Date
// Algorithms): years that begin in March, eras of 400 years.

const (
	daySeconds = 24 * 60 * 60
	eraDays    = 146097
	marchShift = 719468 // days from 0000-03-01 to 1970-01-01
)

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// dayOf gives the day of a date; month and day need not be in their ranges but for month, which
// is 1 to 12.
func dayOf(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return era*eraDays + dayOfEra - marchShift
}

// dateOf is the inverse of dayOf.
func dateOf(day int64) (year, month, dayOfMonth int64) {
	day += marchShift
	era := floorDiv(day, eraDays)
	dayOfEra := day - era*eraDays
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*dayOfYear + 2) / 153 // months since March
	dayOfMonth = dayOfYear - (153*shifted+2)/5 + 1
	month = (shifted+2)%12 + 1
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, dayOfMonth
}

// weekOf numbers weeks, which begin on Mondays; week 0 has 1970-01-01.
func weekOf(day int64) int64 { return floorDiv(day+3, 7) }

// mondayOf is the first day of a week.
func mondayOf(week int64) int64 { return week*7 - 3 }

// isoWeek gives a week's ISO 8601 year and number: both are those of its Thursday.
func isoWeek(week int64) (year, number int64) {
	thursday := mondayOf(week) + 3
	year, _, _ = dateOf(thursday)
	return year, (thursday-dayOf(year, 1, 1))/7 + 1
}

// weekOfISO is the inverse of isoWeek; ok is false where the year has no such week.
func weekOfISO(year, number int64) (week int64, ok bool) {
	week = weekOf(dayOf(year, 1, 4)) + number - 1 // January 4 is always in week 1
	y, n := isoWeek(week)
	return week, y == year && n == number
}

// weekdayOf is 0 for a Monday and 6 for a Sunday.
func weekdayOf(day int64) int64 { return day + 3 - 7*weekOf(day) }

// daysIn is the length of a month.
func daysIn(year, month int64) int64 {
	if month == 12 {
		return 31
	}
	return dayOf(year, month+1, 1) - dayOf(year, month, 1)
}

// monthsBefore is the day so many months before another, or the last of that month where it has
// no such day.
func monthsBefore(day, months int64) int64 {
	year, month, dayOfMonth := dateOf(day)
	total := year*12 + month - 1 - months
	year = floorDiv(total, 12)
	month = total - year*12 + 1
	return dayOf(year, month, min(dayOfMonth, daysIn(year, month)))
}
