package report

import (
	"math"
	"math/bits"
	"slices"
)

// A cell has the counts of one row that every report needs. It is small, since there may be as many rows as
// commits.
type cell struct {
	first, last     int64
	commits, merges uint32
}

// emptyCell is a cell whose dates give way to those of any commit.
var emptyCell = cell{first: math.MaxInt64, last: math.MinInt64}

func (c *cell) add(commit *commit) {
	c.first, c.last = min(c.first, commit.date), max(c.last, commit.date)
	c.commits++
	if commit.merge {
		c.merges++
	}
}

// A personSet is a set of persons: a list while they are few, and a bit for each person beyond that. Most
// rows have few. With bits alone, a row of a database with 10,000 persons would take 1,250 bytes.
type personSet struct {
	few  []int32
	bits []uint64
}

// fewPersons need 32 bytes in a list, as many as the bits of 256 persons.
const fewPersons = 8

// add adds a person; words is the length of bits.
func (s *personSet) add(person int32, words int) {
	if s.bits != nil {
		s.bits[person>>6] |= 1 << (person & 63)
	} else {
		s.addToFew(person, words)
	}
}

// addToFew is not inlined, so that add is.
//
//go:noinline
func (s *personSet) addToFew(person int32, words int) {
	switch {
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
