package sync

import (
	"context"
	"slices"
	"time"

	"trunkstat/store"
)

const (
	// batchSize bounds how many changes share a transaction, and with it the time for which
	// reports have to wait.
	batchSize = 128

	// linger is how long a change may wait for others to share its transaction, as long as nobody
	// waits for it: where pages come fast, that takes half of the processor's time.
	linger = 50 * time.Millisecond

	// grace is how long the writer waits for a file in use once the run is interrupted. What is
	// not stored by then is fetched again by the next run.
	grace = 500 * time.Millisecond
)

// A writer is the only one who changes the database during a run. Changes that come in while
// it writes share the next transaction.
type writer struct {
	db     *store.DB
	queue  chan change
	hurry  chan struct{}         // somebody waits for what is queued
	also   func(*store.Tx) error // joins every transaction
	failed error                 // of the database itself: nothing is tried after it
	most   int                   // changes in a transaction: batchSize, but in tests
}

// A change is applied once or not at all; done tells which. apply may run more than once if the
// transaction of the time before was rolled back, so its results are those of the last time.
type change struct {
	apply  func(*store.Tx) error
	stored func() // nil: nobody is to be told
	done   chan error
}

func newWriter(db *store.DB, also func(*store.Tx) error) *writer {
	return &writer{db: db, most: batchSize, queue: make(chan change, batchSize), hurry: make(chan struct{}, 1), also: also}
}

// submit queues a change. The returned channel yields its outcome once; see wait.
func (w *writer) submit(apply func(*store.Tx) error) <-chan error {
	return w.submitAndTell(apply, nil)
}

// submitAndTell is submit, and stored is called as soon as the change is stored, whoever waits for it.
func (w *writer) submitAndTell(apply func(*store.Tx) error, stored func()) <-chan error {
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
	case w.hurry <- struct{}{}:
	default: // somebody else waits as well
	}
	return <-done
}

// do queues a change and waits for it.
func (w *writer) do(apply func(*store.Tx) error) error { return w.wait(w.submit(apply)) }

// run writes until the queue is closed. The end of ctx does not interrupt it, since what was fetched
// is to be stored; but from then on it no longer waits for a file that others use.
func (w *writer) run(ctx context.Context) {
	waiting, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			giveUp()
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
		spoiler, err := w.commit(ctx, batch)
		if spoiler >= 0 {
			batch[spoiler].done <- err
			batch = slices.Delete(batch, spoiler, spoiler+1)
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

// gather adds to first what comes until somebody waits, or linger is over, and what is queued then.
func (w *writer) gather(first change) []change {
	batch := []change{first}
	over := time.After(linger)
	for len(batch) < w.most {
		select {
		case c, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, c)
		case <-w.hurry:
			return w.drain(batch)
		case <-over:
			return w.drain(batch)
		}
	}
	return batch
}

// drain adds to a batch what is queued. Nobody else takes from the queue.
func (w *writer) drain(batch []change) []change {
	for len(batch) < w.most && len(w.queue) > 0 {
		batch = append(batch, <-w.queue)
	}
	return batch
}

// commit applies a batch in one transaction. spoiler is the change that failed; with an error and
// none, the database did.
func (w *writer) commit(ctx context.Context, batch []change) (spoiler int, err error) {
	spoiler = -1
	if w.failed != nil {
		return spoiler, w.failed
	}
	err = w.db.Update(ctx, func(tx *store.Tx) error {
		for i, c := range batch {
			if err := c.apply(tx); err != nil {
				spoiler = i
				return err
			}
		}
		if w.also == nil {
			return nil
		}
		return w.also(tx)
	})
	return spoiler, err
}
