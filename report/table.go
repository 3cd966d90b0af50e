package report

import (
	"cmp"
	"slices"
	"time"
)

// A table counts commits by the values that they have on some axes: each combination of values that occurs
// is a row, numbered as it turns up, with a cell of counts. Without axes there is one row, of all commits.
//
// Rows are found level by level, an axis at a time: a level numbers the combinations of the first axes, and
// a key of it is the number of a combination one axis shorter, with one more value.
type table struct {
	axes   []*axis
	levels []*level
	cells  []cell      // by row
	people []personSet // by row; nil where each row is of one person
	words  int         // of a personSet
	oneRow bool        // whether a commit of one author, in one repository, has one row

	// What only some reports ask for, each from a table that divides the rows by one more axis.
	more map[Column]*table
	// By row, once the commits are counted. Rows that are added later have none.
	moreNumbers map[Column][]int

	order []int32 // the rows as they are shown

	// Used again: the rows of a commit or of a batch, those in which the commit is counted, its persons.
	found, counted, persons []int32
}

// A level numbers its keys from 0, in the order in which they turn up.
type level struct {
	keys []key // by number

	// dense has the number of a key, plus one, at the index that follows from its parent and its value:
	// a lookup takes a fifth of that in a map. Keys with unlikely values, and those behind maxDense,
	// are in the map.
	dense   []int32
	likely  span
	numbers map[key]int32
}

// A key is one row of a level: the row of the level before, 0 for the first level, and one more value.
type key struct{ parent, value int32 }

// A span is the values from low on, as many as width.
type span struct{ low, width int32 }

// maxDense bounds dense to 32 MiB a level, however many rows there are. Without a bound, one commit dated far
// from the others would need a place for each day between.
const maxDense = 1 << 23

// index returns where a key is in dense, or would be; negative if nowhere.
func (l *level) index(k key) int {
	value := uint32(k.value - l.likely.low)
	if value >= uint32(l.likely.width) {
		return -1
	}
	return int(k.parent)*int(l.likely.width) + int(value)
}

// find returns the number of a key, if it has one.
func (l *level) find(k key) (number int32, ok bool) {
	if at := l.index(k); uint(at) < uint(len(l.dense)) && l.dense[at] > 0 {
		return l.dense[at] - 1, true
	}
	number, ok = l.numbers[k]
	return number, ok
}

// number returns the number of a key, a new one if the key is.
func (l *level) number(k key) int32 {
	n, known := l.find(k)
	if known {
		return n
	}
	n = int32(len(l.keys))
	l.keys = append(l.keys, k)
	at := l.index(k)
	if at < 0 || at >= maxDense {
		l.numbers[k] = n
		return n
	}
	if more := at + 1 - len(l.dense); more > 0 {
		l.dense = append(l.dense, make([]int32, min(max(more, len(l.dense)), maxDense-len(l.dense)))...)
	}
	l.dense[at] = n + 1
	return n
}

// newTable makes a table for a number of persons, which it tells apart unless each row is of one. With 0, it
// does not count persons. It shares levels with a table that begins with the same axes, or with those shifted
// in a comparison: both give the same combination of values the same number, and a row that one of them adds
// is one of the other, which has to grow before its cells are looked at.
func newTable(axes []*axis, persons int, shared ...*level) *table {
	t := &table{axes: axes, levels: slices.Clip(shared), words: (persons + 63) / 64, oneRow: true}
	for _, a := range axes[len(shared):] {
		t.levels = append(t.levels, &level{likely: a.likely, numbers: map[key]int32{}})
	}
	for _, a := range axes {
		t.oneRow = t.oneRow && a.value != nil
	}
	if persons > 0 && !slices.ContainsFunc(axes, func(a *axis) bool { return a.dim == AuthorDim }) {
		t.people = []personSet{}
	}
	t.grow()
	return t
}

// dividedBy returns a table with one more axis. Its rows have rows of t as parents.
func (t *table) dividedBy(a *axis) *table {
	return newTable(append(slices.Clone(t.axes), a), 0, t.levels...)
}

