package sync

import (
	"context"
	"fmt"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// A walker works on one repository. What the maps hold is not asked for again in this run; the next one asks
// again, because the fault may have passed.
type walker struct {
	*engine
	job
	id    store.UUID // of job.repo, which the writer must not read while the walker goes on
	added int        // commits, by this run

	asked   map[store.Hash]bool // a range that asked for it is over and did not bring it
	unknown map[store.Hash]bool // Bitbucket says that it does not have it
	failing map[store.Hash]bool // Bitbucket fails whenever it is on a page
	former  store.Hash          // the target that this run replaced, if it is stored
	single  bool                // one hash to a range, to find out which of them is unknown or fails
	lengths pageLengths
	cause   error // the last failure of Bitbucket

	clones   []string // of the repository, while they may have what is wanted
	fetched  bool     // a fetch was tried
	gitAdded int      // commits that came from git
}

// work brings one repository up to date: its unfinished walk, or else a new one, goes to the newest head.
// became is the count that the repository then belongs to.
func (e *engine) work(ctx context.Context, j job) (became *int, err error) {
	e.send(Event{Kind: Started, Repository: j.repo.Slug, UUID: string(j.repo.UUID)})
	w := &walker{
		engine: e, job: j, id: j.repo.UUID,
		lengths: pageLengths{max: bitbucket.MaxPageLen, now: bitbucket.MaxPageLen},
		asked:   map[store.Hash]bool{}, unknown: map[store.Hash]bool{}, failing: map[store.Hash]bool{},
		clones: e.clonesOf(&j.repo),
	}
	counts := &e.summary.Repositories
	err = w.findHead(ctx)
	// The listing may name a branch that was never pushed. Where commits are stored, it may come back.
	if bitbucket.IsBranchNotFound(err) && w.repo.Head.IsZero() && !w.walking {
		w.repo.MainBranch = ""
		return &counts.Empty, w.writer.do(w.putUpToDate)
	}
	if err != nil {
		return nil, err
	}
	var upToDate bool
	err = w.writer.do(func(tx *store.Tx) (err error) {
		upToDate, err = w.openWalk(tx)
		return err
	})
	if err != nil || upToDate {
		return &counts.Unchanged, err
	}
	for finished := false; !finished; { // a finish that marks may find more to ask for
		if err := w.fetchWanted(ctx); err != nil {
			return nil, err
		}
		if finished, err = w.finish(ctx); err != nil {
			return nil, err
		}
	}
	return &counts.Synced, nil
}

// findHead asks for the head of the default branch where the listing did not tell it. A repository
// without a branch whose walk is unfinished keeps its target: some of what it reaches is stored, and a walk
// must come to its end.
func (w *walker) findHead(ctx context.Context) (err error) {
	if !w.head.IsZero() {
		return nil
	}
	if w.repo.MainBranch == "" {
		w.head = w.walk.Target
		return nil
	}
	err = w.withPath(ctx, func(path string) error {
		head, err := w.client.Head(ctx, w.opt.Workspace, path, w.repo.MainBranch)
		w.head = store.Hash(head)
		return err
	})
	if err == nil {
		w.audit = true // the head is now known, and is not asked for again for a week
		return nil
	}
	return fmt.Errorf("head of %s: %w", w.repo.Slug, err)
}

// withPath calls ask when one of Options.Jobs is free: with the uuid of the repository, which is right also
// where it was renamed or another one has its slug since the listing; or with its slug where Bitbucket
// refuses the uuid of what it has just listed, which it may do for some credentials. What worked is used for
// the rest of the run.
func (w *walker) withPath(ctx context.Context, ask func(path string) error) error {
	if err := w.asking.Acquire(ctx, 1); err != nil {
		return err
	}
	defer w.asking.Release(1)
	if w.bySlug.Load() {
		return ask(w.repo.Slug)
	}
	err := ask(string(w.id))
	if err == nil {
		w.byUUID.Store(true)
	}
	if !repositoryNotFound(err) || w.byUUID.Load() {
		return err
	}
	bySlug := ask(w.repo.Slug)
	if repositoryNotFound(bySlug) { // it is gone, and the uuid was not the reason
		return err
	}
	w.bySlug.Store(true)
	return bySlug
}

// repositoryNotFound reports a 404 that is about the repository rather than about a part of it.
func repositoryNotFound(err error) bool {
	return bitbucket.IsNotFound(err) && !bitbucket.IsNextLink(err)
}

// fetchWanted asks for what is wanted until nothing more is to be had in this run. Ranges exclude base
// at first. When those are over, the rest (a gap below base) is asked for without.
func (w *walker) fetchWanted(ctx context.Context) error {
	for {
		r := w.nextRange()
		switch {
		case len(r.Include) > 0:
			var result rangeResult
			err := w.withPath(ctx, func(path string) (err error) {
				result, err = w.fetchRange(ctx, path, r)
				return err
			})
			if err = w.afterRange(r, result, err); err == nil && w.mayUseGit() {
				err = w.fromGit(ctx)
			}
			if err != nil {
				return err
			}
		case w.walk.Filling:
			return nil
		default:
			w.startFilling()
			if len(w.walk.Wanted) == 0 {
				return nil
			}
			if err := w.putState(); err != nil {
				return err
			}
		}
	}
}
