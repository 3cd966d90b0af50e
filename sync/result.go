package sync

import (
	"errors"
	"slices"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// A rangeResult is how far a range came. It is also valid beside an error: what came before that is stored.
type rangeResult struct {
	fresh        int          // commits that became stored, boundaries too
	ended        bool         // Bitbucket has no further page
	wantedBefore []store.Hash // before the range
}

// afterRange decides how a walk goes on after a range. Each round stores something, or leaves less to
// ask for, or asks in smaller pieces, so a walk ends.
func (w *walker) afterRange(r bitbucket.Range, result rangeResult, err error) error {
	switch {
	case err == nil:
		w.lengths.worked(result.fresh)
		w.noteAsked(r, result)
		return nil
	case bitbucket.IsCommitNotFound(err):
		return w.leaveOutUnknown(r, err)
	case bitbucket.IsNextLink(err) && result.fresh > 0:
		return nil // the rest is asked for anew from what is wanted; without a new commit this might not end
	case bitbucket.IsPageLength(err) && w.lengths.refused():
		return nil
	case bitbucket.IsServerError(err):
		return w.leaveOutFailing(r, result, err)
	}
	return err
}

// noteAsked notes what a range without an error did not bring. When a range that excludes base has come
// to its end, nothing that was found to be wanted on the way is in any other such range: parents of
// boundaries below base, say, cost no request.
func (w *walker) noteAsked(r bitbucket.Range, result rangeResult) {
	switch withFormer := !w.former.IsZero() && slices.Contains(r.Exclude, bitbucket.Hash(w.former)); {
	case withFormer: // where it brought nothing, the target may be an ancestor of the former one: ask without
		w.former = store.Hash{}
	case result.fresh == 0:
		mark(w.asked, r.Include)
	case result.ended && !w.walk.Filling:
		mark(w.asked, r.Include)
		for _, h := range w.wanted() {
			w.asked[h] = w.asked[h] || !slices.Contains(result.wantedBefore, h)
		}
	}
}

// mark notes the hashes that a range asked for in one of the walker's maps.
func mark(set map[store.Hash]bool, hashes []bitbucket.Hash) {
	for _, h := range hashes {
		set[store.Hash(h)] = true
	}
}

// startFilling ends the ranges that exclude base: what only boundaries want is not wanted any more.
func (w *walker) startFilling() {
	clear(w.asked)
	w.walk.Filling, w.walk.Hidden = true, nil
}

// leaveOutUnknown goes on without the hashes that Bitbucket does not know. It names only some of
// them, so this may take several rounds. What is stored may then be more than the target reaches: the
// walk is swept at its end.
func (w *walker) leaveOutUnknown(r bitbucket.Range, err error) error {
	e, _ := errors.AsType[*bitbucket.Error](err)
	named := false
	for _, h := range r.Include {
		if e.Names(h) {
			w.unknown[store.Hash(h)], named = true, true
		}
	}
	excluded := len(r.Exclude) > 0 && !named // if it names none, it may be what was excluded
	for _, h := range r.Exclude {
		excluded = excluded || e.Names(h)
	}
	switch {
	case excluded:
		w.former = store.Hash{}
		w.startFilling()
	case !named && len(r.Include) > 1:
		w.single = true // until the one that is unknown is asked for alone
	case !named:
		mark(w.unknown, r.Include)
	}
	// The target may be gone with all that only it reached, and base with the proof that it is an ancestor.
	w.repo.NeedsSweep = true
	return w.putState()
}

// leaveOutFailing goes on with shorter pages, so that of a page with one commit that makes Bitbucket fail,
// only that commit and what it alone leads to is left out. It gives up where nothing can be had: each hash
// that is left out has cost several requests, so a repository that fails throughout is left after a few, and
// one that brings something after many.
func (w *walker) leaveOutFailing(r bitbucket.Range, result rangeResult, err error) error {
	// Hashes that were left out: few tell that the repository fails and not a commit of it, and after many
	// the hour's requests are worth more to other repositories.
	const few, many = 3, 20
	w.cause = err
	if w.lengths.failed(result.fresh > 0) {
		return nil
	}
	if w.single = len(r.Include) > 1; w.single {
		return nil // a page of one commit fails: which of those that were asked for makes it fail?
	}
	mark(w.failing, r.Include)
	w.lengths.reset()
	if n := len(w.failing); n >= many || n >= few && w.added == 0 {
		return err
	}
	return nil
}
