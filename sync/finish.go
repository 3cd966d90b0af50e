package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"trunkstat/store"
)

// finish ends a walk of which nothing more is to be had. Where the commits have to be marked, and
// something is missing that was not asked for in this run, the walk goes on: finished is false. Marking
// reads all commits of the repository, so an ordinary push does without.
func (w *walker) finish(ctx context.Context) (finished bool, err error) {
	rewritten := !w.walk.Base.IsZero() && w.walk.Base != w.walk.Target && !w.walk.BaseSeen
	switch {
	case rewritten || w.repo.NeedsSweep:
	case len(w.walk.Wanted) > 0:
		return false, partial(w.walk, w.cause)
	default:
		return true, w.moveHead(ctx, store.Marking{})
	}
	graph, err := w.db.Graph(ctx, w.id)
	if err != nil {
		return false, inStore(err)
	}
	m, err := graph.Mark(ctx, w.walk.Target, w.repo.Floor)
	if err != nil {
		return false, err
	}
	// What is wanted is now what is missing. A stored commit behind a missing one may want more, so
	// the repository needs a sweep: the walk is marked again when those have come.
	w.repo.NeedsSweep, w.walk.Filling, w.walk.Hidden = true, true, nil
	ends := w.repo.Ends()
	isEnd := func(h store.Hash) bool { return slices.Contains(ends, h) }
	w.walk.Wanted = slices.DeleteFunc(slices.Clone(m.Missing), isEnd)
	if slices.ContainsFunc(w.walk.Wanted, w.untried) {
		return false, w.putState()
	}
	if err := w.acceptEnds(m.Missing); err != nil {
		return false, err
	}
	w.repo.Roots = m.Roots
	return true, w.moveHead(ctx, m)
}

// untried reports whether a hash was not asked for in this run and may be.
func (w *walker) untried(h store.Hash) bool {
	return !w.asked[h] && !w.unknown[h] && !w.failing[h]
}

// acceptEnds decides whether what is missing may be left out: Bitbucket said in two runs that it does
// not have it, while it has the target. If not, it stores what is known and returns an error.
func (w *walker) acceptEnds(missing []store.Hash) error {
	known := map[store.Hash]store.UnknownCommit{}
	for _, u := range w.repo.Unknown {
		known[u.Hash] = u
	}
	before := len(w.repo.Ends())
	w.repo.Unknown, w.walk.Wanted = nil, nil
	for _, h := range missing {
		u := known[h]
		if w.unknown[h] && h != w.walk.Target { // a history does not end at its head: that is an error
			u = store.UnknownCommit{Hash: h, Runs: u.Runs + 1, Asked: w.opt.Now()}
		}
		if u.Runs > 0 {
			w.repo.Unknown = append(w.repo.Unknown, u)
		}
		if !u.Accepted() {
			w.walk.Wanted = append(w.walk.Wanted, h)
		}
	}
	if len(w.walk.Wanted) > 0 {
		return cmp.Or(w.putState(), partial(w.walk, w.cause))
	}
	if ends := len(w.repo.Ends()); ends > before {
		w.notice("%s: history ends at %s that Bitbucket does not have; "+
			"it was probably pushed from a shallow clone", w.repo.Slug, commits(ends))
	}
	return nil
}

// partial is the error that says which commits a walk could not get. cause is nil, or why.
func partial(walk store.Walk, cause error) error {
	first, more := walk.Wanted[0], ""
	if len(walk.Wanted) > 1 {
		more = ", …"
	}
	text := fmt.Sprintf("partial: Bitbucket did not return %s (%.12s%s)", commits(len(walk.Wanted)), first, more)
	if slices.Contains(walk.Wanted, walk.Target) {
		text = fmt.Sprintf("partial: Bitbucket lists the head %.12s and does not return it", walk.Target)
	}
	if cause != nil {
		return fmt.Errorf("%s: %w", text, cause)
	}
	return errors.New(text)
}

// sweepBatch is how many commits one transaction of a sweep changes, so that reports and an interrupt do not
// wait for long.
const sweepBatch = 5_000

// moveHead ends the walk in one transaction: everything that the target reaches is stored. The walk must
// still be there (see load). A sweep follows where marking found commits to drop or boundaries to promote;
// until it is over, the repository needs it, and a run that is stopped in between leaves it to the next one.
func (w *walker) moveHead(ctx context.Context, m store.Marking) error {
	w.repo.Head, w.repo.NeedsSweep = w.walk.Target, len(m.Unreached)+len(m.Promotable) > 0
	err := w.writer.do(func(tx *store.Tx) error {
		if _, err := load(tx, w.id); err != nil {
			return err
		}
		return errors.Join(w.pruneRoots(tx), tx.DeleteWalk(w.id), w.putUpToDate(tx))
	})
	removed := 0
	if err == nil && w.repo.NeedsSweep {
		removed, err = w.sweep(ctx, m)
	}
	if err != nil {
		return err
	}
	w.send(Event{Kind: Finished, Repository: w.repo.Slug, Commits: w.added, Removed: removed})
	return nil
}

// pruneRoots leaves out the roots of which all parents are stored by now. Without a floor there are none.
func (w *walker) pruneRoots(tx *store.Tx) error {
	if w.repo.Floor == 0 {
		return nil
	}
	stored := func(h store.Hash) bool { return tx.Has(w.id, h) }
	roots := w.repo.Roots
	w.repo.Roots = nil
	for _, h := range roots {
		c, _, err := tx.Commit(w.id, h)
		if err != nil {
			return err
		}
		if isRoot(c, stored) {
			w.repo.Roots = append(w.repo.Roots, h)
		}
	}
	return nil
}

// sweep promotes the boundaries that are not older than the floor any more, and drops what the head does
// not reach.
func (w *walker) sweep(ctx context.Context, m store.Marking) (removed int, err error) {
	added, err := w.inBatches(ctx, m.Promotable, (*store.Tx).PromoteBoundaries)
	if err == nil {
		removed, err = w.inBatches(ctx, m.Unreached, (*store.Tx).DropCommits)
	}
	w.added += added
	w.count(func(s *Summary) {
		s.Commits.Added += added
		s.Commits.Removed += removed
	})
	if err != nil {
		return removed, err
	}
	w.repo.NeedsSweep = false
	return removed, w.writer.do(func(tx *store.Tx) error { return tx.PutRepository(w.repo) })
}

// inBatches applies a step to some hashes at a time and returns the sum of its results.
func (w *walker) inBatches(
	ctx context.Context, hashes []store.Hash, step func(*store.Tx, store.UUID, []store.Hash) (int, error),
) (sum int, err error) {
	for part := range slices.Chunk(hashes, sweepBatch) {
		if ctx.Err() != nil {
			return sum, ctx.Err()
		}
		n := 0
		err := w.writer.do(func(tx *store.Tx) (err error) {
			n, err = step(tx, w.id, part)
			return err
		})
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}
