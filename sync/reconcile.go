package sync

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// auditEvery is how often a run by itself asks a repository for its head where the listing does not
// name it, and for commits that Bitbucket did not have: updated_on is believed to move with every push, and
// not proven to.
const auditEvery = 7 * 24 * time.Hour

// A job is a repository that may have to be walked.
type job struct {
	state
	updatedOn time.Time  // listed; stored when the repository is up to date with it
	head      store.Hash // listed; zero: Bitbucket must be asked
	walking   bool       // a walk is unfinished
	audit     bool       // nothing says that it changed: it is asked all the same
}

// A reconciliation is the transaction that stores a listing, and what it found. It is one transaction,
// because what is missing from a listing shows only after its last row.
type reconciliation struct {
	*engine
	tx     *store.Tx
	jobs   []job
	counts Repositories
	news   []string       // told after the transaction, which may be rolled back
	moved  map[string]int // repositories by the workspace that they moved from
}

// add notes a piece of news.
func (r *reconciliation) add(format string, args ...any) {
	r.news = append(r.news, fmt.Sprintf(format, args...))
}

// reconcile stores what the listing says and returns what may have to be walked, in the order of work.
func (e *engine) reconcile() ([]job, error) {
	r := &reconciliation{engine: e, moved: map[string]int{}}
	err := e.writer.do(func(tx *store.Tx) error {
		r.tx = tx
		for _, row := range e.listing.rows {
			if err := r.row(row); err != nil {
				return err
			}
		}
		return r.absent()
	})
	if err != nil {
		return nil, err
	}
	e.db.Pin() // from here on, what is to be stored has its place in this file alone
	for from, n := range r.moved {
		e.notice("%s moved from the workspace %s to %s", repositories(n), from, e.opt.Workspace)
	}
	for _, text := range r.news {
		e.notice("%s", text)
	}
	if e.summary.Repositories = r.counts; r.counts.Listed == 0 {
		return nil, ErrNothingMatches
	}
	slices.SortStableFunc(r.jobs, compareJobs)
	return r.jobs, nil
}

// compareJobs puts repositories that only have something new before those that were never finished,
// and the recently changed first, so that a budget that ends leaves the most useful data. Audits come
// last, the longest ago first, so that a run goes on where the one before had to stop.
func compareJobs(a, b job) int {
	byTime := b.updatedOn.Compare(a.updatedOn)
	if a.audit && b.audit {
		byTime = a.repo.Audited.Compare(b.repo.Audited)
	}
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), byTime)
}

// rank orders jobs by their kind: something new, never finished, audit.
func (j job) rank() int {
	switch {
	case j.audit:
		return 2
	case j.repo.Head.IsZero():
		return 1
	}
	return 0
}

// row stores one row of the listing, and makes a job of it unless it costs no request. What the options leave
// out is described all the same: reports show its name, and --exclude-repo takes it out of what they call
// incomplete.
func (r *reconciliation) row(row bitbucket.Repository) error {
	repo, known, err := r.tx.Repository(store.UUID(row.UUID))
	if err != nil {
		return err
	}
	if known {
		r.addChanges(repo, row)
	}
	r.describe(&repo, row)
	if repo.Excluded = r.excluded(repo); repo.Excluded || !r.selected(repo) {
		return r.tx.PutRepository(repo)
	}
	walk, walking, err := r.tx.Walk(repo.UUID)
	if err != nil {
		return err
	}
	r.applyFloor(&repo, walking)
	r.counts.Listed++
	j := job{state: state{repo, walk}, updatedOn: row.UpdatedOn, walking: walking}
	switch {
	case repo.MainBranch == "" && !walking:
		r.counts.Empty++
		repo.Failure, repo.LastSync = "", r.opt.Now()
	case r.upToDate(&j, row):
		r.counts.Unchanged++
		repo.Failure, repo.LastSync, repo.UpdatedOn = "", r.opt.Now(), row.UpdatedOn
	default:
		r.jobs = append(r.jobs, j)
	}
	return r.tx.PutRepository(repo)
}

