package sync

import (
	"cmp"
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// Run brings db up to date with opt.Workspace. It returns what it did, however it ends. The error is
// nil also when single repositories failed (Summary.Failures); it is not nil when the run as a whole was
// stopped: by ctx, by bitbucket.ErrBudgetSpent, by a credential that is no longer valid, by an outage, by
// the database, or because there is nothing to list. All that was stored until then stays, and the next
// run goes on from there. The client and its budget are made for this run, and the caller holds db.LockSync.
func Run(ctx context.Context, db *store.DB, client *bitbucket.Client, opt Options) (Summary, error) {
	e := &engine{
		db: db, client: client, opt: opt, asking: semaphore.NewWeighted(int64(opt.Jobs)),
		summary: Summary{Schema: 1, Workspace: opt.Workspace, Failures: []Failure{}},
	}
	if opt.Git != nil {
		e.summary.Git = &GitCounts{}
	}
	e.writer = newWriter(db, cmp.Or(opt.batch, maxBatch), e.saveBudget)
	start := opt.Now()
	err := e.run(ctx)
	e.summary.Requests = client.Budget().Requests()
	e.summary.Duration = opt.Now().Sub(start).Round(time.Millisecond).Seconds()
	r := &e.summary.Repositories
	r.Pending = r.Listed - r.Synced - r.Unchanged - r.Empty - r.Failed
	e.summary.Complete = err == nil && r.Pending == 0 && r.Failed == 0 &&
		!e.listing.incomplete && !e.summary.AccessLost
	return e.summary, err
}

// An engine is one run.
type engine struct {
	db     *store.DB
	client *bitbucket.Client
	opt    Options
	writer *writer

	// asking limits the walkers that talk to Bitbucket to Options.Jobs: a walker that waits for the disk
	// before or after a range holds no connection. Some more walkers than jobs keep all of them in use.
	asking *semaphore.Weighted

	emitting sync.Mutex // held while Options.Emit is called

	mu      sync.Mutex // guards summary and spent
	summary Summary
	spent   error

	listing listing // list fills it, and nothing changes it later

	byUUID   atomic.Bool  // Bitbucket answered a path with a uuid
	bySlug   atomic.Bool  // it refused one, and answered the slug
	fetchOff atomic.Bool  // git cannot fetch, for a reason that concerns all repositories
	failures atomic.Int32 // repositories in a row for which Bitbucket failed or was not reached
}

// saveBudget makes the log of requests outlive the run, and how many an hour Bitbucket grants. It joins every
// transaction, so that a run that is killed has forgotten few of its requests.
func (e *engine) saveBudget(tx *store.Tx) error {
	stored, err := tx.Budget(e.opt.BudgetName)
	if err != nil {
		return err
	}
	budget := e.client.Budget()
	limit := cmp.Or(budget.Limit(), stored.Limit)
	return tx.PutBudget(e.opt.BudgetName, store.Budget{Limit: limit, Spent: budget.Spent()})
}

// run starts the writer, does the work, and ends the writer. It returns when everything is stored that will
// be, and no goroutine is left.
func (e *engine) run(ctx context.Context) error {
	if err := os.RemoveAll(e.fetchDir()); err != nil { // what a killed run left
		return err
	}
	defer os.RemoveAll(e.fetchDir())
	written := make(chan struct{})
	go func() {
		defer close(written)
		e.writer.run(ctx)
	}()
	err := e.listAndWalk(ctx)         // when it returns, no walker is left that could submit a change
	endErr := e.writer.do(e.endOfRun) // also of a run that failed: its requests are spent
	close(e.writer.queue)
	<-written
	return cmp.Or(err, endErr)
}

// listAndWalk is the work of a run.
func (e *engine) listAndWalk(ctx context.Context) error {
	if err := e.list(ctx); err != nil {
		return err
	}
	jobs, err := e.reconcile()
	if err != nil {
		return err
	}
	if e.opt.Plan {
		e.summary.Plan = e.plan(jobs)
		return nil
	}
	e.send(Event{Kind: Planned, Repositories: len(jobs)})
	return e.walkAll(ctx, jobs)
}

// walkAll works on the jobs side by side. The first error that concerns all of them stops all.
func (e *engine) walkAll(ctx context.Context, jobs []job) error {
	group, running := errgroup.WithContext(ctx)
	group.SetLimit(e.opt.Jobs + e.opt.Jobs/2) // half as many again may wait for the disk; see asking
	for _, j := range jobs {
		if running.Err() != nil || e.spentError() != nil {
			break
		}
		group.Go(func() error {
			became, err := e.work(running, j)
			return e.recordOutcome(running, j, became, err)
		})
	}
	// An error that stopped the run outranks a budget that was spent as well: it says what is wrong.
	return cmp.Or(group.Wait(), ctx.Err(), e.spentError())
}

// count changes the summary, and what else mu guards.
func (e *engine) count(change func(*Summary)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.summary)
}

// endOfRun notes when the workspace was last asked.
func (e *engine) endOfRun(tx *store.Tx) error {
	ws, known, err := tx.Workspace(e.opt.Workspace)
	if err != nil || !known && len(e.listing.rows) == 0 {
		return err // a mistyped slug does not become a workspace
	}
	ws.Slug, ws.LastSync = e.opt.Workspace, e.opt.Now()
	if len(e.listing.rows) > 0 {
		if ws.ListingIncomplete = e.listing.incomplete || e.summary.AccessLost; !ws.ListingIncomplete {
			ws.LastListed = ws.LastSync
		}
	}
	return tx.PutWorkspace(ws)
}
