package calendar

import "time"

// A Comparison is a range beside the one with which it is compared. All ends are included, to the second.
type Comparison struct {
	Since, Until                 time.Time // if the range is a period that is not over: its part so far
	PreviousSince, PreviousUntil time.Time

	ToDate *ToDate // nil if the range is not a period that is not over
}

// A ToDate is the part so far of a period that is not over, beside the same part of the one before. Both
// parts are so many whole days, today included, or all of the period before if that is shorter.
type ToDate struct {
	Period, Previous   string // as Format writes them
	Days, PreviousDays int
	All                bool // the part of the period before is all of it
}

// Compare returns what a range is compared with: the period before, if the range is one whole period of a
// unit; else as many days before, if it is whole days; else as long a time before. Of a period that is not
// over, the part so far is compared with the same part of the one before. Days are counted as dates, so a
// day that a zone skipped counts, and one of 23 or 25 hours counts as one.
func Compare(since, until time.Time, zone *time.Location, now time.Time) Comparison {
	first, last := DateOf(since.In(zone)), DateOf(until.In(zone))
	c := Comparison{Since: since, Until: until, PreviousUntil: since.Add(-time.Second)}
	if !since.Equal(first.Start(zone)) || !until.Equal(last.End(zone)) {
		c.PreviousSince = c.PreviousUntil.Add(-until.Sub(since))
		return c
	}
	today := DateOf(now.In(zone))
	for unit := Day; unit <= Year; unit++ {
		n := unit.Number(first)
		if first != unit.First(n) || last != unit.Last(n) {
			continue
		}
		before := n - 1
		for unit == Day && !Date(before).Exists(zone) { // a day that was skipped has no commits
			before--
		}
		c.PreviousSince = unit.First(before).Start(zone)
		if n == unit.Number(today) {
			c.toDate(unit, n, before, today, zone)
		}
		return c
	}
	c.PreviousSince = (first - (last - first + 1)).Start(zone)
	return c
}

// toDate ends a range that is one period with today, and the range before with the same day of its period. A
// whole period beside one that has just begun would look like a collapse.
func (c *Comparison) toDate(unit Unit, period, before int, today Date, zone *time.Location) {
	first, last := unit.First(before), unit.Last(before)
	days := int(today-unit.First(period)) + 1
	end := min(first+Date(days)-1, last)
	c.Until, c.PreviousUntil = today.End(zone), end.End(zone)
	c.ToDate = &ToDate{
		Period: unit.Format(period), Previous: unit.Format(before),
		Days: days, PreviousDays: int(end-first) + 1, All: end == last,
	}
}
