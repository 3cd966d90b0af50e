package report

import (
	"math/bits"
	"slices"
	"sync"
)

// A layout makes one number, a key, of the values that a commit has in some dimensions. All
// that depends on the day alone (a year, a week and a weekday, say) is one field of the key, and
// so is all that depends on the repository. From the highest bits down:
//
//	moment | hour | place | person
//
// Dimensions that are not asked for have no bits. Moments are numbered as they turn up, so wild
// dates cost no more than tame ones and keys stay small.
type layout struct {
	dims     []Dimension
	days     []Dimension // of the dims, those that a day decides
	byHour   bool
	byPerson bool
	place    []int32 // repository's index → place
	places   []int   // place → the first of its repositories
	people   int     // persons there are

	// Where the fields stand in a key.
	momentField, hourField, placeField, personField field

	mu      sync.Mutex
	moments map[moment]uint64
	listed  []moment
}

// A field is some bits of a key.
type field struct{ shift, width uint }

// of reads the field.
func (f field) of(key uint64) uint64 { return key >> f.shift & (1<<f.width - 1) }

// A moment holds the values of the days' dimensions, in their order.
type moment [6]int64

func newLayout(dims []Dimension, scope *Scope) *layout {
	l := &layout{dims: dims, people: scope.People.Len(), moments: map[moment]uint64{}}
	for _, dim := range dims {
		switch {
		case dim == Hour:
			l.byHour = true
		case dim == AuthorDim:
			l.byPerson = true
		case dim.IsTime():
			l.days = append(l.days, dim)
		}
	}
	l.setPlaces(scope)
	if l.byPerson {
		l.personField.width = uint(bits.Len(uint(max(l.people, 1) - 1)))
	}
	l.placeField = field{l.personField.width, uint(bits.Len(uint(max(len(l.places), 1) - 1)))}
	l.hourField.shift = l.placeField.shift + l.placeField.width
	if l.byHour {
		l.hourField.width = 5
	}
	l.momentField.shift = l.hourField.shift + l.hourField.width
	l.momentField.width = 64 - l.momentField.shift
	return l
}

// setPlaces puts repositories that the dimensions do not tell apart into one place.
func (l *layout) setPlaces(scope *Scope) {
	type placeKey struct{ workspace, project, repository string }
	known := map[placeKey]int32{}
	for i, repo := range scope.Repositories {
		var key placeKey
		if l.by(Workspace) || l.by(Project) {
			key.workspace = repo.Workspace // a project's key means something in its workspace
		}
		if l.by(Project) {
			key.project = repo.Project
		}
		if l.by(Repository) {
			key.repository = string(repo.UUID)
		}
		place, found := known[key]
		if !found {
			place = int32(len(l.places))
			known[key] = place
			l.places = append(l.places, i)
		}
		l.place = append(l.place, place)
	}
}

func (l *layout) by(dim Dimension) bool { return slices.Contains(l.dims, dim) }

func (l *layout) byTime() bool { return l.byHour || len(l.days) > 0 }

// momentOf numbers a day's moment. Workers share the numbers, and remember them.
func (l *layout) momentOf(day int64) uint64 {
	var m moment
	for i, dim := range l.days {
		m[i] = dim.periodOf(day)
	}
	return l.number(m)
}

func (l *layout) number(m moment) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, known := l.moments[m]
	if !known {
		n = uint64(len(l.listed))
		l.moments[m] = n
		l.listed = append(l.listed, m)
	}
	return n
}

// fieldOf is the field that a dimension reads.
func (l *layout) fieldOf(dim Dimension) field {
	switch {
	case dim == AuthorDim:
		return l.personField
	case dim == Hour:
		return l.hourField
	case dim.isPlace():
		return l.placeField
	}
	return l.momentField
}

// likely guesses how many keys there may be: it looks at ten years.
func (l *layout) likely() int {
	days := 1
	for _, dim := range l.days {
		days *= map[Dimension]int{
			Year: 10, Quarter: 40, Month: 120, Week: 522, Day: 3653, Weekday: 7,
		}[dim]
	}
	n := min(days, 3653) * max(len(l.places), 1)
	if l.byHour {
		n *= 24
	}
	if l.byPerson {
		n *= max(l.people, 1)
	}
	return n
}

// onto translates keys to those of another layout that has no dimension more; move gives the
// periods there. Moments that turn up later are unknown to it.
func (l *layout) onto(to *layout, move func(Dimension, int64) int64) func(key uint64) uint64 {
	moments := make([]uint64, len(l.listed))
	for n, from := range l.listed {
		var m moment
		for i, dim := range to.days {
			m[i] = move(dim, from[slices.Index(l.days, dim)])
		}
		if len(to.days) > 0 {
			moments[n] = to.number(m) << to.momentField.shift
		}
	}
	places := make([]uint64, max(len(l.places), 1))
	for n, repo := range l.places {
		places[n] = uint64(to.place[repo]) << to.placeField.shift
	}
	return func(key uint64) uint64 {
		moved := places[l.placeField.of(key)]
		if len(to.days) > 0 {
			moved |= moments[l.momentField.of(key)]
		}
		if to.byHour {
			moved |= l.hourField.of(key) << to.hourField.shift
		}
		if to.byPerson {
			moved |= l.personField.of(key)
		}
		return moved
	}
}

// stay is the move of those who do not.
func stay(_ Dimension, value int64) int64 { return value }
