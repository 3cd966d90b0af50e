package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/gofrs/flock"
)

// A seized is a file that nobody else reads or writes.
type seized struct {
	unlockSync func() error
	handle     *handle      // where bbolt could open it
	lock       *flock.Flock // where it is too damaged for that
}

// seize keeps a sync and everybody else out. Of a sync that runs it says so; others have the
// file for moments only, and are waited for.
func (db *DB) seize(ctx context.Context, damagedToo bool) (s *seized, err error) {
	s = &seized{}
	if s.unlockSync, err = db.LockSync(); err != nil {
		return nil, err
	}
	w := db.newWait()
	s.handle, err = db.open(ctx, w, true)
	if damagedToo && errors.Is(err, ErrDamaged) {
		err = s.lockDamaged(ctx, db, w)
	}
	if err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

// lockDamaged takes the lock that bbolt would take, on those systems where that is flock. On
// Windows it would lock bytes that are to be read, and nobody else can open such a file anyway.
func (s *seized) lockDamaged(ctx context.Context, db *DB, w *wait) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	s.lock = flock.New(db.path)
	for {
		ok, err := s.lock.TryLock()
		if err != nil {
			return fmt.Errorf("lock database %s: %w", db.path, err)
		}
		if ok {
			return nil
		}
		if err := w.pause(ctx); err != nil {
			return err
		}
	}
}

// release may be called more than once.
func (s *seized) release() {
	s.releaseFile()
	if s.unlockSync != nil {
		_ = s.unlockSync()
		s.unlockSync = nil
	}
}

// releaseFile lets go of the file, but still keeps a sync out.
func (s *seized) releaseFile() {
	if s.handle != nil {
		if err := guard(s.handle.path, s.handle.bolt.Close); err != nil {
			s.handle.abandon()
		}
		s.handle = nil
	}
	if s.lock != nil {
		_ = s.lock.Unlock()
		s.lock = nil
	}
}
