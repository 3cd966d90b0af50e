package report

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// A table counts commits by the values that they have on some axes: each combination of values that occurs
// is a row, numbered as it turns up, with a cell of counts. Without axes there is one row, of all commits.
//
// Rows are found level by level, an axis at a time: a level numbers the combinations of the first axes, and a
// key of it is the number of a combination one axis shorter, with one more value.
type table struct {
	axes   []*axis
	levels []*level
	cells  []cell      // by row
	people []personSet // by row; nil where each row is of one person
	words  int         // of a personSet
	found  []int32     // by rowsOf
}

type level struct {
	numbers map[key]int32
	keys    []key // by number
	lastKey key   // the one that was asked for last, and its number: mostly it is asked for again
	last    int32
}

type key struct{ parent, value int32 }

// number returns the number of a key, a new one if the key is.
func (l *level) number(k key) int32 {
	if k == l.lastKey {
		return l.last
	}
	n, known := l.numbers[k]
	if !known {
		n = int32(len(l.keys))
		l.numbers[k] = n
		l.keys = append(l.keys, k)
	}
	l.lastKey, l.last = k, n
	return n
}

// newTable makes a table for a number of persons, which it tells apart unless each row is of one.
func newTable(axes []*axis, persons int) *table {
	t := &table{axes: axes, words: (persons + 63) / 64}
	for range axes {
		t.levels = append(t.levels, &level{numbers: map[key]int32{}, lastKey: key{-1, -1}})
	}
	if !slices.ContainsFunc(axes, func(a *axis) bool { return a.dim == AuthorDim }) {
		t.people = []personSet{}
	}
	t.grow()
	return t
}

// sharing returns a table with the rows of t: both give the same combination of values the same number.
func (t *table) sharing(axes []*axis) *table {
	other := &table{axes: axes, words: t.words, levels: slices.Clone(t.levels)}
	if t.people != nil {
		other.people = []personSet{}
	}
	return other
}

// lastLevel has the rows; a table without axes has none.
func (t *table) lastLevel() *level { return t.levels[len(t.levels)-1] }

// rows returns how many rows there are.
func (t *table) rows() int {
	if len(t.levels) == 0 {
		return 1
	}
	return len(t.lastLevel().keys)
}

// grow gives every row a cell.
func (t *table) grow() {
	for len(t.cells) < t.rows() {
		t.cells = append(t.cells, emptyCell)
		if t.people != nil {
			t.people = append(t.people, personSet{})
		}
	}
}

// add counts a commit once in each of its rows.
func (t *table) add(c *commit, holders []int) {
	for _, row := range t.rowsOf(c, holders) {
		t.cells[row].add(c)
		if t.people != nil {
			t.people[row].add(c.person, t.words)
		}
	}
}

// rowsOf returns the rows that a commit has in some repositories, each once. They are good until the next
// call.
func (t *table) rowsOf(c *commit, holders []int) []int32 {
	t.found = t.found[:0]
	for _, repo := range holders {
		c.repo = repo
		t.find(c, 0, 0)
	}
	t.grow()
	return t.found
}

// find adds the rows that begin with a combination of the first axes.
func (t *table) find(c *commit, depth int, number int32) {
	if depth == len(t.axes) {
		if !slices.Contains(t.found, number) {
			t.found = append(t.found, number)
		}
		return
	}
	for _, value := range t.axes[depth].values(c) {
		t.find(c, depth+1, t.levels[depth].number(key{number, value}))
	}
}

// row returns the row of one value on each axis, a new one if there is none.
func (t *table) row(values ...int32) int32 {
	number := int32(0)
	for depth, value := range values {
		number = t.levels[depth].number(key{number, value})
	}
	t.grow()
	return number
}

// value returns a row's value on one of the axes.
func (t *table) value(row int32, axis int) int32 {
	for depth := len(t.levels) - 1; ; depth-- {
		k := t.levels[depth].keys[row]
		if depth == axis {
			return k.value
		}
		row = k.parent
	}
}

// counts returns what was counted of a row.
func (t *table) counts(row int32, zone *time.Location) Counts {
	c := t.cells[row]
	if c.commits == 0 {
		return Counts{}
	}
	return Counts{
		Commits: int(c.commits), Merges: int(c.merges), Authors: t.authors(row),
		First: time.Unix(c.first, 0).In(zone), Last: time.Unix(c.last, 0).In(zone),
	}
}

// authors returns how many persons have commits in a row.
func (t *table) authors(row int32) int {
	if t.people == nil {
		return int(min(t.cells[row].commits, 1))
	}
	return t.people[row].len()
}

// A cell has the counts of one row that every report needs. A count that only some reports ask for is a slice
// of its own beside the cells, as the sets of persons are.
type cell struct {
	first, last     int64
	commits, merges uint32
}

var emptyCell = cell{first: math.MaxInt64, last: math.MinInt64}

func (c *cell) add(commit *commit) {
	c.first, c.last = min(c.first, commit.date), max(c.last, commit.date)
	c.commits++
	if commit.merge {
		c.merges++
	}
}

// A personSet is a set of persons: a list while they are few, and a bit for each person beyond that.
type personSet struct {
	few  []int32
	bits []uint64
}

const fewPersons = 8

// add adds a person; words is the length of bits.
func (s *personSet) add(person int32, words int) {
	switch {
	case s.bits != nil:
		s.bits[person>>6] |= 1 << (person & 63)
	case slices.Contains(s.few, person):
	case len(s.few) < fewPersons:
		s.few = append(s.few, person)
	default:
		s.bits = make([]uint64, words)
		for _, p := range append(s.few, person) {
			s.bits[p>>6] |= 1 << (p & 63)
		}
		s.few = nil
	}
}

func (s *personSet) len() int {
	n := len(s.few)
	for _, word := range s.bits {
		n += bits.OnesCount64(word)
	}
	return n
}
