package sync

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// auditEvery is how often a run asks a repository for its head by itself, where the listing does not
// name it: updated_on is believed to move with every push, and not proven to.
const auditEvery = 7 * 24 * time.Hour

// A job is a repository that may have to be walked.
type job struct {
	repo      store.Repository
	updatedOn time.Time
	head      store.Hash // listed; zero: Bitbucket must be asked
	walking   bool       // a walk is unfinished
	audit     bool       // nothing says that it changed: it is asked all the same
}

// list reads the whole listing. An empty one is asked for once more before it is believed.
func (e *engine) list(ctx context.Context) ([]bitbucket.Repository, error) {
	listed, err := e.listOnce(ctx)
	if err == nil && len(listed) == 0 {
		listed, err = e.listOnce(ctx)
	}
	if err == nil && len(listed) == 0 {
		err = ErrNoResources
	}
	if err != nil {
		return nil, fmt.Errorf("list repositories of %s: %w", e.opt.Workspace, err)
	}
	return listed, nil
}

// listOnce takes each UUID once, since pages shift while people work. A listing that yields fewer
// than its size is incomplete: then nothing follows from an absence.
func (e *engine) listOnce(ctx context.Context) ([]bitbucket.Repository, error) {
	var all []bitbucket.Repository
	seen := map[string]bool{}
	size := -1
	for page, err := range e.client.Repositories(ctx, e.opt.Workspace) {
		if err != nil {
			return nil, err
		}
		size = max(size, page.Size)
		for _, r := range page.Repositories {
			if !seen[r.UUID] {
				seen[r.UUID] = true
				all = append(all, r)
			}
		}
		e.events.send(Event{Kind: Listing, Repositories: len(all)})
	}
	e.listingComplete = len(all) >= size
	if !e.listingComplete {
		e.notice("the listing of %s is incomplete: %d of %d repositories", e.opt.Workspace, len(all), size)
	}
	return all, nil
}

func (e *engine) notice(format string, args ...any) {
	e.events.send(Event{Kind: Noticed, Text: fmt.Sprintf(format, args...)})
}

