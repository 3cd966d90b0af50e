package report

import (
	"slices"

	"trunkstat/report/people"
	"trunkstat/store"
)

// Repositories may have commits in common: forks, and copies pushed under another name. Rows that are made
// from the repository then count such a commit each, and the total counts it once. Which commits are shared
// is found at query time from their hashes, and only within families; other repositories never pay for it.
//
// Two repositories that share a commit must be in one family. Both have the parents of that commit, and
// theirs, until one history ends. It ends at a root, and then in both; or at a boundary (sync --since), or
// at a commit that an unfinished walk wants, and then the other repository has that commit, or ends at it
// too. So repositories are joined if they have an end in common, or if one has stored what is a boundary or
// wanted in the other. Repositories of which one is listed as the fork of the other are joined in any case.

// A family is a set of repositories, by index, ascending.
type family []int

// families divides the repositories of a scope. They are ordered by their first members, so that everything
// is read in the same order in every run.
func (s *Scope) families(tx *store.Tx) []family {
	groups := &people.Groups[int]{}
	byUUID, byEnd := map[store.UUID]int{}, map[store.Hash]int{}
	for i, repo := range s.Repositories {
		byUUID[repo.UUID] = i
		for _, end := range slices.Concat(repo.Roots, s.walks[repo.UUID].Wanted) {
			if j, known := byEnd[end]; known {
				groups.Join(i, j)
			} else {
				byEnd[end] = i
			}
		}
	}
	for i, repo := range s.Repositories {
		if repo.ForkOfUUID == "" {
			continue
		}
		if j, known := byUUID[repo.ForkOfUUID]; known {
			groups.Join(i, j)
		} else {
			byUUID[repo.ForkOfUUID] = i // the parent is unknown: its next fork is joined with this one
		}
	}
	for i := range s.Repositories {
		s.joinOpenEnds(tx, groups, i)
	}
	byFirst := make([]family, len(s.Repositories)) // a group is known by its least member
	for i := range s.Repositories {
		first := groups.Find(i)
		byFirst[first] = append(byFirst[first], i)
	}
	return slices.DeleteFunc(byFirst, func(f family) bool { return len(f) == 0 })
}

// joinOpenEnds joins a repository with the others that have stored one of its boundaries or wanted commits.
// Equal floors make equal boundaries, so of two repositories the one with the lower floor is looked into.
func (s *Scope) joinOpenEnds(tx *store.Tx, groups *people.Groups[int], i int) {
	repo := s.Repositories[i]
	wanted := s.walks[repo.UUID].Wanted
	if len(wanted) == 0 && repo.Floor == 0 {
		return // most histories are whole: without this, all pairs of repositories would be gone through
	}
	for j, other := range s.Repositories {
		ends := wanted
		if repo.Floor != 0 && (other.Floor == 0 || other.Floor < repo.Floor) {
			ends = slices.Concat(wanted, repo.Roots)
		}
		for _, end := range ends {
			if groups.Find(i) == groups.Find(j) {
				break
			}
			if tx.Has(other.UUID, end) {
				groups.Join(i, j)
			}
		}
	}
}
