package store

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// LockSync takes the lock that only one sync, or one rewrite of the file, may hold; it returns
// ErrSyncRunning at once when another has it. The lock is on a file beside the database that
// stays there: one that was removed could be locked by two. The system gives the lock back when the
// process ends, however it ends. Whoever has it also clears up after processes that were killed.
func (db *DB) LockSync() (unlock func() error, err error) {
	if err := createFolder(filepath.Dir(db.path)); err != nil {
		return nil, err
	}
	lock := flock.New(db.path+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock database %s: %w", db.path, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", db.path, ErrSyncRunning)
	}
	removeLeftovers(db.path)
	return lock.Unlock, nil
}
