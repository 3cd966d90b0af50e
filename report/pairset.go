package report

import "iter"

// A pairSet is a set of numbers in one open-addressed table. It is what a map would be without
// the values, at a third of the time: large reports add a pair for nearly every commit.
type pairSet struct {
	table []uint64 // number + 1; 0: free
	shift uint     // 64 - log2 of the length
	size  int
}

func (p *pairSet) add(n uint64) {
	if p.size*4 >= len(p.table)*3 {
		p.grow()
	}
	if p.insert(n + 1) {
		p.size++
	}
}

// insert reports whether the stored form was new. There is room.
func (p *pairSet) insert(stored uint64) bool {
	mask := uint64(len(p.table) - 1)
	for i := stored * spread >> p.shift; ; i = (i + 1) & mask {
		switch p.table[i] {
		case stored:
			return false
		case 0:
			p.table[i] = stored
			return true
		}
	}
}

func (p *pairSet) grow() {
	old := p.table
	bits := uint(10)
	for 1<<bits <= len(old) {
		bits++
	}
	p.table, p.shift = make([]uint64, 1<<bits), 64-bits
	for _, stored := range old {
		if stored != 0 {
			p.insert(stored)
		}
	}
}

// all yields the numbers, in no order that means anything.
func (p *pairSet) all() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for _, stored := range p.table {
			if stored != 0 && !yield(stored-1) {
				return
			}
		}
	}
}
