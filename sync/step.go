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

// A state is what a walk goes by, as it is stored. While a walker works on the repository, nothing else
// changes it, so that what the walker holds is what is stored as soon as none of its pages is on the way to
// the disk.
type state struct {
	repo store.Repository
	walk store.Walk
}

// wanted is all that is to be fetched. What only boundaries want comes last.
func (s *state) wanted() []store.Hash { return slices.Concat(s.walk.Wanted, s.walk.Hidden) }

// load reads a state of which the walk must be there, because a walker began it. Without it, the file was
// replaced during the run, and a walker that went on would fetch the same pages for ever.
func load(tx *store.Tx, id store.UUID) (s state, err error) {
	walk, ok, err := tx.Walk(id)
	if err == nil && !ok {
		err = fmt.Errorf("walk of %s: %w", id, store.ErrReplaced)
	}
	if err != nil {
		return s, err
	}
	repo, _, err := tx.Repository(id)
	return state{repo, walk}, err
}

// put stores both parts of a state: one without the other would break what the package comment argues.
func (s *state) put(tx *store.Tx) error {
	return errors.Join(tx.PutRepository(s.repo), tx.PutWalk(s.repo.UUID, s.walk))
}

// openWalk directs the unfinished walk to the listed head, or begins one. upToDate: there is nothing to do.
// A head that is the base (an end to be asked for again, say) leaves nothing for ranges that exclude base.
func (w *walker) openWalk(tx *store.Tx) (upToDate bool, err error) {
	due := slices.DeleteFunc(w.dueUnknown(&w.repo), func(h store.Hash) bool { return tx.Has(w.id, h) })
	switch head := w.repo.Head; {
	case w.walking && w.walk.Target != w.head:
		if tx.Has(w.id, w.walk.Target) {
			w.former = w.walk.Target
		}
		w.walk.Target = w.head
		w.repo.NeedsSweep = true
	case w.walking:
	case head == w.head && !w.repo.NeedsSweep && len(due) == 0:
		return true, w.putUpToDate(tx)
	default:
		w.walk = store.Walk{Target: w.head, Base: head, Filling: head.IsZero() || head == w.head}
	}
	w.repo.NeedsSweep = w.repo.NeedsSweep || len(due) > 0
	if !tx.Has(w.id, w.head) {
		due = append(due, w.head)
	}
	for _, h := range due {
		if !slices.Contains(w.walk.Wanted, h) {
			w.walk.Wanted = append(w.walk.Wanted, h)
		}
	}
	return false, w.put(tx)
}

// putUpToDate notes that the repository is up to date with what was listed.
func (w *walker) putUpToDate(tx *store.Tx) error {
	w.repo.Failure, w.repo.LastSync, w.repo.UpdatedOn = "", w.opt.Now(), w.updatedOn
	if w.audit {
		w.repo.Audited = w.repo.LastSync
	}
	return tx.PutRepository(w.repo)
}

// putState stores what the walker holds.
func (w *walker) putState() error {
	return w.writer.do(func(tx *store.Tx) error {
		if _, err := load(tx, w.id); err != nil {
			return err
		}
		return w.put(tx)
	})
}

// A storedPage is a page that is being stored.
type storedPage struct {
	state     // after it
	added int // commits that are counted from now on
	fresh int // commits that became stored, boundaries too
	done  chan error
}

// storePage stores a page and moves the walk on by it.
func (p *storedPage) storePage(tx *store.Tx, id store.UUID, page []store.Commit) (err error) {
	if p.state, err = load(tx, id); err != nil {
		return err
	}
	stored := func(h store.Hash) bool { return tx.Has(id, h) }
	kept := p.advance(page, stored)
	for _, c := range kept { // before they are stored
		if !stored(c.Hash) {
			p.fresh++
		}
	}
	if p.added, err = tx.PutCommits(id, kept); err != nil {
		return err
	}
	// An ordinary commit waits for its parents, and is no root. A boundary may turn out not to be one when
	// the next page is stored; the finish looks again.
	roots := len(p.repo.Roots)
	for _, c := range kept {
		mayBeRoot := len(c.Parents) == 0 || c.Boundary
		if mayBeRoot && isRoot(c, stored) && !slices.Contains(p.repo.Roots, c.Hash) {
			p.repo.Roots = append(p.repo.Roots, c.Hash)
		}
	}
	if len(p.repo.Roots) > roots {
		err = tx.PutRepository(p.repo)
	}
	return errors.Join(err, tx.PutWalk(id, p.walk))
}

// isRoot reports whether the stored history begins with a commit: it has no parents, or one that is not
// stored.
func isRoot(c store.Commit, stored func(store.Hash) bool) bool {
	absent := func(h store.Hash) bool { return !stored(h) }
	return len(c.Parents) == 0 || slices.ContainsFunc(c.Parents, absent)
}

// advance moves a walk on by a page and returns those of its commits that are to be stored.
//
// Of a range that excludes base, everything is kept, since the target reaches all of it, and a commit
// whose date is far off must not hide the rest. The same holds without a floor. Other ranges go on behind
// boundaries, where nothing is wanted, so only what is wanted is kept of them: a page is gone through until
// it yields nothing more, since it may be out of order.
func (s *state) advance(page []store.Commit, stored func(store.Hash) bool) (kept []store.Commit) {
	repo, walk := &s.repo, &s.walk
	all := !walk.Filling || repo.Floor == 0
	wanted, hidden, ends := set(walk.Wanted), set(walk.Hidden), set(repo.Ends())
	taken := map[store.Hash]bool{} // has what is known to be kept, true for what is in kept already
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
				_, toKeep := taken[p]
				switch {
				case toKeep || ends[p] || stored(p):
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

func set(hashes []store.Hash) map[store.Hash]bool {
	m := make(map[store.Hash]bool, len(hashes))
	for _, h := range hashes {
		m[h] = true
	}
	return m
}

// sorted makes what is stored, and what is asked for, the same in every run.
func sorted(hashes map[store.Hash]bool) []store.Hash {
	return slices.SortedFunc(maps.Keys(hashes), store.CompareHashes)
}

// translate turns a page of Bitbucket's into records.
func translate(page []bitbucket.Commit) []store.Commit {
	records := make([]store.Commit, len(page))
	for i, c := range page {
		records[i] = store.Commit{
			Hash:    store.Hash(c.Hash),
			Date:    c.Date,
			Author:  store.Author{Raw: c.AuthorRaw, UUID: c.AuthorUUID, App: c.AuthorApp},
			Parents: convert[store.Hash](c.Parents),
			Message: c.Message,
		}
	}
	return records
}

// convert turns hashes of one package into those of another.
func convert[To, From ~[20]byte](from []From) (to []To) {
	for _, h := range from {
		to = append(to, To(h))
	}
	return to
}
