package store

import (
	"errors"
	"fmt"
)

// What callers branch on. Every error that wraps one of these names the path of the file.
var (
	// ErrNoDatabase is returned by View when there is no file: nothing was synced yet.
	ErrNoDatabase = errors.New("there is no database yet")
	// ErrSyncRunning is returned by LockSync while another process holds the lock.
	ErrSyncRunning = errors.New("another sync is running")
	// ErrInUse is returned when others kept the file to themselves for longer than DB.Patience.
	ErrInUse = errors.New("database is in use")
	// ErrNewer is returned for a file that a newer version of this program wrote.
	ErrNewer = errors.New("database was written by a newer version")
	// ErrDamaged is returned when what is in the file cannot be what was written to it.
	ErrDamaged = errors.New("database is damaged")
	// ErrBeyondRepair is the ErrDamaged of a file of which Repair can save nothing.
	ErrBeyondRepair = fmt.Errorf("%w beyond repair", ErrDamaged)
	// ErrForeign is returned for a file that is not one of ours. It is never written to.
	ErrForeign = errors.New("not a trunkstat database")
)

// errBusy is the outcome of one try at a file that another process has locked.
var errBusy = errors.New("locked by another process")
