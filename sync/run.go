package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// Options say what a run is to bring up to date, and how.
type Options struct {
	Workspace string   // slug
	Repos     []string // globs over slugs, or over workspace/slug where they have a slash; none: all
	Projects  []string // globs over keys; none: all
	Since     int64    // floor of first walks, seconds since 1970
	HasSince  bool
	Plan      bool // stop after the listing
	Audit     bool // ask for every head, whatever the listing said
	Jobs      int  // walkers that ask Bitbucket at a time; at least 1

	Budget     *bitbucket.Budget // the client's; its log is stored under BudgetName
	BudgetName string

	Now  func() time.Time // nil: time.Now
	Emit func(Event)      // nil: nobody listens

	ahead int // pages; 0: the constant. Tests that stop after a page have few
	batch int // changes in a transaction; 0: the constant. Each must leave the database sound
}

// A Summary is what a run did. The counts of repositories satisfy
// Listed = Synced + Unchanged + Empty + Failed + Pending.
type Summary struct {
	Schema       int          `json:"schema"`
	Workspace    string       `json:"workspace"`
	Complete     bool         `json:"complete"` // every repository asked for is up to date
	Repositories Repositories `json:"repositories"`
	Commits      Commits      `json:"commits"`
	Requests     int          `json:"requests"`
	Duration     float64      `json:"duration_seconds"`
	Waited       float64      `json:"waited_seconds"`
	Failures     []Failure    `json:"failures"`

	Plan *Plan `json:"plan,omitempty"` // with Options.Plan
}

// Repositories counts the repositories of a run by what became of them.
type Repositories struct {
	Listed    int `json:"listed"`
	Synced    int `json:"synced"`
	Unchanged int `json:"unchanged"`
	Empty     int `json:"empty"`
	Failed    int `json:"failed"`
	Pending   int `json:"pending"` // not reached: the budget was spent, or the run was interrupted
	Gone      int `json:"gone"`    // known, and missing from two complete listings in a row
}

// Commits counts what a run changed in the database.
type Commits struct {
	Added   int `json:"added"`
	Removed int `json:"removed"` // no longer reached by a rewritten branch
}

// A Failure is why one repository is not up to date.
type Failure struct {
	Repository string `json:"repository"`
	Error      string `json:"error"`
	Err        error  `json:"-"`
}

// ErrNoResources is returned when the credential reaches no repository of the workspace.
var ErrNoResources = errors.New("the workspace lists no repository to this credential")

// ErrNothingMatches is returned when no listed repository passes Repos and Projects.
var ErrNothingMatches = errors.New("no repository matches")

// Run brings db up to date with opt.Workspace. It returns what it did however it ends. The error
// is nil also when single repositories failed (Summary.Failures); it is not nil when the run as a
// whole was stopped: by ctx, by bitbucket.ErrBudgetSpent, by a credential that is no longer valid,
// by the database, or because there is nothing to list. All that was stored until then stays, and the
// next run goes on from there.
func Run(ctx context.Context, db *store.DB, client *bitbucket.Client, opt Options) (Summary, error) {
	e := newEngine(db, client, opt)
	start, before := e.now(), e.requests()
	err := e.run(ctx)
	e.summary.Requests = e.requests() - before
	e.summary.Duration = e.now().Sub(start).Round(time.Millisecond).Seconds()
	r := &e.summary.Repositories
	r.Pending = r.Listed - r.Synced - r.Unchanged - r.Empty - r.Failed
	e.summary.Complete = err == nil && r.Pending == 0 && r.Failed == 0 && e.listingComplete
	return e.summary, err
}

// An engine is one run.
type engine struct {
	db     *store.DB
	client *bitbucket.Client
	opt    Options
	now    func() time.Time
	events *events
	writer *writer

	repos, projects store.Patterns // of the options

	// slots are as many as there are jobs: a walker takes one to ask Bitbucket, and has none while it
	// waits for the disk before and after that. A few more walkers than slots keep all of them in use.
	slots chan struct{}

	mu      sync.Mutex // guards summary and spent
	summary Summary
	spent   error

	listed          bool // the workspace has shown repositories
	listingComplete bool
	offline         atomic.Int32 // failures of the network in a row, over all walkers
}

func newEngine(db *store.DB, client *bitbucket.Client, opt Options) *engine {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	opt.Jobs = max(opt.Jobs, 1)
	opt.ahead = cmp.Or(opt.ahead, ahead)
	e := &engine{db: db, client: client, opt: opt, now: opt.Now, slots: make(chan struct{}, opt.Jobs)}
	e.events = &events{emit: opt.Emit, base: Event{Workspace: opt.Workspace}, now: opt.Now}
	e.summary = Summary{Schema: 1, Workspace: opt.Workspace, Failures: []Failure{}}
	e.writer = newWriter(db, e.saveBudget)
	e.writer.most = cmp.Or(opt.batch, e.writer.most)
	return e
}

// saveBudget makes the log of requests outlive the run, and how many an hour Bitbucket grants.
func (e *engine) saveBudget(tx *store.Tx) error {
	if e.opt.Budget == nil {
		return nil
	}
	if limit := e.opt.Budget.Limit(); limit > 0 {
		if err := tx.PutLimit(e.opt.BudgetName, limit); err != nil {
			return err
		}
	}
	return tx.PutSpent(e.opt.BudgetName, e.opt.Budget.Spent())
}

