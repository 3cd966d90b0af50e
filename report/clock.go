package report

import (
	"sort"
	"time"
)

// A clock tells the local time of many dates in one zone. Asking package time for each would
// cost more than counting, so the offset is kept for each day of UTC on which it does not
// change. A clock is for one goroutine.
type clock struct {
	zone    *time.Location
	offsets []int32 // by day since 1970: from noOffset; or unknownOffset, or changingOffset

	shownDay int64  // the last day that appendTime wrote
	shown    []byte // and how
}

const (
	unknownOffset  = 0 // as fresh memory is: nothing is written for days that nobody asks for
	changingOffset = 1
	noOffset       = 1 << 20

	// tameDays is where the tables by day end: 2100-01-01. Dates before 1970 and after this are
	// rare, mostly mistakes, and take the slow way.
	tameDays = 47482

	yearZero, yearTenThousand = -719528, 2932897 // days from 1970 to January 1 of those years

	// wildSeconds bounds the dates for which package time is asked; what lies beyond has the
	// offset of the bound. It is the year 10000, or as long before 1970.
	wildSeconds = 253402300800
)

func newClock(zone *time.Location) *clock {
	return &clock{zone: zone, offsets: make([]int32, tameDays)}
}

// local gives a date's day and second of the day in the zone.
func (c *clock) local(date int64) (day, second int64) {
	if uint64(date-daySeconds) < (tameDays-2)*daySeconds {
		if offset := c.offsets[uint64(date)/daySeconds]; offset > changingOffset {
			local := uint64(date + int64(offset) - noOffset) // divided without a branch
			return int64(local / daySeconds), int64(local % daySeconds)
		}
	}
	return c.localSlowly(date)
}

func (c *clock) localSlowly(date int64) (day, second int64) {
	date = min(max(date, -1<<60), 1<<60) // so that no sum overflows
	local := date + c.lookUp(date)
	day = floorDiv(local, daySeconds)
	return day, local - day*daySeconds
}

// lookUp finds an offset, and remembers it where it holds for the whole day.
func (c *clock) lookUp(date int64) int64 {
	date = min(max(date, -wildSeconds), wildSeconds)
	_, offset := time.Unix(date, 0).In(c.zone).Zone()
	if uint64(date) >= tameDays*daySeconds {
		return int64(offset)
	}
	day := date / daySeconds
	if c.offsets[day] == unknownOffset {
		c.offsets[day] = changingOffset
		_, end := time.Unix(day*daySeconds, 0).In(c.zone).ZoneBounds()
		if end.IsZero() || end.Unix() >= (day+1)*daySeconds {
			c.offsets[day] = noOffset + int32(offset)
		}
	}
	return int64(offset)
}

// appendTime writes a date in RFC 3339, as package time does in three times the time.
func (c *clock) appendTime(b []byte, date int64) []byte {
	day, second := c.local(date)
	offset := day*daySeconds + second - date
	if day < yearZero || day >= yearTenThousand || offset%60 != 0 {
		return time.Unix(date, 0).In(c.zone).AppendFormat(b, time.RFC3339)
	}
	if c.shown == nil || c.shownDay != day { // the first and the last commit are often of one day
		year, month, dayOfMonth := dateOf(day)
		c.shownDay, c.shown = day, append(c.shown[:0],
			digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
			digit(month/10), digit(month), '-', digit(dayOfMonth/10), digit(dayOfMonth), 'T')
	}
	b = append(b, c.shown...)
	hour, minute := second/3600, second/60%60
	b = append(b, digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute), ':',
		digit(second%60/10), digit(second))
	sign := byte('+')
	switch {
	case offset == 0:
		return append(b, 'Z')
	case offset < 0:
		sign, offset = '-', -offset
	}
	hour, minute = offset/3600, offset/60%60
	return append(b, sign, digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute))
}

// digit is the last digit of a number.
func digit(n int64) byte { return byte('0' + n%10) }

// dayStart is the first moment at which the calendar of the zone shows the day, or a later one
// where the zone skipped it. Midnight may not exist, or come twice, and package time promises
// nothing for those, so the moment is searched for.
func dayStart(day int64, zone *time.Location) time.Time {
	midnight := day * daySeconds
	offset := func(at int64) int64 {
		_, seconds := time.Unix(at, 0).In(zone).Zone()
		return int64(seconds)
	}
	early := midnight - 2*daySeconds // no zone is two days from UTC
	at := early + int64(sort.Search(4*daySeconds, func(i int) bool {
		at := early + int64(i)
		return at+offset(at) >= midnight
	}))
	// Clocks that go back just after midnight show the day once before.
	before := offset(at - 2*3600)
	if once := midnight - before; once < at && offset(once) == before {
		at = once
	}
	return time.Unix(at, 0).In(zone)
}
