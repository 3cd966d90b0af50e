package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

const (
	// maxAhead is how many fetched pages of a walk may wait for the disk while the next is fetched.
	// They are what a crash makes the next run ask for again.
	maxAhead = 32

	// maxInclude is how many hashes one range asks for: the most that is known to work. The others are
	// asked for in later ranges, as far as these do not bring them.
	maxInclude = 100
)

// A walker works on one repository. What the maps hold is not asked for again in this run.
type walker struct {
	*engine
	job
	id    store.UUID
	added int // by this run

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
		engine: e, job: j, id: j.repo.UUID, lengths: pageLengths{max: maxPageLength, now: maxPageLength},
		asked: map[store.Hash]bool{}, unknown: map[store.Hash]bool{}, failing: map[store.Hash]bool{},
		clones: e.clonesOf(&j.repo),
	}
	counts := &e.summary.Repositories
	err = w.findHead(ctx)
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
// without a branch whose walk is unfinished keeps its target.
func (w *walker) findHead(ctx context.Context) (err error) {
	if !w.head.IsZero() {
		return nil
	}
	if w.repo.MainBranch == "" {
		w.head = w.walk.Target
		return nil
	}
	if err := w.asking.Acquire(ctx, 1); err != nil {
		return err
	}
	defer w.asking.Release(1)
	err = w.withPath(func(path string) error {
		head, err := w.client.Head(ctx, w.opt.Workspace, path, w.repo.MainBranch)
		w.head = store.Hash(head)
		return err
	})
	if err == nil {
		w.audit = true
		return nil
	}
	return fmt.Errorf("head of %s: %w", w.repo.Slug, err)
}

