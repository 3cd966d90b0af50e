package calendar

import "time"

// A Clock tells the date and the second of the day of many moments in one zone. It remembers for how long
// the zone's offset stays as it is, mostly half a year, and asks package time when a moment is outside of that.
// A Clock is for one goroutine.
type Clock struct {
	zone        *time.Location
	from, until int64 // the offset holds for from <= seconds < until
	offset      int64
}

// NewClock returns a clock of the zone.
func NewClock(zone *time.Location) *Clock { return &Clock{zone: zone} }

// maxSeconds is where the years end that a Clock tells apart, about five million from now: so dates fit into
// 32 bits. Moments beyond it are damage, and have the date of the bound.
const maxSeconds = 1 << 47

// Local returns the date and the second of the day for seconds since 1970.
func (c *Clock) Local(seconds int64) (Date, int) {
	if seconds < c.from || seconds >= c.until {
		seconds = min(max(seconds, -maxSeconds), maxSeconds)
		c.lookUp(seconds)
	}
	local := seconds + c.offset
	date := floorDiv(local, daySeconds)
	return Date(date), int(local - date*daySeconds)
}

// lookUp finds the offset, and for how long it holds. Package time is wrong about the last day of leap years
// after 2037 in some zones, differently for each moment, so nothing is remembered beyond 2037.
func (c *Clock) lookUp(seconds int64) {
	t := time.Unix(seconds, 0).In(c.zone)
	_, offset := t.Zone()
	c.offset = int64(offset)
	c.from, c.until = seconds, seconds+1
	start, end := t.ZoneBounds()
	if t.Year() > 2036 {
		return
	}
	if !start.IsZero() {
		c.from = start.Unix()
	}
	if !end.IsZero() {
		c.until = end.Unix()
	}
}