func (e *engine) requests() int {
	if e.opt.Budget == nil {
		return 0
	}
	return e.opt.Budget.Requests()
}

func (e *engine) run(ctx context.Context) error {
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		e.writer.run(ctx)
	}()
	err := e.listAndWalk(ctx)
	saveErr := e.writer.do(e.endOfRun)
	close(e.writer.queue)
	<-writing
	if err == nil {
		err = saveErr
	}
	return err
}

func (e *engine) listAndWalk(ctx context.Context) (err error) {
	if e.repos, err = store.NewPatterns(e.opt.Repos...); err != nil {
		return err
	}
	if e.projects, err = store.NewPatterns(e.opt.Projects...); err != nil {
		return err
	}
	listed, err := e.list(ctx)
	if err != nil {
		return err
	}
	e.listed = true
	jobs, err := e.reconcile(listed)
	if err != nil {
		return err
	}
	if e.opt.Plan {
		e.summary.Plan = newPlan(jobs, e.opt.Budget)
		return nil
	}
	e.events.send(Event{Kind: Planned, Repositories: len(jobs)})
	return e.walkAll(ctx, jobs)
}

// walkAll works on the jobs side by side. The first error that concerns all of them stops all.
func (e *engine) walkAll(ctx context.Context, jobs []job) error {
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(e.opt.Jobs + e.opt.Jobs/2) // see slots
	for _, j := range jobs {
		if running.Err() != nil || e.spentError() != nil {
			break
		}
		group.Go(func() error { return e.settle(running, j, e.work(running, j)) })
	}
	return cmp.Or(group.Wait(), ctx.Err(), e.spentError())
}

// spentError is the budget's end, once it was met. It stops nothing that is under way: requests that
// were granted are answered and stored, and the other walks come to the same end.
func (e *engine) spentError() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.spent
}

// settle counts what became of a job. It returns the errors that stop the run.
func (e *engine) settle(ctx context.Context, j job, out outcome) error {
	if errors.Is(out.err, bitbucket.ErrBudgetSpent) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.spent = out.err
		return nil
	}
	if out.err != nil && (stops(out.err) || ctx.Err() != nil) {
		return out.err
	}
	if out.err != nil {
		if err := e.noteFailure(j, out.err); err != nil {
			return err
		}
	}
	e.events.send(Event{Kind: Settled, Repository: j.repo.Slug, Err: named(out.err)})
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case out.err != nil:
		e.summary.Repositories.Failed++
		f := Failure{Repository: j.repo.Slug, Error: named(out.err).Error(), Err: out.err}
		e.summary.Failures = append(e.summary.Failures, f)
	case out.unchanged:
		e.summary.Repositories.Unchanged++
	default:
		e.summary.Repositories.Synced++
	}
	return e.networkGone(out.err)
}

// noteFailure keeps the reason with the repository, for reports and for the command repos.
func (e *engine) noteFailure(j job, failure error) error {
	return e.change(func(tx *store.Tx) error {
		repo, ok, err := tx.Repository(j.repo.UUID)
		if err != nil || !ok {
			return err
		}
		repo.Failure = named(failure).Error()
		if j.audit { // it had its turn
			repo.Audited = e.now()
		}
		return tx.PutRepository(repo)
	})
}

// named is an error as a person and a summary are told, beginning with the name that DX gives it
// where it has one.
func named(err error) error {
	switch {
	case bitbucket.IsForbidden(err):
		return fmt.Errorf("invalid_permissions: %w", err)
	case bitbucket.IsNotFound(err), bitbucket.IsGone(err):
		return fmt.Errorf("no_resources: %w", err)
	}
	return err
}

// networkGone gives up when the network failed for everything that was tried lately: retrying each
// of a thousand repositories in turn would take hours and tell no more.
func (e *engine) networkGone(err error) error {
	if !bitbucket.IsNetwork(err) {
		e.offline.Store(0)
		return nil
	}
	if e.offline.Add(1) < int32(e.opt.Jobs)+2 {
		return nil
	}
	return fmt.Errorf("gave up, the last %d repositories could not be reached: %w", e.offline.Load(), err)
}

// stops reports whether an error ends the run, rather than the work on one repository.
func stops(err error) bool {
	var se storeError
	return errors.Is(err, context.Canceled) || bitbucket.IsUnauthorized(err) || errors.As(err, &se)
}

// A storeError is an error of the database, which ends the run.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

// change writes to the database and waits for it.
func (e *engine) change(apply func(*store.Tx) error) error {
	if err := e.writer.do(apply); err != nil {
		return storeError{err}
	}
	return nil
}

// count adds to the summary what became durable.
func (e *engine) count(added, removed int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.summary.Commits.Added += added
	e.summary.Commits.Removed += removed
}

// endOfRun notes when the workspace was last asked.
func (e *engine) endOfRun(tx *store.Tx) error {
	ws, known, err := tx.Workspace(e.opt.Workspace)
	if err != nil || !known && !e.listed {
		return err // a slug that was mistyped, say, does not become one that is known
	}
	ws.Slug, ws.LastSync = e.opt.Workspace, e.now()
	if e.listingComplete {
		ws.LastListed = ws.LastSync
	}
	return tx.PutWorkspace(ws)
}
