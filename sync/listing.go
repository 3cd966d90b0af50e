package sync

import (
	"context"
	"fmt"

	"trunkstat/sync/bitbucket"
)

// A listing is what Bitbucket listed of a workspace, each uuid once.
type listing struct {
	rows       []bitbucket.Repository
	seen       map[string]bool
	size       int  // that Bitbucket said in the last reading; 0: it did not
	unusable   int  // rows without a uuid or slug, in the last reading
	incomplete bool // nothing follows from an absence
}

// list reads the whole listing. Pages shift while people work, so that a repository may come twice
// or not at all: a listing with fewer rows than its size, or with pages or rows that cannot be used, is
// read once more, and so is an empty one. What is still missing then makes it incomplete.
func (e *engine) list(ctx context.Context) error {
	l := &e.listing
	l.seen = map[string]bool{}
	for range 2 {
		if err := e.readListing(ctx, l); err != nil {
			return fmt.Errorf("list repositories of %s: %w", e.opt.Workspace, err)
		}
		if !l.incomplete && len(l.rows) > 0 {
			break
		}
	}
	if len(l.rows) == 0 {
		return fmt.Errorf("list repositories of %s: %w", e.opt.Workspace, ErrNoResources)
	}
	if l.incomplete {
		e.notice("the listing of %s is incomplete: Bitbucket listed %d of %d repositories",
			e.opt.Workspace, len(l.rows), max(l.size, len(l.rows)+l.unusable))
	}
	return nil
}

// readListing adds what one reading of the listing brings. An error behind the first page makes it
// incomplete: what was listed before can be synced.
func (e *engine) readListing(ctx context.Context, l *listing) error {
	l.size, l.unusable, l.incomplete = 0, 0, true
	pages := 0
	for page, err := range e.client.Repositories(ctx, e.opt.Workspace) {
		if err != nil && pages > 0 && (isOutage(err) || bitbucket.IsNextLink(err)) {
			return nil
		}
		if err != nil {
			return err
		}
		pages++
		l.size = max(l.size, page.Size)
		l.unusable += page.Unusable
		for _, r := range page.Repositories {
			if !l.seen[r.UUID] {
				l.seen[r.UUID] = true
				l.rows = append(l.rows, r)
			}
		}
		e.send(Event{Kind: Listing, Repositories: len(l.rows)})
	}
	l.incomplete = l.unusable > 0 || len(l.rows) < l.size
	return nil
}
