package sync

import (
	"context"
	"time"

	"trunkstat/store"
)

const (
	// maxBatch bounds how many changes share a transaction, and with it how long reports wait.
	maxBatch = 64

	// grace is how long the writer waits for a file in use once the run is interrupted. What is
	// not stored by then is fetched again by the next run.
	grace = 500 * time.Millisecond
)

// A writer makes all changes to the database during a run, in the order in which they come. Changes that
// come in while it waits for the file share a transaction. The first that fails ends the run: those of the
// same transaction are rolled back with it, and nothing is tried after it.
type writer struct {
	db           *store.DB
	queue        chan change
	beforeCommit func(*store.Tx) error // joins every transaction
	maxBatch     int                   // changes in a transaction
}

// A change is applied once. done is told when it is stored, or why it is not.
type change struct {
	apply func(*store.Tx) error
	done  func(error)
}

func newWriter(db *store.DB, maxBatch int, beforeCommit func(*store.Tx) error) *writer {
	return &writer{db, make(chan change, maxBatch), beforeCommit, maxBatch}
}

// submit queues a change.
func (w *writer) submit(apply func(*store.Tx) error, done func(error)) {
	w.queue <- change{apply, done}
}

// do queues a change and waits until it is stored.
func (w *writer) do(apply func(*store.Tx) error) error {
	done := make(chan error, 1)
	w.submit(apply, func(err error) { done <- err })
	return <-done
}

// run writes until the queue is closed. The end of ctx does not interrupt it, since what was fetched
// is to be stored; but from then on it does not wait long for a file in use.
func (w *writer) run(ctx context.Context) {
	waiting, stopWaiting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWaiting()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, stopWaiting) })()
	var failed error
	for first := range w.queue {
		batch := []change{first}
		if failed == nil {
			batch, failed = w.write(waiting, first)
		}
		for _, c := range batch {
			c.done(failed)
		}
	}
}

// write stores a change, and those that are queued when the file is open, in one transaction.
func (w *writer) write(ctx context.Context, first change) (batch []change, err error) {
	batch = []change{first}
	err = w.db.Update(ctx, func(tx *store.Tx) error {
		for len(batch) < w.maxBatch && len(w.queue) > 0 { // only the writer takes from the queue
			batch = append(batch, <-w.queue)
		}
		for _, c := range batch {
			if err := c.apply(tx); err != nil {
				return err
			}
		}
		return w.beforeCommit(tx)
	})
	return batch, inStore(err)
}
