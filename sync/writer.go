package sync

import (
	"context"

	"trunkstat/store"
)

// batchSize bounds how many changes share a transaction, and with it the time for which
// reports have to wait.
const batchSize = 64

// A writer is the only one who changes the database during a run. Changes that come in while
// it writes share the next transaction.
type writer struct {
	db    *store.DB
	queue chan change
	also  func(*store.Tx) error // joins every transaction
}

// A change is applied once or not at all; done tells which. apply may run twice if the
// transaction of the first time was rolled back, so it keeps its results until then.
type change struct {
	apply func(*store.Tx) error
	done  chan error
}

func newWriter(db *store.DB, also func(*store.Tx) error) *writer {
	return &writer{db: db, queue: make(chan change, batchSize), also: also}
}

// submit queues a change. The returned channel yields its outcome once.
func (w *writer) submit(apply func(*store.Tx) error) <-chan error {
	done := make(chan error, 1)
	w.queue <- change{apply, done}
	return done
}

// do queues a change and waits for it.
func (w *writer) do(apply func(*store.Tx) error) error { return <-w.submit(apply) }

// run writes until the queue is closed. It is not to be interrupted: what was fetched is stored.
func (w *writer) run(ctx context.Context) {
	for first := range w.queue {
		batch := w.gather(first)
		err := w.commit(ctx, batch)
		if err != nil && len(batch) > 1 {
			// One of them spoiled it for all: each for itself.
			for i := range batch {
				batch[i].done <- w.commit(ctx, batch[i:i+1])
			}
			continue
		}
		for _, c := range batch {
			c.done <- err
		}
	}
}

// gather adds to first what is waiting already.
func (w *writer) gather(first change) []change {
	batch := []change{first}
	for len(batch) < batchSize {
		select {
		case c, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

func (w *writer) commit(ctx context.Context, batch []change) error {
	return w.db.Update(ctx, func(tx *store.Tx) error {
		for _, c := range batch {
			if err := c.apply(tx); err != nil {
				return err
			}
		}
		if w.also == nil {
			return nil
		}
		return w.also(tx)
	})
}