// addChanges compares what is stored of a repository with what is listed.
func (r *reconciliation) addChanges(repo store.Repository, row bitbucket.Repository) {
	if repo.Workspace != r.opt.Workspace {
		r.moved[repo.Workspace]++
	}
	if repo.Slug != row.Slug {
		r.add("%s is now called %s", repo.Slug, row.Slug)
	}
	if row.MainBranch == "" && !repo.Head.IsZero() && repo.MainBranch != "" {
		r.add("%s no longer has a default branch; its commits are kept", row.Slug)
	}
}

// describe takes over what the listing says. UpdatedOn is not taken over before the repository is
// up to date with it: a run that fails must not make the repository look unchanged to the next one.
func (e *engine) describe(repo *store.Repository, row bitbucket.Repository) {
	repo.UUID, repo.Workspace, repo.Slug, repo.Name = store.UUID(row.UUID), e.opt.Workspace, row.Slug, row.Name
	repo.Project, repo.Private, repo.MainBranch = row.Project, row.Private, row.MainBranch
	// A deleted parent is not listed, and its commits are still shared.
	if row.ForkOf != "" || row.ForkOfUUID != "" {
		repo.ForkOf, repo.ForkOfUUID = row.ForkOf, store.UUID(row.ForkOfUUID)
	}
	repo.Listed = e.opt.Now()
	listings := map[string]int{e.opt.Credential: 0}
	for credential := range repo.Listings {
		listings[credential] = 0 // what this credential lists is not gone for the others either
	}
	repo.Listings = listings
}

// upToDate reports whether a repository costs no request, and notes in j the head it was listed with,
// unless Options.Audit says not to believe the listing. A repository that seems unchanged and is asked all
// the same is an audit.
func (e *engine) upToDate(j *job, row bitbucket.Repository) bool {
	listed := store.Hash(row.Head)
	if !e.opt.Audit {
		j.head = listed
	}
	if j.walking || j.repo.NeedsSweep || j.repo.Head.IsZero() {
		return false
	}
	// Without a head in the listing, updated_on tells whether something happened. It also changes where
	// nothing was pushed, which costs a request in vain.
	untouched := !row.UpdatedOn.IsZero() && row.UpdatedOn.Equal(j.repo.UpdatedOn)
	same := listed == j.repo.Head || listed.IsZero() && untouched
	due := listed.IsZero() && (j.repo.Failure != "" || e.opt.Now().Sub(j.repo.Audited) > auditEvery)
	due = due || len(e.dueUnknown(&j.repo)) > 0
	j.audit = same && (e.opt.Audit || due)
	return same && !j.audit
}

// dueUnknown are the accepted ends of a repository that Bitbucket is to be asked for again: its answer that
// it does not have them may have been a passing fault.
func (e *engine) dueUnknown(repo *store.Repository) (hashes []store.Hash) {
	for _, u := range repo.Unknown {
		if u.Accepted() && (e.opt.Audit || e.opt.Now().Sub(u.Asked) > auditEvery) {
			hashes = append(hashes, u.Hash)
		}
	}
	return hashes
}

// selected reports whether a run is to bring a repository up to date. The others keep their state.
func (e *engine) selected(r store.Repository) bool {
	return (len(e.opt.Repos) == 0 || e.opt.Repos.MatchRepository(r.Workspace, r.Slug)) &&
		(len(e.opt.Projects) == 0 || e.opt.Projects.Match(r.Project))
}

// excluded reports whether the user wants nothing of a repository, also not in what reports call incomplete.
func (e *engine) excluded(r store.Repository) bool {
	return e.opt.ExcludeRepos.MatchRepository(r.Workspace, r.Slug) || e.opt.ExcludeProjects.Match(r.Project)
}

// applyFloor gives a repository that was never walked its floor, and lowers an existing one. It raises none,
// and gives none to a repository that began without: what is stored stays, and is all there is to report.
func (e *engine) applyFloor(repo *store.Repository, walking bool) {
	since := max(e.opt.Since, 0)
	switch {
	case !e.opt.HasSince:
	case repo.Floor == 0:
		if repo.MainBranch != "" && repo.Head.IsZero() && !walking && !repo.NeedsSweep {
			repo.Floor = since
		}
	case since < repo.Floor:
		repo.Floor, repo.NeedsSweep = since, true // the finish of a walk looks behind the boundaries
	}
}