// withPath calls ask with the uuid of the repository, which is right also where it was renamed or another
// one has its slug since the listing; or with its slug where Bitbucket refuses the uuid of what it has just
// listed, which it may do for some credentials. What worked is used for the rest of the run.
func (w *walker) withPath(ask func(path string) error) error {
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
	if repositoryNotFound(bySlug) {
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
			result, err := w.fetchRange(ctx, r)
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

// nextRange is what is asked for next; it includes nothing when there is nothing left to ask for. A
// target that is new comes first and alone: what the former one reaches is stored or wanted, so it is
// excluded, and nothing that is stored is fetched again.
func (w *walker) nextRange() bitbucket.Range {
	r := bitbucket.Range{PageLen: w.lengths.now}
	if !w.walk.Filling {
		r.Exclude = append(r.Exclude, bitbucket.Hash(w.walk.Base))
	}
	limit := maxInclude
	if w.single {
		limit = 1
	}
	for _, h := range w.wanted() {
		switch {
		case !w.untried(h):
		case h == w.walk.Target && !w.former.IsZero():
			r.Include = []bitbucket.Hash{bitbucket.Hash(h)}
			r.Exclude = append(r.Exclude, bitbucket.Hash(w.former))
			return r
		case len(r.Include) < limit:
			r.Include = append(r.Include, bitbucket.Hash(h))
		}
	}
	return r
}

// A rangeResult is how far a range came.
type rangeResult struct {
	fresh        int          // commits that became stored, boundaries too
	ended        bool         // Bitbucket has no further page
	wantedBefore []store.Hash // before the range
}

// fetchRange asks for a range and stores its pages. It ends at the last page, when nothing is wanted
// any more, and after a page that brought nothing new: the rest lies behind that.
func (w *walker) fetchRange(ctx context.Context, r bitbucket.Range) (result rangeResult, err error) {
	if err := w.asking.Acquire(ctx, 1); err != nil {
		return result, err
	}
	defer w.asking.Release(1)
	err = w.withPath(func(path string) error {
		result, err = w.fetchPages(ctx, path, r)
		return err
	})
	return result, err
}

func (w *walker) fetchPages(ctx context.Context, path string, r bitbucket.Range) (
	result rangeResult, err error) {

	result.wantedBefore = w.wanted()
	var storing []*storedPage
	settle := func(keep int) (fresh bool, err error) { // until no more than keep pages are being stored
		for fresh = true; len(storing) > keep; {
			p := storing[0]
			storing = storing[1:]
			if err := w.await(p); err != nil {
				return false, err
			}
			result.fresh += p.fresh
			fresh = p.fresh > 0
		}
		return fresh, nil
	}
	ahead := 0 // the first page tells whether the range brings what is wanted
	for fetched, err := range w.client.Commits(ctx, w.opt.Workspace, path, r) {
		fresh := false
		if err == nil {
			storing = append(storing, w.store(fetched))
			fresh, err = settle(ahead)
		}
		if err != nil || !fresh || len(w.wanted()) == 0 ||
			w.lengths.enough(result.fresh) || w.mayUseGit() {
			_, failed := settle(0) // what was fetched is stored, also when the next page fails
			return result, cmp.Or(failed, err)
		}
		ahead = w.aheadOf()
	}
	result.ended = true
	_, err = settle(0)
	return result, err
}

// aheadOf is how many pages of a range may wait to be stored. A filling range goes on below what is wanted
// where there is a base or a floor, so it is stored page by page: pages ahead could be all in vain.
func (w *walker) aheadOf() int {
	if w.walk.Filling && (w.repo.Floor != 0 || !w.walk.Base.IsZero()) {
		return 0
	}
	return w.opt.ahead
}

// store hands a page to the writer.
func (w *walker) store(fetched bitbucket.Page) *storedPage {
	records := translate(fetched.Commits)
	if fetched.Undated > 0 {
		w.notice("%s: %s without a readable date got the date of a neighbour",
			w.repo.Slug, commits(fetched.Undated))
	}
	return w.storeRecords(records)
}

// storeRecords hands commits to the writer.
func (w *walker) storeRecords(records []store.Commit) *storedPage {
	p, slug := &storedPage{done: make(chan error, 1)}, w.repo.Slug // the writer must not read w.repo
	w.writer.submit(func(tx *store.Tx) error {
		return p.storePage(tx, w.id, records)
	}, func(err error) {
		if err == nil {
			w.count(func(s *Summary) { s.Commits.Added += p.added })
			w.send(Event{Kind: Stored, Repository: slug, Commits: p.added})
		}
		p.done <- err
	})
	return p
}

// await waits until a page is stored, and takes over what it changed.
func (w *walker) await(p *storedPage) error {
	if err := <-p.done; err != nil {
		return err
	}
	w.state = p.state
	w.added += p.added
	return nil
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
	case withFormer: // where it brought nothing, the target may be an ancestor of the former one
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
	var e *bitbucket.Error
	errors.As(err, &e)
	named := false
	for _, h := range r.Include {
		if e.Names(h) {
			w.unknown[store.Hash(h)], named = true, true
		}
	}
	excluded := len(r.Exclude) > 0 && !named // or, if it names none, it may be what was excluded
	for _, h := range r.Exclude {
		excluded = excluded || e.Names(h)
	}
	switch {
	case excluded:
		w.former = store.Hash{}
		w.startFilling()
	case !named && len(r.Include) > 1:
		w.single = true
	case !named:
		mark(w.unknown, r.Include)
	}
	w.repo.NeedsSweep = true
	return w.putState()
}

// leaveOutFailing goes on with shorter pages, so that one commit that makes Bitbucket fail costs itself
// and what only it leads to, but not its page. It gives up where nothing can be had: each hash that is left
// out has cost several requests, so a repository that fails throughout is left after a few, and one that
// brings something after many.
func (w *walker) leaveOutFailing(r bitbucket.Range, result rangeResult, err error) error {
	const few, many = 3, 20 // hashes that were left out
	w.cause = err
	if w.lengths.failed(result.fresh > 0) {
		return nil
	}
	if w.single = len(r.Include) > 1; w.single {
		return nil
	}
	mark(w.failing, r.Include)
	w.lengths = w.lengths.reset()
	if n := len(w.failing); n >= many || n >= few && w.added == 0 {
		return err
	}
	return nil
}
