package store

import (
	"errors"
	"fmt"
)

// The errors that callers branch on. Every error that wraps one of them names the path of the file.
var (
	// ErrNoDatabase is returned when there is no file: nothing was synced yet.
	ErrNoDatabase = errors.New("there is no database yet")
	// ErrSyncRunning is returned by LockSync while another process holds the lock.
	ErrSyncRunning = errors.New("another sync is running")
	// ErrInUse is returned when other processes kept the file for longer than DB.Timeout.
	ErrInUse = errors.New("database is in use")
	// ErrNewer is returned for a file that a newer version of this program wrote.
	ErrNewer = errors.New("database was written by a newer version")
	// ErrOlder is returned for a file of a layout that was never released; it is not migrated.
	ErrOlder = errors.New("database was written by an unreleased older version")
	// ErrDamaged is returned when what is in the file cannot be what was written to it.
	ErrDamaged = errors.New("database is damaged")
	// ErrBeyondRepair is the ErrDamaged of a file that Repair cannot read at all.
	ErrBeyondRepair = fmt.Errorf("%w beyond repair", ErrDamaged)
	// ErrForeign is returned for a file that is not a trunkstat database. It is never written to.
	ErrForeign = errors.New("not a trunkstat database")
	// ErrReplaced is returned by a sync whose file was removed or replaced while it ran.
	ErrReplaced = errors.New("database was removed or replaced during the sync")
)

// errBusy is the outcome of one attempt at a file that another process has locked.
var errBusy = errors.New("locked by another process")

// damaged describes what is wrong with the file at path. A key in the text has a precision, %.20x for
// example: that of a damaged page may be as long as the page.
func damaged(path, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", path, ErrDamaged, fmt.Sprintf(format, args...))
}

// beyondRepair says why not even Repair can read the file at path.
func beyondRepair(path string, cause any) error {
	return fmt.Errorf("%s: %w: %v", path, ErrBeyondRepair, cause)
}
