package report

import (
	"slices"

	"trunkstat/store"
)

// Repositories may hold the same commits: forks, and copies pushed to a second place. Then rows
// that are made from the repository each count a commit, and the total counts it once. Which
// commits are shared is found at query time from their hashes, and only within families; other
// repositories never pay for it.
//
// What must be true is that two repositories which share a commit are in one family. Follow the
// parents of that commit: both have each of them, until one history ends. It ends at a root, and
// then in both; or at a boundary (sync --since), or at a commit that an unfinished walk still
// wants, and then the other repository has that commit, or ends at it as well. So families are
// joined over equal ends, and over soft ends (the two latter kinds) that another has stored.
// What Bitbucket calls a fork is joined in any case.

// A family is a set of repositories, by index, ascending.
type family []int

// families partitions the repositories of a scope. They are ordered by their first members.
func (s *Scope) families(tx *store.Tx, walks map[store.UUID]store.Walk) ([]family, error) {
	sets := newSets(len(s.Repositories))
	byUUID, byEnd := map[store.UUID]int{}, map[store.Hash]int{}
	for i, repo := range s.Repositories {
		byUUID[repo.UUID] = i
		for _, end := range slices.Concat(repo.Roots, walks[repo.UUID].Wanted) {
			if j, known := byEnd[end]; known {
				sets.join(i, j)
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
			sets.join(i, j)
		} else {
			byUUID[repo.ForkOfUUID] = i // two forks of one that is not known
		}
	}
	for i := range s.Repositories {
		if err := s.joinSoftEnds(tx, sets, i, walks); err != nil {
			return nil, err
		}
	}
	return sets.list(), nil
}

// joinSoftEnds joins a repository with those others that have one of its soft ends stored.
// Equal floors make equal boundaries, so of two the one with the lower floor is looked into.
func (s *Scope) joinSoftEnds(tx *store.Tx, sets *sets, i int, walks map[store.UUID]store.Walk) error {
	repo := s.Repositories[i]
	wanted := walks[repo.UUID].Wanted
	if len(wanted) == 0 && repo.Floor == 0 {
		return nil
	}
	for j, other := range s.Repositories {
		ends := wanted
		if repo.Floor != 0 && (other.Floor == 0 || other.Floor < repo.Floor) {
			ends = slices.Concat(wanted, repo.Roots)
		}
		for _, end := range ends {
			if sets.find(i) == sets.find(j) {
				break
			}
			stored, err := tx.Has(other.UUID, end)
			if err != nil {
				return err
			}
			if stored {
				sets.join(i, j)
			}
		}
	}
	return nil
}

// sets is a union-find over the numbers below its length; the least is a set's root.
type sets []int

func newSets(n int) *sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return &s
}

func (s sets) find(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s sets) join(i, j int) {
	i, j = s.find(i), s.find(j)
	s[max(i, j)] = min(i, j)
}

// list gives the sets, ordered by their roots.
func (s sets) list() []family {
	position := map[int]int{}
	var list []family
	for i := range s {
		root := s.find(i)
		if root == i {
			position[root] = len(list)
			list = append(list, nil)
		}
		at := position[root]
		list[at] = append(list[at], i)
	}
	return list
}
