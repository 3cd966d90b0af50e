package sync

import (
	"cmp"
	"context"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

const (
	// maxAhead is how many fetched pages of a walk may wait for the disk while the next is fetched, so that
	// one transaction stores many of them. They are what a crash makes the next run ask for again.
	maxAhead = 32

	// maxInclude is how many hashes one range asks for: the most that is known to work, since no limit is
	// documented. The others are asked for in later ranges, as far as these do not bring them.
	maxInclude = 100
)

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

// fetchRange asks for a range and stores its pages. It ends at the last page, when nothing is wanted
// any more, and after a page that brought nothing new: the rest lies behind that.
func (w *walker) fetchRange(ctx context.Context, path string, r bitbucket.Range) (
	result rangeResult, err error) {

	result.wantedBefore = w.wanted()
	var storing []*storedPage
	awaitStored := func(keep int) (fresh bool, err error) { // until no more than keep pages are being stored
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
	ahead := 0 // pages; the first one tells whether the range brings what is wanted
	for fetched, err := range w.client.Commits(ctx, w.opt.Workspace, path, r) {
		fresh := false
		if err == nil {
			if fetched.Undated > 0 {
				w.notice("%s: %s without a readable date got the date of a neighbour",
					w.repo.Slug, commits(fetched.Undated))
			}
			storing = append(storing, w.store(translate(fetched.Commits)))
			fresh, err = awaitStored(ahead)
		}
		if err != nil || !fresh || len(w.wanted()) == 0 ||
			w.lengths.enough(result.fresh) || w.mayUseGit() {
			_, failed := awaitStored(0) // what was fetched is stored, also when the next page fails
			return result, cmp.Or(failed, err)
		}
		ahead = w.aheadOf()
	}
	result.ended = true
	_, err = awaitStored(0)
	return result, err
}

// aheadOf is how many pages of a range may wait to be stored. A filling range goes on below what is wanted
// where there is a base or a floor, so it is stored page by page: pages ahead could be all in vain.
func (w *walker) aheadOf() int {
	if w.walk.Filling && (w.repo.Floor != 0 || !w.walk.Base.IsZero()) {
		return 0
	}
	return cmp.Or(w.opt.ahead, maxAhead)
}

// store hands a page of commits to the writer. The walker goes on, and awaits it later.
func (w *walker) store(records []store.Commit) *storedPage {
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
