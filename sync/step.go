package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"trunkstat/store"
)

// This file holds the steps of a walk, each of one transaction, and its finish. The argument why they
// lose nothing is in the package comment.

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

// finish ends a walk of which nothing more is to be had. Where the commits have to be marked, and
// something is missing that was not asked for in this run, the walk goes on: finished is false.
func (w *walker) finish(ctx context.Context) (finished bool, err error) {
	if err := w.view(ctx, func(tx *store.Tx) (err error) {
		w.repo, w.walk, err = loadWalk(tx, w.id)
		return err
	}); err != nil {
		return false, err
	}
	rewritten := !w.walk.Base.IsZero() && w.walk.Base != w.walk.Target && !w.walk.BaseSeen
	switch {
	case rewritten || w.repo.NeedsSweep:
	case len(w.walk.Wanted) > 0:
		return false, errPartial{w.walk, w.cause}
	default:
		return true, w.moveHead(ctx, nil)
	}
	m, err := w.mark(ctx)
	if err != nil {
		return false, err
	}
	// What is wanted is now what is missing. A stored commit behind a missing one may want more, so
	// the repository needs a sweep.
	w.repo.NeedsSweep, w.walk.Filling, w.walk.Hidden = true, true, nil
	w.walk.Wanted = slices.DeleteFunc(slices.Clone(m.Missing), set(w.repo.Ends()).has)
	if slices.ContainsFunc(w.walk.Wanted, w.untried) {
		return false, w.putState()
	}
	if err := w.acceptEnds(m.Missing); err != nil {
		return false, err
	}
	return true, w.moveHead(ctx, &m)
}

// putState stores the repository and its walk, which only this walker changes.
func (w *walker) putState() error {
	return w.change(func(tx *store.Tx) error {
		return errors.Join(putWalk(tx, w.id, w.walk), tx.PutRepository(w.repo))
	})
}

// untried reports whether a hash was not asked for in this run and may be.
func (w *walker) untried(h store.Hash) bool {
	return !w.asked[h] && !w.unknown[h] && !w.failing[h]
}

// mark follows the stored parents from the target.
func (w *walker) mark(ctx context.Context) (store.Marking, error) {
	graph, err := w.db.Graph(ctx, w.id)
	if err != nil {
		return store.Marking{}, inStore(err)
	}
	return graph.Mark(ctx, w.walk.Target, w.repo.Floor)
}

// acceptEnds decides whether what is missing may be left out: Bitbucket said in two runs that it does
// not have it, while it has the target. If not, it stores what is known and returns errPartial.
func (w *walker) acceptEnds(missing []store.Hash) error {
	known := map[store.Hash]store.UnknownCommit{}
	for _, u := range w.repo.Unknown {
		known[u.Hash] = u
	}
	before := len(w.repo.Ends())
	w.repo.Unknown, w.walk.Wanted = nil, nil
	for _, h := range missing {
		u, ok := known[h]
		if w.unknown[h] && h != w.walk.Target {
			u, ok = store.UnknownCommit{Hash: h, Runs: u.Runs + 1, Asked: w.now()}, true
		}
		if ok {
			w.repo.Unknown = append(w.repo.Unknown, u)
		}
		if !u.Accepted() {
			w.walk.Wanted = append(w.walk.Wanted, h)
		}
	}
	if len(w.walk.Wanted) > 0 {
		return cmp.Or(w.putState(), error(errPartial{w.walk, w.cause}))
	}
	if ends := len(w.repo.Ends()); ends > before {
		w.notice("%s: history ends at %s that Bitbucket does not have; it was probably pushed from a shallow clone",
			w.repo.Slug, commits(ends))
	}
	return nil
}

// An errPartial says which commits a walk could not get.
type errPartial struct {
	walk  store.Walk
	cause error
}

