package report

import "slices"

// A batch is some commits that passed the filter, in columns. Its slices are reused.
type batch struct {
	dates  []int64
	people []uint32 // indexes of persons
	merges []bool
}

func (b *batch) reset() {
	b.dates, b.people, b.merges = b.dates[:0], b.people[:0], b.merges[:0]
}

// resize gives the batch n commits; those that it had not before are arbitrary.
func (b *batch) resize(n int) {
	b.dates = slices.Grow(b.dates[:0], n)[:n]
	b.people = slices.Grow(b.people[:0], n)[:n]
	b.merges = slices.Grow(b.merges[:0], n)[:n]
}

func (b *batch) add(date int64, person uint32, merge bool) {
	b.dates = append(b.dates, date)
	b.people = append(b.people, person)
	b.merges = append(b.merges, merge)
}
