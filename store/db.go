package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// A DB is the path of a database. It holds nothing open: View and Update open the file for one
// transaction and close it, so that a sync and reports get along. It is safe for concurrent use.
type DB struct {
	// Waiting is called once in a View or Update when the file has been in use for a second.
	Waiting func(waited time.Duration)
	// Patience is how long to wait for a file in use before ErrInUse; 0 is 30 seconds.
	Patience time.Duration

	path    string
	steps   []step        // the package's own but in tests of migration
	writing chan struct{} // holds a token while a transaction of this DB writes

	safe    sync.Map // paths of buckets, see Tx.safe
	filters filters  // for the transaction that writes

	mu        sync.Mutex
	lastWrite time.Time // end of the last Update of this DB
}

// writeGap is what Update leaves between two transactions of one DB, so that the readers of
// other processes find the file free: with none they starve, with 5 ms they wait 15 on average.
const writeGap = 5 * time.Millisecond

// Open names a database. It does no I/O; the file need not exist.
func Open(path string) *DB {
	return &DB{path: path, steps: steps, writing: make(chan struct{}, 1), filters: filters{from: filterFrom}}
}

// Path returns the path that Open was given.
func (db *DB) Path() string { return db.path }

// View runs f in a read transaction: a snapshot that no writer changes. It never creates or
// changes a file, but for bringing one of an older version up to date, and returns
// ErrNoDatabase where there is none. What f gets from tx is its own and stays valid, but for
// what a method says of itself. Writers wait until f returns: keep it short, and let it not
// wait for a reader of its output.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	err := db.view(ctx, f)
	if !errors.Is(err, errOlder) {
		return err
	}
	if err := db.Update(ctx, func(*Tx) error { return nil }); err != nil {
		return err
	}
	return db.view(ctx, f)
}

// errOlder makes View migrate first, which it cannot do itself: it opens the file read-only.
var errOlder = errors.New("database is of an older version")

func (db *DB) view(ctx context.Context, f func(*Tx) error) error {
	h, err := db.open(ctx, db.newWait(), false)
	if err != nil {
		return err
	}
	return h.run(func() error {
		return h.bolt.View(func(b *bbolt.Tx) error {
			v, err := readVersion(b, db.path, newest(db.steps))
			if err != nil {
				return err
			}
			if v < newest(db.steps) {
				return errOlder
			}
			tx, err := newTx(b, db)
			if err != nil {
				return err
			}
			return f(tx)
		})
	})
}

// Update runs f in the only write transaction there is. When f returns nil everything that it
// wrote is on the disk, whatever happens next; when it returns an error nothing of it is. The
// file is created (0600, its folder 0700) where there is none.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	w := db.newWait()
	done, err := db.takeTurn(ctx, w)
	if err != nil {
		return err
	}
	defer done()
	h, err := db.open(ctx, w, true)
	if errors.Is(err, ErrNoDatabase) {
		if err := create(db.path); err != nil {
			return err
		}
		h, err = db.open(ctx, w, true)
	}
	if err != nil {
		return err
	}
	return h.run(func() error {
		return h.bolt.Update(func(b *bbolt.Tx) error {
			tx, err := db.newWriteTx(b)
			if err != nil {
				return err
			}
			db.filters.begin(b, h.info)
			tx.filters = &db.filters
			if err := f(tx); err != nil {
				return err
			}
			return tx.flush()
		})
	})
}

func (db *DB) newWriteTx(b *bbolt.Tx) (*Tx, error) {
	v, err := readVersion(b, db.path, newest(db.steps))
	if err != nil {
		return nil, err
	}
	if err := migrate(b, v, db.steps); err != nil {
		return nil, err
	}
	return newTx(b, db)
}

// takeTurn waits until no other Update of this DB runs, and for the gap after the last one.
func (db *DB) takeTurn(ctx context.Context, w *wait) (done func(), err error) {
	for taken := false; !taken; {
		select {
		case db.writing <- struct{}{}:
			taken = true
		default:
			if err := w.pause(ctx); err != nil {
				return nil, err
			}
		}
	}
	done = func() {
		db.mu.Lock()
		db.lastWrite = time.Now()
		db.mu.Unlock()
		<-db.writing
	}
	db.mu.Lock()
	gap := writeGap - time.Since(db.lastWrite)
	db.mu.Unlock()
	if err := sleep(ctx, gap); err != nil {
		<-db.writing
		return nil, fmt.Errorf("open database %s: %w", db.path, err)
	}
	return done, nil
}
