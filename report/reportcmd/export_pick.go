package reportcmd

import (
	"bytes"
	"cmp"
	"slices"

	"trunkstat/store"
)

// A pick is a commit's place in an export. Records are stored by hash; to give them out in
// another order without holding them all, an export picks the next so many places, then reads
// and writes the commits of these, then picks again behind the last.
type pick struct {
	group int64 // the partition; 0 where there is none
	repo  int   // the repository, by its place in the order
	date  int64
	hash  store.Hash
}

// compare orders picks as an export does. No two commits compare equal.
func (p pick) compare(q pick) int {
	return cmp.Or(cmp.Compare(p.group, q.group), cmp.Compare(p.repo, q.repo),
		cmp.Compare(p.date, q.date), bytes.Compare(p.hash[:], q.hash[:]))
}

// picks collects the first so many picks behind after, whatever order they are added in. It
// never holds more than twice as many.
type picks struct {
	limit int
	after *pick // nil: from the beginning
	held  []pick
	bound *pick // what compares greater is not among the first; nil: unknown yet
}

// add takes a pick into account. It costs a comparison for most of many.
func (s *picks) add(p pick) {
	if s.after != nil && p.compare(*s.after) <= 0 || s.bound != nil && p.compare(*s.bound) > 0 {
		return
	}
	s.held = append(s.held, p)
	if len(s.held) >= 2*s.limit {
		s.cut()
	}
}

// full reports whether anything was cut off, or nothing more fits.
func (s *picks) full() bool { return s.bound != nil || len(s.held) >= s.limit }

// cut sorts what is held and drops what is too much.
func (s *picks) cut() {
	slices.SortFunc(s.held, pick.compare)
	if len(s.held) >= s.limit {
		s.held = s.held[:s.limit]
		last := s.held[s.limit-1]
		s.bound = &last
	}
}

// take gives out the picks in order, and begins anew behind the last of them. What it returned
// is overwritten by the next add.
func (s *picks) take() []pick {
	s.cut()
	taken := s.held
	if n := len(taken); n > 0 {
		last := taken[n-1]
		s.after = &last
	}
	s.held, s.bound = s.held[:0], nil
	return taken
}
