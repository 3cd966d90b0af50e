package report

import "time"

// maxPeriods is how many periods a range may have for those without commits to be rows. One
// commit dated a thousand years off would make rows of all the days between.
const maxPeriods = 100_000

// addSilent makes entries of what no commit was counted for: the periods inside the range, all
// weekdays and hours, every workspace, project and repository in scope.
func (s *sheet) addSilent() {
	if len(s.axes) != 1 || s.q.Pivot != "" {
		return
	}
	present := make([]int64, len(s.entries))
	for i, e := range s.entries {
		present[i] = e.values[0]
	}
	for _, value := range s.silent(s.axes[0], present, maxPeriods) {
		s.entries = append(s.entries, &entry{values: []int64{value}, slot: -1})
	}
}

// silent lists the values of an axis that are not present, or none where there are more than
// limit periods in the range.
func (s *sheet) silent(a *axis, present []int64, limit int64) []int64 {
	first, last, ok := s.extent(a)
	if !ok {
		return nil
	}
	if n := last - first + 1; n > limit {
		s.note("the range has %s; those without commits are left out",
			numberOf(n, string(a.dim), string(a.dim)+"s"))
		return nil
	}
	known := make(map[int64]bool, len(present))
	for _, value := range present {
		known[value] = true
	}
	var values []int64
	for value := first; value <= last; value++ {
		if !known[value] && !s.skipped(a, value) {
			values = append(values, value)
		}
	}
	return values
}

// extent is the first and the last value that an axis has whether or not commits were counted;
// ok is false where there are none.
func (s *sheet) extent(a *axis) (first, last int64, ok bool) {
	switch {
	case a.dim == AuthorDim:
		return 0, 0, false
	case !a.dim.IsTime():
		return 0, int64(len(a.labels)) - 1, true
	case a.dim == Weekday:
		return 0, 6, true
	case a.dim == Hour:
		return 0, 23, true
	case a.compared:
		return 0, a.current.last - a.current.first, true
	}
	span, ok := s.span(a.dim)
	return span.first, span.last, ok
}

// span is the periods of the range. A range that is open to the future ends today, so that what fell
// silent shows and a commit of the year 2100 makes no rows of all the years between; where both ends
// are open, or the beginning, they are the data's own.
func (s *sheet) span(dim Dimension) (span, bool) {
	since, until := s.scope.Range()
	total := s.counter.total
	openSince, openUntil := s.q.Filter.Since.IsZero(), s.q.Filter.Until.IsZero()
	if openSince && total.commits == 0 {
		return span{}, false
	}
	if openSince {
		since = total.first
	}
	if openUntil {
		until = s.q.Now.Unix()
	}
	if openUntil && openSince {
		until = total.last
	}
	first, _ := s.counter.clock.local(since)
	last, _ := s.counter.clock.local(until)
	return span{dim.periodOf(first), dim.periodOf(last)}, true
}

// skipped reports whether the zone never had the day: Samoa went from December 29 to 31 in 2011.
func (s *sheet) skipped(a *axis, value int64) bool {
	if a.dim != Day {
		return false
	}
	if a.compared {
		value += a.current.first
	}
	if value < -tameDays || value > 2*tameDays {
		return false
	}
	noon := value*daySeconds + daySeconds/2
	_, offset := time.Unix(noon, 0).In(s.q.Zone).Zone()
	if day, _ := s.counter.clock.local(noon - int64(offset)); day == value {
		return false
	}
	day, _ := s.counter.clock.local(dayStart(value, s.q.Zone).Unix())
	return day != value
}
