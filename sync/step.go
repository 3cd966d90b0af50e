package sync

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// This file holds the steps of a walk, each of one transaction. The argument why they lose nothing is in
// the package comment.

// openWalk directs the unfinished walk to the listed head, or begins one. upToDate: there is nothing to do.
func (w *walker) openWalk(tx *store.Tx) (walk store.Walk, upToDate bool, err error) {
	repo, _, err := tx.Repository(w.id)
	if err != nil {
		return walk, false, err
	}
	w.repo = repo
	walk, walking, err := tx.Walk(w.id)
	if err != nil {
		return walk, false, err
	}
	due := slices.DeleteFunc(w.dueUnknown(&repo), func(h store.Hash) bool { return tx.Has(w.id, h) })
	switch {
	case walking && walk.Target != w.head:
		if w.former = (store.Hash{}); tx.Has(w.id, walk.Target) {
			w.former = walk.Target
		}
		walk.Target = w.head
		w.repo.NeedsSweep = true
	case walking:
	case repo.Head == w.head && !repo.NeedsSweep && len(due) == 0:
		return walk, true, w.putUpToDate(tx, repo)
	default:
		walk = store.Walk{Target: w.head, Base: repo.Head, Filling: repo.Head.IsZero() || repo.Head == w.head}
	}
	w.repo.NeedsSweep = w.repo.NeedsSweep || len(due) > 0
	if !tx.Has(w.id, w.head) {
		due = append(due, w.head)
	}
	for _, h := range due {
		if !slices.Contains(walk.Wanted, h) {
			walk.Wanted = append(walk.Wanted, h)
		}
	}
	return walk, false, errors.Join(tx.PutRepository(w.repo), tx.PutWalk(w.id, walk))
}

// putUpToDate notes that the repository is up to date with what was listed.
func (w *walker) putUpToDate(tx *store.Tx, repo store.Repository) error {
	repo.Failure, repo.LastSync, repo.UpdatedOn = "", w.now(), w.updatedOn
	if w.audit {
		repo.Audited = repo.LastSync
	}
	return tx.PutRepository(repo)
}

// putEmpty notes that the default branch that was listed does not exist.
func (w *walker) putEmpty() error {
	return w.change(func(tx *store.Tx) error {
		repo, _, err := tx.Repository(w.id)
		if err != nil {
			return err
		}
		repo.MainBranch = ""
		return w.putUpToDate(tx, repo)
	})
}

// loadWalk reads a repository and its walk, which must be there while a walker works on it.
func loadWalk(tx *store.Tx, id store.UUID) (repo store.Repository, walk store.Walk, err error) {
	walk, ok, err := tx.Walk(id)
	if err == nil && !ok {
		err = fmt.Errorf("walk of %s: %w", id, store.ErrReplaced)
	}
	if err != nil {
		return repo, walk, err
	}
	repo, _, err = tx.Repository(id)
	return repo, walk, err
}

// putWalk stores a walk that must be there.
func putWalk(tx *store.Tx, id store.UUID, walk store.Walk) error {
	if _, _, err := loadWalk(tx, id); err != nil {
		return err
	}
	return tx.PutWalk(id, walk)
}

func putNeedsSweep(tx *store.Tx, id store.UUID) error {
	repo, _, err := loadWalk(tx, id)
	if err != nil || repo.NeedsSweep {
		return err
	}
	repo.NeedsSweep = true
	return tx.PutRepository(repo)
}

// storePage stores a page and moves the walk on by it. added are the commits that are counted from now
// on, fresh those that became stored.
func storePage(tx *store.Tx, id store.UUID, page []store.Commit) (walk store.Walk, added, fresh int, err error) {
	repo, walk, err := loadWalk(tx, id)
	if err != nil {
		return walk, 0, 0, err
	}
	stored := func(h store.Hash) bool { return tx.Has(id, h) }
	kept := advance(&walk, &repo, page, stored)
	for _, c := range kept {
		if !stored(c.Hash) {
			fresh++
		}
	}
	roots := addRoots(repo.Roots, kept, stored)
	if added, err = tx.PutCommits(id, kept); err != nil {
		return walk, 0, 0, err
	}
	if len(roots) > len(repo.Roots) {
		repo.Roots = roots
		err = tx.PutRepository(repo)
	}
	return walk, added, fresh, errors.Join(err, tx.PutWalk(id, walk))
}

