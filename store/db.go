package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// A DB is the path of a database. It holds nothing open: View and Update open the file for one
// transaction and close it, so that a sync and reports get along. It is safe for concurrent use.
type DB struct {
	// Waiting is called once in a View or Update when the file has been in use for a second.
	Waiting func(waited time.Duration)
	// Timeout is how long to wait for a file in use before ErrInUse; 0 is 30 seconds, NoTimeout for ever.
	Timeout time.Duration

	path    string
	file    string        // read in place of the file at path; empty: that file
	writing chan struct{} // holds a token while a transaction of this DB writes

	mu        sync.Mutex
	lastWrite time.Time   // end of the last Update of this DB
	pinned    os.FileInfo // the file that Pin found; nil: Pin was not called
}

// NoTimeout makes a DB wait until the file is free or the context ends.
const NoTimeout time.Duration = -1

const (
	defaultTimeout = 30 * time.Second
	notifyAfter    = time.Second
	pollInterval   = 2 * time.Millisecond // well below writeGap

	// writeGap is what Update leaves between two transactions of one DB, so that readers in other
	// processes find the file free: without a gap they starve, with 5 ms they wait 15 ms on average.
	writeGap = 5 * time.Millisecond
)

// Open names a database. It does no I/O; the file need not exist. A path that leads through a
// symbolic link stands for the file behind it, also where that does not exist yet.
func Open(path string) *DB { return &DB{path: path, writing: make(chan struct{}, 1)} }

// Pin makes every later transaction of this DB return ErrReplaced where the file is not the one that is
// there now. A sync pins its file: what it is about to store has its place in that file alone.
func (db *DB) Pin() {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.pinned, _ = os.Stat(db.realPath())
	os.SameFile(db.pinned, db.pinned) // on Windows, package os looks only now which file this is
}

// checkPinned compares the file that is at the path with the pinned one.
func (db *DB) checkPinned() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.pinned == nil {
		return nil
	}
	if current, err := os.Stat(db.realPath()); err != nil || !os.SameFile(db.pinned, current) {
		return fmt.Errorf("%s: %w", db.path, ErrReplaced)
	}
	return nil
}

// realPath is where the file is, behind symbolic links.
func (db *DB) realPath() string {
	if db.file != "" {
		return db.file
	}
	return resolve(db.path)
}

// Path returns the path that Open was given.
func (db *DB) Path() string { return db.path }

// A Tx is one transaction, for one goroutine. It is valid until the function that it was given to
// returns. Iterators over a Tx must not be pulled with iter.Pull: a memory fault on a damaged page is
// caught on the goroutine of View or Update alone.
type Tx struct {
	bolt *bbolt.Tx
	db   *DB

	authors map[uint32]Author // read so far
	numbers map[Author]uint32 // found or given out so far
}

// newTx returns ErrBeyondRepair where the top of the file cannot be read.
func newTx(b *bbolt.Tx, db *DB) (*Tx, error) {
	err := guard(db.path, func() error {
		if err := checkVersion(b, db.path); err != nil {
			return err
		}
		for _, name := range topNames {
			if b.Bucket(name) == nil {
				return damaged(db.path, "bucket %s is missing", name)
			}
		}
		return nil
	})
	if errors.Is(err, ErrDamaged) && !errors.Is(err, ErrBeyondRepair) {
		_, what, _ := strings.Cut(err.Error(), ErrDamaged.Error()+": ")
		err = beyondRepair(db.path, what)
	}
	return &Tx{bolt: b, db: db, authors: map[uint32]Author{}, numbers: map[Author]uint32{}}, err
}

func (tx *Tx) damaged(format string, args ...any) error { return damaged(tx.db.path, format, args...) }

// View runs f in a read transaction: a snapshot that no writer changes. It never creates or changes
// a file, and returns ErrNoDatabase where there is none. Writers wait until f returns: keep it short,
// and do not write to a pipe in it.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	return db.view(ctx, openOptions{}, f)
}

func (db *DB) view(ctx context.Context, options openOptions, f func(*Tx) error) error {
	h, err := db.open(ctx, db.newWait(), options)
	if err != nil {
		return err
	}
	return h.run(func() error {
		return h.transact(false, func(b *bbolt.Tx) error {
			tx, err := newTx(b, db)
			if err != nil {
				return err
			}
			return f(tx)
		})
	})
}

// Update runs f in the only write transaction there is. When f returns nil, everything that it wrote
// is on the disk; when it returns an error, nothing of it is. The file is created (0600, its folder
// 0700) where there is none.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	w := db.newWait()
	done, err := db.takeTurn(ctx, w)
	if err != nil {
		return err
	}
	defer done()
	h, err := db.open(ctx, w, openOptions{write: true})
	if errors.Is(err, ErrNoDatabase) {
		if err := create(db.path); err != nil {
			return err
		}
		h, err = db.open(ctx, w, openOptions{write: true})
	}
	if err != nil {
		return err
	}
	return h.run(func() error {
		return h.transact(true, func(b *bbolt.Tx) error {
			tx, err := newTx(b, db)
			if err != nil {
				return err
			}
			return f(tx)
		})
	})
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

// A wait is how long one View or Update has waited for other processes.
type wait struct {
	db       *DB
	begun    time.Time
	notified bool
}

func (db *DB) newWait() *wait { return &wait{db: db, begun: time.Now()} }

// pause is called after each attempt that found the file in use.
func (w *wait) pause(ctx context.Context) error {
	waited, timeout := time.Since(w.begun), w.db.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	if timeout > 0 && waited >= timeout {
		return fmt.Errorf("%s: %w by another process: gave up after %v", w.db.path, ErrInUse, timeout)
	}
	if waited >= notifyAfter && !w.notified {
		w.notified = true
		if w.db.Waiting != nil {
			w.db.Waiting(waited)
		}
	}
	if err := sleep(ctx, pollInterval); err != nil {
		return fmt.Errorf("open database %s: %w", w.db.path, err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
