package sync

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"trunkstat/store"
)

// This file holds the steps of a walk, each a function of one transaction. The argument why they
// lose nothing is in the package comment.

// begin starts a walk to target. Where the target is stored already (a rewind, a switch to a merged
// branch), what is wanted is found by marking, and is mostly nothing.
func begin(tx *store.Tx, id store.UUID, target store.Hash) (store.Walk, error) {
	repo, _, err := tx.Repository(id)
	if err != nil {
		return store.Walk{}, err
	}
	walk := store.Walk{Target: target, Base: repo.Head}
	if _, walk.Wanted, err = mark(tx, repo, target); err != nil {
		return walk, err
	}
	return walk, tx.PutWalk(id, walk)
}

// mark follows the stored parents from a commit. It returns what it reached, and what it missed:
// hashes that should be stored and are not. Behind a boundary nothing is missed, as long as it is
// older than the floor.
func mark(tx *store.Tx, repo store.Repository, from store.Hash) (reached map[store.Hash]bool, missed []store.Hash, err error) {
	reached = map[store.Hash]bool{}
	absent := map[store.Hash]bool{}
	type visit struct {
		hash   store.Hash
		wanted bool // false: a parent of a boundary, which may be absent
	}
	todo := []visit{{from, true}}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[next.hash] {
			continue
		}
		parents, boundary, ok, err := tx.Parents(repo.UUID, next.hash)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			if next.wanted {
				absent[next.hash] = true
			}
			continue
		}
		reached[next.hash] = true
		if boundary {
			c, _, err := tx.Commit(repo.UUID, next.hash)
			if err != nil {
				return nil, nil, err
			}
			boundary = older(c, repo.Floor)
		}
		for _, p := range parents {
			todo = append(todo, visit{p, !boundary})
		}
	}
	return reached, sorted(absent), nil
}

// storePage stores a page of a walk's range and moves the walk on by it. whole says that base is
// excluded from the range.
func storePage(tx *store.Tx, id store.UUID, page []store.Commit, whole bool) (walk store.Walk, added int, err error) {
	walk, ok, err := tx.Walk(id)
	if err != nil || !ok {
		return walk, 0, err
	}
	repo, _, err := tx.Repository(id)
	if err != nil {
		return walk, 0, err
	}
	var failed error
	stored := func(h store.Hash) bool {
		ok, err := tx.Has(id, h)
		failed = cmp.Or(failed, err)
		return ok
	}
	walk, kept := advance(walk, page, repo.Floor, whole || repo.Floor == 0, stored)
	if repo.Dirty { // a boundary stays one until finish has seen that nothing is missing behind it
		kept = slices.DeleteFunc(kept, func(c store.Commit) bool { return stored(c.Hash) })
	}
	if failed != nil {
		return walk, 0, failed
	}
	if added, err = tx.PutCommits(id, kept); err != nil {
		return walk, 0, err
	}
	if roots := withRoots(repo.Roots, kept); len(roots) > len(repo.Roots) {
		repo.Roots = roots
		if err := tx.PutRepository(repo); err != nil {
			return walk, 0, err
		}
	}
	return walk, added, tx.PutWalk(id, walk)
}

// advance is a walk after a page: which of its commits are to be stored, and what is wanted then.
//
// Of a range that is wanted as a whole all is kept, since all of it is reached by what was asked for.
// That is so without a floor, and where base is excluded: what is new on the branch is fetched however
// old it says it is, or a single commit with a wild date would hide the base behind it. Of other ranges
// only what is wanted is kept: behind a boundary they go on, but nobody asked for that. A page that
// is out of order is gone through until it yields nothing more.
func advance(walk store.Walk, page []store.Commit, floor int64, whole bool, stored func(store.Hash) bool) (store.Walk, []store.Commit) {
	wanted := set(walk.Wanted)
	taken := make(map[store.Hash]bool, len(page)) // whether they are already, of those that are or will be
	if whole {
		for i := range page {
			taken[page[i].Hash] = false
		}
	}
	kept := make([]store.Commit, 0, len(page))
	for again := true; again; {
		again = false
		for _, c := range page {
			if taken[c.Hash] || !whole && !wanted[c.Hash] {
				continue
			}
			taken[c.Hash], again = true, !whole
			delete(wanted, c.Hash)
			c.Boundary = older(c, floor)
			kept = append(kept, c)
			for _, p := range c.Parents {
				walk.Met = walk.Met || p == walk.Base
				if _, ours := taken[p]; !ours && (whole || !c.Boundary) && !stored(p) {
					wanted[p] = true
				}
			}
		}
	}
	walk.Wanted = sorted(wanted)
	return walk, kept
}

