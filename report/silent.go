package report

import "time"

// maxPeriods is how many periods a range may have for those without commits to be rows. One
// commit dated a thousand years off would make rows of all the days between.
const maxPeriods = 100_000

// addSilent makes slots of what no commit was counted for: the periods inside the range, all
// weekdays and hours, every workspace, project and repository in scope.
func (s *sheet) addSilent(t *tally, limit int64) {
	l := t.layout
	switch dim := l.dims[0]; {
	case dim == AuthorDim:
	case dim.isPlace():
		for place := range l.places {
			t.slots.of(uint64(place) << l.placeField.shift)
		}
	case dim == Hour:
		for hour := range uint64(24) {
			t.slots.of(hour << l.hourField.shift)
		}
	case dim == Weekday:
		s.addTimes(t, span{0, 6})
	default:
		r, ok := s.periods(dim)
		if n := r.last - r.first + 1; ok && n > limit {
			s.note("the range has %s; those without commits are left out",
				numberOf(n, string(dim), string(dim)+"s"))
		} else if ok {
			s.addTimes(t, r)
		}
	}
}

func (s *sheet) addTimes(t *tally, r span) {
	l := t.layout
	dim := l.dims[0]
	for value := r.first; value <= r.last; value++ {
		if _, known := l.moments[moment{value}]; !known && !(dim == Day && s.skipped(value)) {
			t.slots.of(l.number(moment{value}) << l.momentField.shift)
		}
	}
}

// periods are those of the range. A range that is open to the future ends today, so that what
// fell silent shows and a commit of the year 2100 makes no rows of all the years between; where
// both ends are open, or the beginning, they are the data's own.
func (s *sheet) periods(dim Dimension) (r span, ok bool) {
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
func (s *sheet) skipped(day int64) bool {
	if day < -tameDays || day > 2*tameDays {
		return false
	}
	noon := day*daySeconds + daySeconds/2
	_, offset := time.Unix(noon, 0).In(s.q.Zone).Zone()
	if shown, _ := s.counter.clock.local(noon - int64(offset)); shown == day {
		return false
	}
	shown, _ := s.counter.clock.local(dayStart(day, s.q.Zone).Unix())
	return shown != day
}