// perParent returns how many rows of t divide each row of the other table. rows is how many rows that has.
func (t *table) perParent(rows int) []int {
	numbers := make([]int, rows)
	for _, k := range t.lastLevel().keys {
		numbers[k.parent]++
	}
	return numbers
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

// grow gives every row a cell. The cells are at least doubled when there is no room: append makes a large
// slice a quarter longer, and a report of many rows would spend a tenth of its time on copies.
func (t *table) grow() {
	rows := t.rows()
	if rows > cap(t.cells) {
		t.cells = slices.Grow(t.cells, rows)
	}
	for len(t.cells) < rows {
		t.cells = append(t.cells, emptyCell)
		if t.people != nil {
			t.people = append(t.people, personSet{})
		}
	}
}

// add counts the commits of a batch once in each of their rows, and there each of their authors.
func (t *table) add(b *batch) {
	if t.oneRow && len(b.holders) == 1 && !b.coAuthors {
		t.addToOneRow(b)
		return
	}
	for i := range b.commits {
		t.addCommit(&b.commits[i], b.holders)
	}
}

// addToOneRow is add for commits that have one author, one holder and one value on each axis, and so one row.
// Nearly all are such, and to go through all of them axis by axis takes half the time of addCommit.
func (t *table) addToOneRow(b *batch) {
	t.found = slices.Grow(t.found[:0], len(b.commits))[:len(b.commits)]
	clear(t.found)
	for depth, a := range t.axes {
		l := t.levels[depth]
		for i, number := range t.found {
			c := &b.commits[i]
			k := key{number, a.value(c, c.person, b.holders[0])}
			// This is l.number, which the compiler does not inline.
			if at := l.index(k); uint(at) < uint(len(l.dense)) && l.dense[at] > 0 {
				t.found[i] = l.dense[at] - 1
			} else {
				t.found[i] = l.number(k)
			}
		}
	}
	t.grow()
	for i, row := range t.found {
		t.cells[row].add(&b.commits[i])
	}
	if t.people != nil {
		for i, row := range t.found {
			t.people[row].add(b.commits[i].person, t.words)
		}
	}
}

// addCommit counts a commit that may have several rows, and a row for several of its authors.
func (t *table) addCommit(c *commit, holders []int) {
	t.persons, t.counted = c.persons(t.persons[:0]), t.counted[:0]
	for i, person := range t.persons {
		for _, row := range t.rowsOf(c, person, holders) {
			if t.people != nil {
				t.people[row].add(person, t.words)
			}
			// rowsOf has each row once, so the rows of the first person need no look.
			if i == 0 || !slices.Contains(t.counted, row) {
				t.counted = append(t.counted, row)
				t.cells[row].add(c)
			}
		}
	}
}

// addToOnlyRow adds a batch to a table without axes, faster than add does. It does not count persons, for
// which run has a shorter way.
func (t *table) addToOnlyRow(b *batch) {
	sum := t.cells[0] // stays in registers
	for i := range b.commits {
		sum.add(&b.commits[i])
	}
	t.cells[0] = sum
}

// rowsOf returns the rows that a commit has as one of its author's, each once. They are good until the next
// call.
func (t *table) rowsOf(c *commit, person int32, holders []int) []int32 {
	t.found = t.found[:0]
	for _, repo := range holders {
		t.descend(0, 0, c, person, repo)
	}
	t.grow()
	if len(holders) > 1 { // only then can a row be there twice
		slices.Sort(t.found)
		t.found = slices.Compact(t.found)
	}
	return t.found
}

// descend appends to found the rows below a combination of depth values, which has a number. It may make new
// rows, for which the caller calls grow.
func (t *table) descend(number int32, depth int, c *commit, person int32, repo int) {
	if depth == len(t.axes) {
		t.found = append(t.found, number)
		return
	}
	if value := t.axes[depth].value; value != nil {
		t.descend(t.levels[depth].number(key{number, value(c, person, repo)}), depth+1, c, person, repo)
		return
	}
	for _, value := range t.axes[depth].values(c, person, repo) {
		t.descend(t.levels[depth].number(key{number, value}), depth+1, c, person, repo)
	}
}

// row returns the row of one value on each axis, a new one if there is none. A new one has no commits, so
// this is how a row that is silent is added.
func (t *table) row(values ...int32) int32 {
	number := int32(0)
	for depth, value := range values {
		number = t.levels[depth].number(key{number, value})
	}
	t.grow()
	return number
}

// cellOf returns the commits of the row that has a parent and a value on the last axis, 0 if there is no such
// row. It adds none, unlike row: most combinations of a pivot are empty.
func (t *table) cellOf(parent, value int32) int {
	row, ok := t.lastLevel().find(key{parent, value})
	if !ok {
		return 0
	}
	return int(t.cells[row].commits)
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

// sort puts the rows of a table of one axis in the order of their values.
func (t *table) sort() {
	t.order = numbers(t.rows())
	rank := func(row int32) int32 { return t.axes[0].rank(t.value(row, 0)) }
	slices.SortFunc(t.order, func(i, j int32) int { return cmp.Compare(rank(i), rank(j)) })
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
		Days: t.moreNumber(Days, row), NewAuthors: t.moreNumber(NewAuthors, row),
		HalfAuthors: t.moreNumber(HalfAuthors, row),
	}
}

// authors returns how many persons have commits in a row. Without sets, the row is one person's.
func (t *table) authors(row int32) int {
	if t.people == nil {
		return int(min(t.cells[row].commits, 1))
	}
	return t.people[row].len()
}
