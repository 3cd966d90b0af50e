package sync

import (
	"context"
	"slices"
	"time"

	"trunkstat/store"
)

const (
	// maxBatch bounds how many changes share a transaction, and with it how long reports wait.
	maxBatch = 64

	// maxDelay is how long a change may wait for others to share its transaction, as long as no
	// walker waits for it: where pages come fast, this halves the CPU time of a sync.
	maxDelay = 50 * time.Millisecond

	// grace is how long the writer waits for a file in use once the run is interrupted. What is
	// not stored by then is fetched again by the next run.
	grace = 500 * time.Millisecond
)

// A writer makes all changes to the database during a run. Changes that come in while it writes
// share the next transaction.
type writer struct {
	db           *store.DB
	queue        chan change
	flush        chan struct{}         // a walker waits for what is queued
	beforeCommit func(*store.Tx) error // joins every transaction
	failed       error                 // of the database itself: nothing is tried after it
	maxBatch     int                   // changes in a transaction
}

// A change is applied once or not at all; done tells which. apply may run more than once if the
// transaction was rolled back, so its results are those of the last call.
type change struct {
	apply  func(*store.Tx) error
	stored func() // called when the change is stored; may be nil
	done   chan error
}

func newWriter(db *store.DB, beforeCommit func(*store.Tx) error) *writer {
	return &writer{
		db: db, beforeCommit: beforeCommit, maxBatch: maxBatch,
		queue: make(chan change, maxBatch), flush: make(chan struct{}, 1),
	}
}

// submit queues a change; stored, if it is not nil, is called as soon as the change is stored. The
// returned channel yields the outcome once; see wait.
func (w *writer) submit(apply func(*store.Tx) error, stored func()) <-chan error {
	done := make(chan error, 1)
	w.queue <- change{apply, stored, done}
	return done
}

// wait waits for the outcome of a change.
func (w *writer) wait(done <-chan error) error {
	select {
	case err := <-done:
		return err
	default:
	}
	select {
	case w.flush <- struct{}{}:
	default: // another walker waits as well
	}
	return <-done
}

// do queues a change and waits for it.
func (w *writer) do(apply func(*store.Tx) error) error { return w.wait(w.submit(apply, nil)) }

// run writes until the queue is closed. The end of ctx does not interrupt it, since what was fetched
// is to be stored; but from then on it does not wait long for a file in use.
func (w *writer) run(ctx context.Context) {
	waiting, stopWaiting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWaiting()
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			stopWaiting()
		case <-waiting.Done():
		}
	})()
	for first := range w.queue {
		w.write(waiting, w.gather(first))
	}
}

// write stores a batch. A change that fails is left out of it, since it rolled back the others.
func (w *writer) write(ctx context.Context, batch []change) {
	for len(batch) > 0 {
		failedIndex, err := w.commit(ctx, batch)
		if failedIndex >= 0 {
			batch[failedIndex].done <- err
			batch = slices.Delete(batch, failedIndex, failedIndex+1)
			continue
		}
		w.failed = err
		for _, c := range batch {
			if err == nil && c.stored != nil {
				c.stored()
			}
			c.done <- err
		}
		return
	}
}

// gather adds to first what comes until a walker waits or maxDelay is over, and what is queued then.
func (w *writer) gather(first change) []change {
	batch := []change{first}
	over := time.After(maxDelay)
	for len(batch) < w.maxBatch {
		select {
		case c, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, c)
		case <-w.flush:
			return w.drain(batch)
		case <-over:
			return w.drain(batch)
		}
	}
	return batch
}

// drain adds to a batch what is queued. Only the writer takes from the queue.
func (w *writer) drain(batch []change) []change {
	for len(batch) < w.maxBatch && len(w.queue) > 0 {
		batch = append(batch, <-w.queue)
	}
	return batch
}

// commit applies a batch in one transaction. failedIndex is the change that failed, or -1: with an
// error and -1, the database did.
func (w *writer) commit(ctx context.Context, batch []change) (failedIndex int, err error) {
	failedIndex = -1
	if w.failed != nil {
		return failedIndex, w.failed
	}
	err = w.db.Update(ctx, func(tx *store.Tx) error {
		for i, c := range batch {
			if err := c.apply(tx); err != nil {
				failedIndex = i
				return err
			}
		}
		if w.beforeCommit == nil {
			return nil
		}
		return w.beforeCommit(tx)
	})
	return failedIndex, err
}
