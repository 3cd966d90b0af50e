package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// A DB is the path of a database. It holds nothing open: View and Update open the file for one
// transaction and close it, because bbolt lets a process that writes keep all others out for as long as it
// has the file open. Opening costs 0.2 ms. A DB is safe for concurrent use.
type DB struct {
	// Waiting is called once in a View or Update when the file has been in use for a second.
	Waiting func()
	// Timeout is how long to wait for a file in use before ErrInUse; 0 is 30 seconds, NoTimeout for ever.
	Timeout time.Duration

	path string

	writing   sync.Mutex // held while a transaction of this DB writes
	lastWrite time.Time  // end of the last Update of this DB

	pinned atomic.Value // the os.FileInfo of the file that Pin found; nil before
}

// NoTimeout makes a DB wait until the file is free or the context ends.
const NoTimeout time.Duration = -1

const (
	defaultTimeout = 30 * time.Second
	notifyAfter    = time.Second          // a shorter wait is not worth a line on stderr
	pollInterval   = 2 * time.Millisecond // well below writeGap

	// writeGap is what Update leaves between two transactions of one DB, so that readers in other
	// processes find the file free: without a gap they starve, with 5 ms they wait 15 ms on average.
	writeGap = 5 * time.Millisecond
)

// Open names a database. It does no I/O; the file need not exist. A path that leads through a
// symbolic link stands for the file behind it, also where that does not exist yet.
func Open(path string) *DB { return &DB{path: path} }

// Pin makes every later transaction of this DB return ErrReplaced where the file is not the one that is
// there now. A sync pins its file: what it is about to store has its place in that file alone.
func (db *DB) Pin() {
	if info, err := os.Stat(resolve(db.path)); err == nil {
		os.SameFile(info, info) // on Windows, package os looks only now which file this is
		db.pinned.Store(info)
	}
}

// checkPinned compares the file that is at the path with the pinned one.
func (db *DB) checkPinned() error {
	pinned, ok := db.pinned.Load().(os.FileInfo)
	if !ok {
		return nil
	}
	if current, err := os.Stat(resolve(db.path)); err != nil || !os.SameFile(pinned, current) {
		return fmt.Errorf("%s: %w", db.path, ErrReplaced)
	}
	return nil
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
	return h.transact(f)
}

// Update runs f in the only write transaction there is. When f returns nil, everything that it wrote
// is on the disk; when it returns an error, nothing of it is. The file is created (0600, its folder
// 0700) where there is none.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	w := db.newWait()
	for !db.writing.TryLock() { // Lock would neither end with the context nor call Waiting
		if err := w.pause(ctx); err != nil {
			return err
		}
	}
	defer func() {
		db.lastWrite = time.Now()
		db.writing.Unlock()
	}()
	if err := w.sleep(ctx, writeGap-time.Since(db.lastWrite)); err != nil {
		return err
	}
	h, err := db.open(ctx, w, openOptions{write: true})
	// The file is not looked for before it is opened: between the two, another process could make one.
	if errors.Is(err, ErrNoDatabase) {
		if err := create(db.path); err != nil {
			return err
		}
		h, err = db.open(ctx, w, openOptions{write: true})
	}
	if err != nil {
		return err
	}
	return h.transact(f)
}

// A wait is how long one View or Update has waited for other processes. It goes on through all that is waited
// for, so that neither the limit nor the notice begins anew in between.
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
			w.db.Waiting()
		}
	}
	return w.sleep(ctx, pollInterval)
}

// sleep returns an error if the context ended before or meanwhile.
func (w *wait) sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() == nil && d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("open database %s: %w", w.db.path, err)
	}
	return nil
}
