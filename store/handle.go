package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// A handle is an open file for the time of one transaction.
type handle struct {
	bolt *bbolt.DB
	file *os.File // bbolt's own
	info os.FileInfo
	path string
}

// A wait is the patience of one View or Update with those who have the file.
type wait struct {
	db    *DB
	begun time.Time
	said  bool
}

const (
	pollInterval    = 2 * time.Millisecond // well below writeGap
	defaultPatience = 30 * time.Second
	sayWaitingAfter = time.Second
)

func (db *DB) newWait() *wait { return &wait{db: db, begun: time.Now()} }

// pause is called after each try that found the file in use.
func (w *wait) pause(ctx context.Context) error {
	waited := time.Since(w.begun)
	patience := w.db.Patience
	if patience == 0 {
		patience = defaultPatience
	}
	if waited >= patience {
		return fmt.Errorf("%s: %w by another process: gave up after %v",
			w.db.path, ErrInUse, patience)
	}
	if waited >= sayWaitingAfter && !w.said {
		w.said = true
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

// open tries until the file is free. bbolt's own loop looks only every 50 ms, knows no
// context, and meets the gaps that writers leave too rarely.
func (db *DB) open(ctx context.Context, w *wait, write bool) (*handle, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open database %s: %w", db.path, err)
	}
	for damages := 0; ; {
		h, err := tryOpen(db.path, write)
		switch {
		case err == nil:
			return h, nil
		case errors.Is(err, errBusy):
		case errors.Is(err, ErrDamaged) && damages < 3:
			// Without a lock a writer at work may look like damage: look again.
			damages++
		default:
			return nil, err
		}
		if err := w.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// tryOpen opens the file if nobody else has it, or returns errBusy.
func tryOpen(path string, write bool) (*handle, error) {
	if err := precheck(path); err != nil {
		return nil, err
	}
	h := &handle{path: path}
	options := &bbolt.Options{
		Timeout:      time.Millisecond, // one try
		ReadOnly:     !write,
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
			f, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
			if h.file == nil && err == nil { // a backup opens the file once more
				h.file = f
				h.info, _ = f.Stat() // nil is no file's
			}
			return f, err
		},
	}
	opened := false
	err := guard(path, func() (err error) {
		h.bolt, err = bbolt.Open(path, 0o600, options)
		opened = true
		return err
	})
	switch {
	case !opened: // bbolt panicked half-way; what it mapped is lost until the process ends
		h.abandon()
		return nil, err
	case err != nil:
		return nil, openError(path, err)
	case h.replaced():
		return nil, errors.Join(errBusy, h.bolt.Close())
	}
	return h, nil
}

// openError gives bbolt's errors our names; those of the system keep theirs.
func openError(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return errBusy
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s: %w", path, ErrNoDatabase)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum),
		errors.Is(err, berrors.ErrVersionMismatch):
		return damaged(path, "%v", err)
	}
	return fmt.Errorf("open database %s: %w", path, err)
}

// replaced reports whether the file that we locked is no longer the one at the path, because
// db compact put another there while we waited. What is written to it would be lost.
func (h *handle) replaced() bool {
	theirs, err := os.Stat(h.path)
	return err != nil || !os.SameFile(h.info, theirs)
}

// run runs f, which uses the open file, and closes it.
func (h *handle) run(f func() error) error {
	returned := false
	defer func() {
		if !returned {
			h.abandon()
		}
	}()
	err := guard(h.path, func() error {
		err := f()
		returned = true
		return err
	})
	if !returned {
		return err
	}
	if closed := guard(h.path, h.bolt.Close); closed != nil {
		return errors.Join(err, closed)
	}
	return err
}

// abandon gives up the lock where bbolt's own Close would wait for ever for a transaction
// that panicked half-way.
func (h *handle) abandon() {
	if h.file != nil {
		unlock(h.file)
		_ = h.file.Close()
	}
}
