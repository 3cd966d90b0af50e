package calendar

import "time"

// A Clock tells the date and the second of the day of many moments in one zone. It remembers for how long
// the zone's offsets stay as they are, mostly half a year, and asks package time about moments outside of
// what it remembers. A Clock is for one goroutine.
type Clock struct {
	zone *time.Location
	// The index follows from which span of 48 days a moment is in. Moments of several years may come in any
	// order, and do not replace each other's offsets unless they are 34 years apart.
	offsets [256]zoneOffset
}

// A zoneOffset is how many seconds a zone is ahead of UTC, for from <= seconds < until.
type zoneOffset struct{ from, until, seconds int64 }

// NewClock returns a clock of the zone.
func NewClock(zone *time.Location) *Clock { return &Clock{zone: zone} }

// maxSeconds is where the years end that a Clock tells apart, about five million from now: so dates fit
// into 32 bits. Moments beyond it are damage, and have the date of the bound.
const maxSeconds = 1 << 47

// Local returns the date and the second of the day for seconds since 1970.
func (c *Clock) Local(seconds int64) (Date, int) {
	offset := &c.offsets[uint64(seconds)>>22%256] // 1<<22 seconds are 48 days
	if seconds < offset.from || seconds >= offset.until {
		seconds = min(max(seconds, -maxSeconds), maxSeconds)
		*offset = c.lookUp(seconds)
	}
	local := seconds + offset.seconds
	date := floorDiv(local, daySeconds)
	return Date(date), int(local - date*daySeconds)
}

// trusted is when package time becomes wrong about the last days of leap years in some zones, and
// differently so for each moment of them: 2037-01-01. Offsets of later moments are not remembered.
const trusted = 2114380800

// lookUp finds the offset, and for how long it holds.
func (c *Clock) lookUp(seconds int64) zoneOffset {
	t := time.Unix(seconds, 0).In(c.zone)
	_, offset := t.Zone()
	found := zoneOffset{seconds, seconds + 1, int64(offset)}
	if seconds >= trusted {
		return found
	}
	start, end := t.ZoneBounds()
	found.from, found.until = -maxSeconds, trusted
	if !start.IsZero() {
		found.from = start.Unix()
	}
	if !end.IsZero() {
		found.until = min(end.Unix(), trusted)
	}
	return found
}
