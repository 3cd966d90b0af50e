package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// ahead is how many fetched pages of a walk may wait for the disk while the next is on its way. They
// share a transaction, which is what makes a long history fast where the network is; they are what a
// crash makes the next run ask for again, where the disk is the slower one.
const ahead = 64

// An outcome is what became of a job.
type outcome struct {
	unchanged bool
	err       error
}

// errTargetGone says that Bitbucket no longer knows the target of a walk.
var errTargetGone = errors.New("the head is no longer known to Bitbucket")

// A walker works on one repository.
type walker struct {
	*engine
	job
	added   int                 // by this run
	resumed bool                // the walk under way is one that an earlier run left
	asked   bool                // head is what the repository itself told
	lost    map[store.Hash]bool // wanted, and unknown to Bitbucket: not asked for again in this run
}

// work brings one repository up to date: an unfinished walk first, to its own target (a push
// meanwhile is the next walk), then one to the listed head.
func (e *engine) work(ctx context.Context, j job) outcome {
	e.events.send(Event{Kind: Started, Repository: j.repo.Slug})
	w := &walker{engine: e, job: j, lost: map[store.Hash]bool{}}
	if j.walking {
		if err := w.resume(ctx); err != nil && !errors.Is(err, errTargetGone) {
			return outcome{err: err}
		}
	}
	if j.repo.MainBranch == "" {
		return outcome{}
	}
	if err := w.findHead(ctx); err != nil {
		return outcome{err: err}
	}
	return w.toHead(ctx)
}

// findHead asks for the head of the default branch where the listing did not tell it.
func (w *walker) findHead(ctx context.Context) error {
	if !w.head.IsZero() {
		return nil
	}
	if err := w.takeSlot(ctx); err != nil {
		return err
	}
	defer w.leaveSlot()
	head, err := w.client.Head(ctx, w.opt.Workspace, string(w.repo.UUID), w.repo.MainBranch)
	if err != nil {
		return fmt.Errorf("head of %s: %w", w.repo.Slug, err)
	}
	w.head, w.asked = store.Hash(head), true
	return nil
}

// resume finishes the walk that an earlier run left.
func (w *walker) resume(ctx context.Context) error {
	var walk store.Walk
	err := w.change(func(tx *store.Tx) (err error) {
		walk, _, err = tx.Walk(w.repo.UUID)
		return err
	})
	if err != nil {
		return err
	}
	w.resumed = true
	defer func() { w.resumed = false }()
	return w.walk(ctx, walk)
}

// toHead walks to the head, unless that is where the repository stands.
func (w *walker) toHead(ctx context.Context) outcome {
	var walk store.Walk
	var upToDate bool
	err := w.change(func(tx *store.Tx) error {
		repo, _, err := tx.Repository(w.repo.UUID)
		if err != nil {
			return err
		}
		if upToDate = repo.Head == w.head && !repo.Dirty; upToDate {
			return w.putUpToDate(tx)
		}
		walk, err = begin(tx, w.repo.UUID, w.head)
		return err
	})
	if err != nil || upToDate {
		return outcome{unchanged: upToDate && !w.walking, err: err}
	}
	err = w.walk(ctx, walk)
	if errors.Is(err, errTargetGone) {
		err = fmt.Errorf("the head %s is listed, and Bitbucket does not know it", w.head)
	}
	return outcome{err: err}
}

// putUpToDate notes that the repository is up to date with what was listed.
func (w *walker) putUpToDate(tx *store.Tx) error {
	repo, _, err := tx.Repository(w.repo.UUID)
	if err != nil {
		return err
	}
	repo.Failure, repo.LastSync, repo.UpdatedOn = "", w.now(), w.updatedOn
	if w.asked {
		repo.Audited = repo.LastSync
	}
	return tx.PutRepository(repo)
}

// walk asks for what is wanted until nothing is, then moves head. The range begins with base
// excluded; what is wanted after that (a gap below base) is asked for without.
func (w *walker) walk(ctx context.Context, walk store.Walk) error {
	exclude := !walk.Base.IsZero() && walk.Base != walk.Target
	for round := 0; ; round++ {
		if len(walk.Wanted) == 0 {
			finished, err := w.finish(&walk)
			if finished || err != nil {
				return err
			}
			exclude = false
			continue
		}
		if len(w.include(walk)) == 0 {
			return giveUp(walk)
		}
		before := walk
		err := w.fetch(ctx, &walk, exclude, round > 0)
		switch {
		case bitbucket.IsCommitNotFound(err):
			if exclude, err = w.withoutLost(&walk, exclude, err); err != nil {
				return err
			}
		case isStale(err) && !slices.Equal(walk.Wanted, before.Wanted):
			// Asked for anew from what is wanted, with base excluded as before.
		case err != nil:
			return err
		case len(walk.Wanted) == 0:
		case exclude:
			exclude = false
			if err := w.letGo(&walk); err != nil {
				return err
			}
		case slices.Equal(walk.Wanted, before.Wanted):
			return fmt.Errorf("partial: Bitbucket does not give %d commits that its history leads to, the first is %s",
				len(walk.Wanted), walk.Wanted[0])
		}
	}
}

// letGo takes what only boundaries want out of what is wanted, once the range that excludes base is over.
func (w *walker) letGo(walk *store.Walk) error {
	if w.repo.Floor == 0 {
		return nil
	}
	return w.change(func(tx *store.Tx) (err error) {
		*walk, err = letGo(tx, w.repo.UUID)
		return err
	})
}

