package calendar

import "time"

// A Clock tells the date and the second of the day of many moments in one zone. It remembers for how long
// the zone's offset stays as it is, mostly half a year, and asks package time when a moment is outside of
// that. A Clock is for one goroutine.
type Clock struct {
	zone        *time.Location
	from, until int64 // the offset holds for from <= seconds < until
	offset      int64
}

// NewClock returns a clock of the zone.
func NewClock(zone *time.Location) *Clock { return &Clock{zone: zone} }

// maxSeconds is where the years end that a Clock tells apart, about five million from now: so dates fit
// into 32 bits. Moments beyond it are damage, and have the date of the bound.
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

// trusted is when package time becomes wrong about the last days of leap years in some zones, and
// differently so for each moment of them: 2037-01-01. Offsets of later moments are not remembered.
const trusted = 2114380800

// lookUp finds the offset, and for how long it holds.
func (c *Clock) lookUp(seconds int64) {
	t := time.Unix(seconds, 0).In(c.zone)
	_, offset := t.Zone()
	c.offset, c.from, c.until = int64(offset), seconds, seconds+1
	if seconds >= trusted {
		return
	}
	start, end := t.ZoneBounds()
	c.from, c.until = -maxSeconds, trusted
	if !start.IsZero() {
		c.from = start.Unix()
	}
	if !end.IsZero() {
		c.until = min(end.Unix(), trusted)
	}
}