// advance moves a walk on by a page and returns those of its commits that are to be stored.
//
// Of a range that excludes base, everything is kept, since the target reaches all of it, and a commit
// with a wild date must not hide the rest. The same holds without a floor. Other ranges go on behind boundaries,
// where nothing is wanted, so only what is wanted is kept of them: a page is gone through until it yields
// nothing more, since it may be out of order.
func advance(walk *store.Walk, repo *store.Repository, page []store.Commit, stored func(store.Hash) bool) (kept []store.Commit) {
	all := !walk.Filling || repo.Floor == 0
	wanted, hidden, ends := set(walk.Wanted), set(walk.Hidden), set(repo.Ends())
	taken := map[store.Hash]bool{} // whether it was kept already, of all that will be
	if all {
		for i := range page {
			taken[page[i].Hash] = false
		}
	}
	for again := true; again; {
		again = false
		for _, c := range page {
			if taken[c.Hash] || !all && !wanted[c.Hash] {
				continue
			}
			taken[c.Hash], again = true, !all
			delete(wanted, c.Hash)
			delete(hidden, c.Hash)
			c.Boundary = repo.Floor != 0 && c.Date < repo.Floor
			kept = append(kept, c)
			for _, p := range c.Parents {
				walk.BaseSeen = walk.BaseSeen || p == walk.Base
				_, ours := taken[p]
				switch {
				case ours || ends[p] || stored(p):
				case !c.Boundary:
					wanted[p] = true
					delete(hidden, p)
				case !walk.Filling && !wanted[p]:
					hidden[p] = true
				}
			}
		}
	}
	walk.Wanted, walk.Hidden = sorted(wanted), sorted(hidden)
	return kept
}

// addRoots adds the commits without parents, and the boundaries with a parent that is not stored. Of
// those some turn out not to be roots when the next page is stored; the finish looks at them again.
func addRoots(roots []store.Hash, commits []store.Commit, stored func(store.Hash) bool) []store.Hash {
	kept := map[store.Hash]bool{}
	for _, c := range commits {
		kept[c.Hash] = true
	}
	absent := func(h store.Hash) bool { return !kept[h] && !stored(h) }
	roots = slices.Clone(roots)
	for _, c := range commits {
		isRoot := len(c.Parents) == 0 || c.Boundary && slices.ContainsFunc(c.Parents, absent)
		if isRoot && !slices.Contains(roots, c.Hash) {
			roots = append(roots, c.Hash)
		}
	}
	return roots
}

type hashSet map[store.Hash]bool

func (s hashSet) has(h store.Hash) bool { return s[h] }

func set(hashes []store.Hash) hashSet {
	m := make(hashSet, len(hashes))
	for _, h := range hashes {
		m[h] = true
	}
	return m
}

func sorted(hashes hashSet) []store.Hash {
	return slices.SortedFunc(maps.Keys(hashes), store.CompareHashes)
}

// translate turns a page of the wire into records. It is the only place that knows both.
func translate(page []bitbucket.Commit) []store.Commit {
	records := make([]store.Commit, len(page))
	var all []store.Hash // the parents of the whole page
	for i, c := range page {
		before := len(all)
		for _, p := range c.Parents {
			all = append(all, store.Hash(p))
		}
		records[i] = store.Commit{
			Hash:    store.Hash(c.Hash),
			Date:    c.Date,
			Author:  store.Author{Raw: c.AuthorRaw, UUID: c.AuthorUUID, App: c.AuthorApp},
			Parents: all[before:len(all):len(all)],
			Message: c.Message,
		}
	}
	return records
}