// reconcile stores what the listing says and returns what may have to be walked, what gives most for
// a request first.
func (e *engine) reconcile(listed []bitbucket.Repository) ([]job, error) {
	var jobs []job
	var counts Repositories
	var notices []string
	err := e.change(func(tx *store.Tx) error {
		jobs, counts, notices = nil, Repositories{}, nil
		for _, l := range listed {
			if err := e.reconcileOne(tx, l, &jobs, &counts, &notices); err != nil {
				return err
			}
		}
		var err error
		counts.Gone, err = e.absent(tx, listed, &notices)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, n := range notices {
		e.notice("%s", n)
	}
	if e.summary.Repositories = counts; counts.Listed == 0 {
		return nil, fmt.Errorf("%w %s", ErrNothingMatches, strings.Join(slices.Concat(e.opt.Repos, e.opt.Projects), ", "))
	}
	slices.SortStableFunc(jobs, cheapFirst)
	return jobs, nil
}

// cheapFirst puts repositories that only have something new before those that were never finished,
// and the recently changed first, so that a budget that ends leaves the most useful data. What is but
// audited comes last, the longest ago first, so that a run goes on where the one before had to stop.
func cheapFirst(a, b job) int {
	if by := cmp.Compare(a.rank(), b.rank()); by != 0 {
		return by
	}
	if a.audit {
		return a.repo.Audited.Compare(b.repo.Audited)
	}
	return b.updatedOn.Compare(a.updatedOn)
}

func (j job) rank() int {
	switch {
	case j.audit:
		return 2
	case j.repo.Head.IsZero():
		return 1
	}
	return 0
}

// reconcileOne stores one line of the listing.
func (e *engine) reconcileOne(tx *store.Tx, l bitbucket.Repository, jobs *[]job, counts *Repositories, notices *[]string) error {
	repo, known, err := tx.Repository(store.UUID(l.UUID))
	if err != nil {
		return err
	}
	if known && repo.Slug != l.Slug {
		*notices = append(*notices, fmt.Sprintf("%s is now called %s", repo.Slug, l.Slug))
	}
	if l.MainBranch == nil && !repo.Head.IsZero() && repo.MainBranch != "" {
		*notices = append(*notices, fmt.Sprintf("%s has no default branch any more, its commits are kept", l.Slug))
	}
	describe(&repo, l, e.opt.Workspace, e.now())
	if !e.selected(repo) {
		return tx.PutRepository(repo)
	}
	if err := e.applyFloor(tx, &repo); err != nil {
		return err
	}
	_, walking, err := tx.Walk(repo.UUID)
	if err != nil {
		return err
	}
	counts.Listed++
	j := job{repo: repo, updatedOn: l.UpdatedOn, walking: walking}
	switch {
	case l.MainBranch == nil && !walking:
		counts.Empty++
		repo.Failure, repo.LastSync = "", e.now()
	case e.upToDate(&j, l):
		counts.Unchanged++
		repo.Failure, repo.LastSync, repo.UpdatedOn = "", e.now(), l.UpdatedOn
	default:
		*jobs = append(*jobs, j)
	}
	return tx.PutRepository(repo)
}

// describe takes over what the listing says. UpdatedOn is not taken over before the repository is
// up to date with it.
func describe(repo *store.Repository, l bitbucket.Repository, workspace string, now time.Time) {
	repo.UUID, repo.Workspace, repo.Slug, repo.Name = store.UUID(l.UUID), workspace, l.Slug, l.Name
	repo.Project, repo.MainBranch = l.Project, ""
	if l.MainBranch != nil {
		repo.MainBranch = l.MainBranch.Name
	}
	if l.Parent != nil {
		repo.ForkOf, repo.ForkOfUUID = l.Parent.FullName, store.UUID(l.Parent.UUID)
	}
	repo.Listed, repo.Absent = now, 0
}

// upToDate reports whether a repository costs no request, and notes in j the head it was listed with,
// unless the listing is not to be believed.
func (e *engine) upToDate(j *job, l bitbucket.Repository) bool {
	var listed store.Hash
	if l.MainBranch != nil {
		listed = store.Hash(l.MainBranch.Head)
	}
	if !e.opt.Audit {
		j.head = listed
	}
	if j.walking || j.repo.Dirty || j.repo.Head.IsZero() {
		return false
	}
	untouched := !l.UpdatedOn.IsZero() && l.UpdatedOn.Equal(j.repo.UpdatedOn)
	same := listed == j.repo.Head || listed.IsZero() && untouched
	due := listed.IsZero() && (j.repo.Failure != "" || e.now().Sub(j.repo.Audited) > auditEvery)
	j.audit = same && (e.opt.Audit || due)
	return same && !j.audit
}

// selected reports whether a repository matches --repo and --project, as far as they are given.
func (e *engine) selected(r store.Repository) bool {
	return (len(e.repos) == 0 || e.repos.MatchRepository(r.Workspace, r.Slug)) &&
		(len(e.projects) == 0 || e.projects.Match(r.Project))
}

// applyFloor gives a repository that has something to walk and was never walked its floor, and moves
// an existing one down.
func (e *engine) applyFloor(tx *store.Tx, repo *store.Repository) error {
	if !e.opt.HasSince {
		return nil
	}
	if repo.Floor == 0 {
		_, walking, err := tx.Walk(repo.UUID)
		if repo.MainBranch != "" && repo.Head.IsZero() && !walking && !repo.Dirty {
			repo.Floor = max(e.opt.Since, 0)
		}
		return err
	}
	if e.opt.Since < repo.Floor {
		return lowerFloor(tx, repo, max(e.opt.Since, 0))
	}
	return nil
}

// absent counts the repositories of the workspace that two complete listings in a row did not have.
func (e *engine) absent(tx *store.Tx, listed []bitbucket.Repository, notices *[]string) (gone int, err error) {
	present := make(map[store.UUID]bool, len(listed))
	for _, l := range listed {
		present[store.UUID(l.UUID)] = true
	}
	repos, err := tx.Repositories()
	if err != nil {
		return 0, err
	}
	for _, r := range repos {
		if r.Workspace != e.opt.Workspace || present[r.UUID] {
			continue
		}
		if e.listingComplete && !r.Gone() {
			if r.Absent++; r.Gone() {
				*notices = append(*notices, fmt.Sprintf("%s is gone, its commits are kept", r.Slug))
			}
			if err := tx.PutRepository(r); err != nil {
				return 0, err
			}
		}
		if r.Gone() {
			gone++
		}
	}
	return gone, nil
}
