package report

import "slices"

// A keying makes the keys of commits in one layout. It is for one goroutine.
type keying struct {
	layout *layout
	clock  *clock
	keys   []uint64 // scratch

	last  when // what the last commit was
	whens []when
	known []uint32         // day since 1970 → index of whens + 1; 0: not asked yet
	wild  map[int64]uint32 // the same for all other days
}

// A when is a moment as it stands in a key, and seconds that are in it for certain; there may be
// more of them.
type when struct {
	key         uint64
	from, until int64
}

func newKeying(l *layout, c *clock) *keying {
	k := &keying{layout: l, clock: c}
	if len(l.days) > 0 {
		k.known, k.wild = make([]uint32, tameDays), map[int64]uint32{}
	}
	return k
}

// keysOf makes the keys of a batch, whose commits are all in one place. They are good until the
// next call.
func (k *keying) keysOf(b *batch, place int32) []uint64 {
	l := k.layout
	k.keys = slices.Grow(k.keys[:0], len(b.dates))[:len(b.dates)]
	at := uint64(place) << l.placeField.shift
	switch {
	case l.byHour:
		k.setHours(b.dates, at)
	case len(l.days) > 0:
		k.setMoments(b.dates, at)
	default:
		for i := range k.keys {
			k.keys[i] = at
		}
	}
	if l.byPerson {
		for i, person := range b.people {
			k.keys[i] |= uint64(person)
		}
	}
	return k.keys
}

// setMoments begins keys with the moments of dates. Most commits are of the same month or year
// as the one before: then nobody need ask the clock.
func (k *keying) setMoments(dates []int64, at uint64) {
	last := k.last
	for i, date := range dates {
		if date < last.from || date >= last.until {
			day, _ := k.clock.local(date)
			last = k.whenIs(day)
		}
		k.keys[i] = at | last.key
	}
	k.last = last
}

// setHours begins keys with the moments and hours of dates.
func (k *keying) setHours(dates []int64, at uint64) {
	for i, date := range dates {
		day, second := k.clock.local(date)
		key := at | uint64(second/3600)<<k.layout.hourField.shift
		if k.known != nil {
			key |= k.whenIs(day).key
		}
		k.keys[i] = key
	}
}

func (k *keying) whenIs(day int64) when {
	if uint64(day) < uint64(len(k.known)) {
		if n := k.known[day]; n != 0 {
			return k.whens[n-1]
		}
	}
	return k.newWhen(day)
}

func (k *keying) newWhen(day int64) when {
	if n, known := k.wild[day]; known {
		return k.whens[n]
	}
	w := k.layout.whenIs(day)
	n := uint32(len(k.whens))
	if len(k.whens) > 0 && k.whens[n-1] == w {
		n-- // the next day of one month: no need to keep that again
	} else {
		k.whens = append(k.whens, w)
	}
	if uint64(day) < uint64(len(k.known)) {
		k.known[day] = n + 1
	} else {
		k.wild[day] = n
	}
	return w
}

// whenIs finds the moment of a day. What is a whole day and more from both ends of a period in
// UTC is within it in every zone, whatever its clocks do.
func (l *layout) whenIs(day int64) when {
	w := when{l.momentOf(day) << l.momentField.shift, -wildSeconds, wildSeconds}
	if uint64(day) >= tameDays {
		return when{key: w.key}
	}
	for _, dim := range l.days {
		first, next := day, day+1
		if dim != Weekday {
			period := dim.periodOf(day)
			first, next = dim.firstDay(period), dim.firstDay(period+1)
		}
		w.from = max(w.from, (first+1)*daySeconds)
		w.until = min(w.until, (next-1)*daySeconds)
	}
	return w
}