// letGo takes what only boundaries want out of what a walk wants.
func letGo(tx *store.Tx, id store.UUID) (store.Walk, error) {
	walk, ok, err := tx.Walk(id)
	if err != nil || !ok {
		return walk, err
	}
	repo, _, err := tx.Repository(id)
	if err != nil {
		return walk, err
	}
	wanted, needed := set(walk.Wanted), map[store.Hash]bool{}
	if wanted[walk.Target] {
		needed[walk.Target] = true
	}
	for c, err := range tx.Commits(id) {
		if err != nil {
			return walk, err
		}
		for _, p := range c.Parents {
			if wanted[p] && !(c.Boundary && older(c, repo.Floor)) {
				needed[p] = true
			}
		}
	}
	walk.Wanted = sorted(needed)
	return walk, tx.PutWalk(id, walk)
}

// withRoots adds the ends of the graph among commits: those without parents, and boundaries.
func withRoots(roots []store.Hash, commits []store.Commit) []store.Hash {
	roots = slices.Clone(roots)
	for _, c := range commits {
		if (len(c.Parents) == 0 || c.Boundary) && !slices.Contains(roots, c.Hash) {
			roots = append(roots, c.Hash)
		}
	}
	return roots
}

// An ending is what finish did.
type ending struct {
	finished       bool
	added, removed int // commits that are counted from now on, and that no longer are
}

// finish ends a walk of which nothing is wanted any more: head is moved, and what a rewritten
// branch no longer reaches is dropped. Where marking finds that something is missing after all,
// the walk goes on (finished is false).
func finish(tx *store.Tx, id store.UUID, now time.Time) (end ending, err error) {
	walk, ok, err := tx.Walk(id)
	if err != nil || !ok {
		return end, err
	}
	repo, _, err := tx.Repository(id)
	if err != nil {
		return end, err
	}
	rewritten := !walk.Base.IsZero() && walk.Base != walk.Target && !walk.Met
	if rewritten || repo.Dirty {
		reached, missed, err := mark(tx, repo, walk.Target)
		if err != nil {
			return end, err
		}
		if len(missed) > 0 {
			walk.Wanted = missed
			return end, tx.PutWalk(id, walk)
		}
		if end.removed, err = tx.Keep(id, func(h store.Hash) bool { return reached[h] }); err != nil {
			return end, err
		}
		repo.Roots = slices.DeleteFunc(repo.Roots, func(h store.Hash) bool { return !reached[h] })
	}
	if end.added, err = free(tx, &repo); err != nil {
		return end, err
	}
	repo.Head, repo.Dirty, repo.Failure, repo.LastSync = walk.Target, false, "", now
	if err := tx.PutRepository(repo); err != nil {
		return end, err
	}
	end.finished = true
	return end, tx.DeleteWalk(id)
}

// abandon gives up a walk whose target Bitbucket no longer knows. What it stored stays, so the
// repository is dirty: the next walk to end marks, and drops what is not reached.
func abandon(tx *store.Tx, id store.UUID) error {
	repo, _, err := tx.Repository(id)
	if err != nil {
		return err
	}
	repo.Dirty = true
	if err := tx.PutRepository(repo); err != nil {
		return err
	}
	return tx.DeleteWalk(id)
}

// older reports whether a commit is to be a boundary.
func older(c store.Commit, floor int64) bool { return floor != 0 && c.Date < floor }

// lowerFloor moves the floor of a repository down. Boundaries that are not older than it remain
// until the next walk has fetched what they hide, so that (H) holds meanwhile.
func lowerFloor(tx *store.Tx, repo *store.Repository, floor int64) error {
	repo.Floor = floor
	commits, err := freed(tx, *repo)
	repo.Dirty = repo.Dirty || len(commits) > 0
	return err
}

// freed returns the boundaries that are no longer older than the floor.
func freed(tx *store.Tx, repo store.Repository) (commits []store.Commit, err error) {
	for _, h := range repo.Roots {
		c, ok, err := tx.Commit(repo.UUID, h)
		if err != nil {
			return nil, err
		}
		if ok && c.Boundary && !older(c, repo.Floor) {
			commits = append(commits, c)
		}
	}
	return commits, nil
}

// free makes ordinary commits of the boundaries that are no longer older than the floor.
func free(tx *store.Tx, repo *store.Repository) (added int, err error) {
	if !repo.Dirty {
		return 0, nil // lowerFloor would have made it so
	}
	commits, err := freed(tx, *repo)
	if err != nil {
		return 0, err
	}
	noRoot := map[store.Hash]bool{}
	for i := range commits {
		commits[i].Boundary = false
		noRoot[commits[i].Hash] = len(commits[i].Parents) > 0
	}
	repo.Roots = slices.DeleteFunc(repo.Roots, func(h store.Hash) bool { return noRoot[h] })
	return tx.PutCommits(repo.UUID, commits)
}

func set(hashes []store.Hash) map[store.Hash]bool {
	m := make(map[store.Hash]bool, len(hashes))
	for _, h := range hashes {
		m[h] = true
	}
	return m
}

func sorted(hashes map[store.Hash]bool) []store.Hash {
	return slices.SortedFunc(maps.Keys(hashes), func(a, b store.Hash) int {
		return slices.Compare(a[:], b[:])
	})
}