// giveUp ends a walk of which nothing is left to ask for, since Bitbucket knows nothing of what is
// wanted.
func giveUp(walk store.Walk) error {
	return fmt.Errorf("partial: Bitbucket does not know %d commits that its history leads to, the first is %s",
		len(walk.Wanted), walk.Wanted[0])
}

// abandon gives up a walk, so that the next one begins.
func (w *walker) abandon() error {
	w.repo.Dirty = true
	if err := w.change(func(tx *store.Tx) error { return abandon(tx, w.repo.UUID) }); err != nil {
		return err
	}
	return errTargetGone
}

// fetch asks for one range and stores its pages. Where the range may hold what nobody wants
// (below a floor, without base excluded, or to fill gaps), each page is stored before the next is
// asked for; a resumed walk may have but a gap to fill, which its first page tells. Nothing is asked
// for once nothing is wanted.
func (w *walker) fetch(ctx context.Context, walk *store.Walk, exclude, filling bool) (err error) {
	careful := w.repo.Dirty || filling || !exclude && (w.repo.Floor != 0 || !walk.Base.IsZero())
	r := bitbucket.Range{Include: w.include(*walk)}
	if exclude {
		r.Exclude = []bitbucket.Hash{bitbucket.Hash(walk.Base)}
	}
	number := 0
	var storing []*page
	defer func() { // what was fetched is stored, also when the next page fails
		err = cmp.Or(w.settlePages(&storing, walk, 0), err)
	}()
	if err := w.takeSlot(ctx); err != nil {
		return err
	}
	defer w.leaveSlot()
	for page, err := range w.client.Commits(ctx, w.opt.Workspace, string(w.repo.UUID), r) {
		if err != nil {
			return err
		}
		storing = append(storing, w.store(page.Commits, exclude))
		keep := w.opt.ahead
		if careful || w.resumed && number == 0 {
			keep = 0
		}
		if err := w.settlePages(&storing, walk, keep); err != nil {
			return err
		}
		if len(walk.Wanted) == 0 {
			return nil
		}
		number++
	}
	return nil
}

// takeSlot waits until fewer walkers than there are jobs ask Bitbucket.
func (e *engine) takeSlot(ctx context.Context) error {
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *engine) leaveSlot() { <-e.slots }

// include is what a range is asked for: what is wanted and not known to be lost.
func (w *walker) include(walk store.Walk) []bitbucket.Hash {
	var hashes []bitbucket.Hash
	for _, h := range walk.Wanted {
		if !w.lost[h] {
			hashes = append(hashes, bitbucket.Hash(h))
		}
	}
	return hashes
}

// A page is one that is being stored.
type page struct {
	done  <-chan error
	walk  store.Walk // after it
	added int
}

// store hands a page to the writer.
func (w *walker) store(commits []bitbucket.Commit, whole bool) *page {
	records := translate(commits)
	p := &page{}
	p.done = w.writer.submitAndTell(func(tx *store.Tx) (err error) {
		p.walk, p.added, err = storePage(tx, w.repo.UUID, records, whole)
		return err
	}, func() {
		w.count(p.added, 0)
		w.events.send(Event{Kind: Stored, Repository: w.repo.Slug, Commits: p.added})
	})
	return p
}

// settlePages waits until no more than keep pages are being stored.
func (w *walker) settlePages(storing *[]*page, walk *store.Walk, keep int) error {
	for len(*storing) > keep {
		p := (*storing)[0]
		*storing = (*storing)[1:]
		if err := w.writer.wait(p.done); err != nil {
			return storeError{err}
		}
		*walk = p.walk
		w.added += p.added
	}
	return nil
}

// finish ends the walk, or finds out that it is not over.
func (w *walker) finish(walk *store.Walk) (finished bool, err error) {
	var end ending
	err = w.change(func(tx *store.Tx) (err error) {
		if end, err = finish(tx, w.repo.UUID, w.now()); err != nil {
			return err
		}
		if !end.finished {
			*walk, _, err = tx.Walk(w.repo.UUID)
			return err
		}
		if walk.Target == w.head {
			return w.putUpToDate(tx)
		}
		return nil
	})
	if err != nil || !end.finished {
		return false, err
	}
	w.repo.Dirty = false
	w.added += end.added
	w.count(end.added, end.removed)
	w.events.send(Event{Kind: Finished, Repository: w.repo.Slug, Commits: w.added, Removed: end.removed})
	return true, nil
}

// isStale reports whether Bitbucket no longer knew the address of a next page, as it may after a long
// wait. How long one is good for is not documented.
func isStale(err error) bool {
	var e *bitbucket.Error
	return errors.As(err, &e) && e.StatusCode == 400 && strings.EqualFold(e.Message, "Invalid page")
}

// withoutLost decides how a walk goes on after Bitbucket did not know some of its hashes. It names
// only those it noticed, so this may take several rounds; each asks for less.
func (w *walker) withoutLost(walk *store.Walk, exclude bool, err error) (excludeNext bool, _ error) {
	var e *bitbucket.Error
	errors.As(err, &e)
	named := func(h store.Hash) bool {
		return e.Names(bitbucket.Hash(h))
	}
	if named(walk.Target) {
		return false, w.abandon()
	}
	lostBefore := len(w.lost)
	for _, h := range walk.Wanted {
		if named(h) {
			w.lost[h] = true
		}
	}
	switch nothing := len(w.lost) == lostBefore; {
	case nothing && exclude: // base is among them, or nothing is named: on without it
		return false, nil
	case walk.Target != w.head: // a rewritten branch; one request tells, not one for each
		return false, w.abandon()
	case nothing:
		return false, err
	}
	return exclude && !named(walk.Base), nil
}
