package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"trunkstat/store"
)

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
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " commits"
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