func (e errPartial) Error() string {
	wanted := e.walk.Wanted
	text := fmt.Sprintf("partial: Bitbucket did not return %s (%.12s", commits(len(wanted)), wanted[0])
	switch {
	case slices.Contains(wanted, e.walk.Target):
		text = fmt.Sprintf("partial: Bitbucket lists the head %.12s and does not return it", e.walk.Target)
	case len(wanted) > 1:
		text += ", …)"
	default:
		text += ")"
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e errPartial) Unwrap() error { return e.cause }

func commits(n int) string {
	if n == 1 {
		return "1 commit"
	}
	return fmt.Sprintf("%d commits", n)
}

// sweepBatch bounds a transaction of a sweep, so that reports and an interrupt do not wait for long.
const sweepBatch = 5_000

// moveHead ends the walk in one transaction: everything that the target reaches is stored. A sweep
// follows where marking found commits to drop or boundaries to promote; until it is over, the repository needs
// it, and a run that is stopped in between leaves it to the next one.
func (w *walker) moveHead(ctx context.Context, m *store.Marking) error {
	sweep := m != nil && len(m.Unreached)+len(m.Promotable) > 0
	err := w.change(func(tx *store.Tx) error {
		repo, walk, err := loadWalk(tx, w.id)
		if err != nil {
			return err
		}
		repo.Head, repo.NeedsSweep = walk.Target, sweep
		if m != nil {
			repo.Roots, repo.Unknown = m.Roots, w.repo.Unknown
		} else if repo.Roots, err = pruneRoots(tx, &repo); err != nil {
			return err
		}
		return errors.Join(tx.DeleteWalk(w.id), w.putUpToDate(tx, repo))
	})
	if err != nil {
		return err
	}
	removed := 0
	if sweep {
		if removed, err = w.sweep(ctx, m); err != nil {
			return err
		}
	}
	w.events.send(Event{Kind: Finished, Repository: w.repo.Slug, Commits: w.added, Removed: removed})
	return nil
}

// pruneRoots leaves out the roots of which all parents are stored by now.
func pruneRoots(tx *store.Tx, repo *store.Repository) (roots []store.Hash, err error) {
	if repo.Floor == 0 {
		return repo.Roots, nil
	}
	absent := func(h store.Hash) bool { return !tx.Has(repo.UUID, h) }
	for _, h := range repo.Roots {
		c, _, err := tx.Commit(repo.UUID, h)
		if err != nil {
			return nil, err
		}
		if len(c.Parents) == 0 || slices.ContainsFunc(c.Parents, absent) {
			roots = append(roots, h)
		}
	}
	return roots, nil
}

// sweep promotes the boundaries that are not older than the floor any more, and drops what the head does
// not reach.
func (w *walker) sweep(ctx context.Context, m *store.Marking) (removed int, err error) {
	added, err := w.inBatches(ctx, m.Promotable, func(tx *store.Tx, part []store.Hash) (int, error) {
		return tx.PromoteBoundaries(w.id, part)
	})
	w.added += added
	if err == nil {
		removed, err = w.inBatches(ctx, m.Unreached, func(tx *store.Tx, part []store.Hash) (int, error) {
			return tx.DropCommits(w.id, part)
		})
	}
	w.count(func(s *Summary) {
		s.Commits.Added += added
		s.Commits.Removed += removed
	})
	if err != nil {
		return removed, err
	}
	return removed, w.change(func(tx *store.Tx) error {
		repo, _, err := tx.Repository(w.id)
		if err != nil {
			return err
		}
		repo.NeedsSweep = false
		return tx.PutRepository(repo)
	})
}

// inBatches applies a step to some hashes at a time and returns the sum of its results.
func (w *walker) inBatches(
	ctx context.Context, hashes []store.Hash, step func(*store.Tx, []store.Hash) (int, error),
) (sum int, err error) {
	for part := range slices.Chunk(hashes, sweepBatch) {
		if ctx.Err() != nil {
			return sum, ctx.Err()
		}
		n := 0
		err := w.change(func(tx *store.Tx) (err error) {
			n, err = step(tx, part)
			return err
		})
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
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
