package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// DefaultPath is where the database is unless the user says otherwise: in the data folder of
// the platform. A relative XDG_DATA_HOME is ignored, as its specification demands.
func DefaultPath(getenv func(string) string) (string, error) {
	dir, err := dataFolder(runtime.GOOS, getenv)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return filepath.Join(dir, "trunkstat", "trunkstat.db"), nil
}

func dataFolder(goos string, getenv func(string) string) (string, error) {
	if goos == "windows" {
		if dir := getenv("LocalAppData"); dir != "" {
			return dir, nil
		}
		return "", errors.New("LocalAppData is not set")
	}
	if dir := getenv("XDG_DATA_HOME"); goos != "darwin" && filepath.IsAbs(dir) {
		return dir, nil
	}
	home := getenv("HOME")
	if home == "" {
		return "", errors.New("HOME is not set")
	}
	if goos == "darwin" {
		return filepath.Join(home, "Library", "Application Support"), nil
	}
	return filepath.Join(home, ".local", "share"), nil
}

// resolve follows symbolic links, also to a file that does not exist yet: filepath.EvalSymlinks returns an
// error for one. Locks and temporary files belong beside the file itself, so that all paths to it share
// them.
func resolve(path string) string {
	for range 40 { // as many as Linux follows
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// createFolder leaves a folder that exists as it is, whatever its mode.
func createFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the folder of the database: %w", err)
	}
	return nil
}

// LockSync takes the lock that only one sync, or one rewrite of the file, may hold, whatever path
// leads to the database; it returns ErrSyncRunning at once when another process has it. The lock is on
// a file beside the database that stays there: a removed one could be locked twice. The system releases
// the lock when the process ends, however it ends. LockSync also removes what killed processes left.
func (db *DB) LockSync() (unlock func() error, err error) {
	real := resolve(db.path)
	if err := createFolder(filepath.Dir(real)); err != nil {
		return nil, err
	}
	// The lock is on a file of its own: bbolt's lock on the database is held for a transaction only.
	lock := flock.New(real+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock database %s: %w", db.path, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", db.path, ErrSyncRunning)
	}
	removeLeftovers(real)
	return lock.Unlock, nil
}

// size returns the length of the database file.
func (db *DB) size() (int64, error) {
	info, err := os.Stat(resolve(db.path))
	if err != nil {
		return 0, openError(db.path, err)
	}
	return info.Size(), nil
}
