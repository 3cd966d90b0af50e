package report

import (
	"slices"
	"sync"
)

// A layout makes one number, a key, of the values that a commit has in some dimensions. All
// that depends on the day alone (a year, a week and a weekday, say) is one part of the key, and
// so is all that depends on the repository:
//
//	key = ((moment × 24 + hour) × len(places) + place) × people + person
//
// Dimensions that are not asked for have one value, 0. Moments are numbered as they turn up, so
// wild dates cost no more than tame ones and keys stay small.
type layout struct {
	dims     []Dimension
	days     []Dimension // of the dims, those that a day decides
	byHour   bool
	byPerson bool
	people   int     // persons, or 1
	place    []int32 // repository's index → place
	places   []int   // place → the first of its repositories

	mu      sync.Mutex
	moments map[moment]int32
	listed  []moment
}

// A moment holds the values of the days' dimensions, in their order.
type moment [6]int64

func newLayout(dims []Dimension, scope *Scope) *layout {
	l := &layout{dims: dims, people: 1, moments: map[moment]int32{}}
	for _, dim := range dims {
		switch {
		case dim == Hour:
			l.byHour = true
		case dim == AuthorDim:
			l.byPerson = true
			l.people = max(scope.People.Len(), 1)
		case dim.IsTime():
			l.days = append(l.days, dim)
		}
	}
	l.setPlaces(scope)
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
func (l *layout) momentOf(day int64) int32 {
	var m moment
	for i, dim := range l.days {
		m[i] = dim.periodOf(day)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n, known := l.moments[m]
	if !known {
		n = int32(len(l.listed))
		l.moments[m] = n
		l.listed = append(l.listed, m)
	}
	return n
}

// A spot is a key taken apart again.
type spot struct {
	moment        moment
	hour          int64
	place, person int
}

func (l *layout) spot(key uint64) (s spot) {
	s.person = int(key % uint64(l.people))
	key /= uint64(l.people)
	places := uint64(max(len(l.places), 1))
	s.place = int(key % places)
	key /= places
	if l.byHour {
		s.hour = int64(key % 24)
		key /= 24
	}
	if len(l.days) > 0 {
		s.moment = l.listed[key]
	}
	return s
}

// values are the numbers that the dimensions have at a spot, in the order of dims; places and
// persons stand for themselves.
func (l *layout) values(key uint64, into []int64) []int64 {
	s := l.spot(key)
	day := 0
	for _, dim := range l.dims {
		switch {
		case dim == AuthorDim:
			into = append(into, int64(s.person))
		case dim == Hour:
			into = append(into, s.hour)
		case dim.isPlace():
			into = append(into, int64(s.place))
		default:
			into = append(into, s.moment[day])
			day++
		}
	}
	return into
}
