package store

import (
	"context"
	"fmt"
	"os"
)

// Compact writes the file anew with full pages and puts the new one in its place: it becomes as
// small as it can be, and ordered by date inside. A crash at any moment leaves the old file or
// the new. It returns the sizes before and after, ErrSyncRunning while a sync runs, and
// ErrDamaged, with nothing changed, where anything is not sound.
func (db *DB) Compact(ctx context.Context) (before, after int64, err error) {
	// What an older version wrote is migrated first, and a file that is not there said so.
	if err := db.View(ctx, func(*Tx) error { return nil }); err != nil {
		return 0, 0, err
	}
	if before, err = db.size(); err != nil {
		return 0, 0, err
	}
	if _, err := db.rewriteFile(ctx, false); err != nil {
		return before, before, err
	}
	after, err = db.size()
	return before, after, err
}

func (db *DB) size() (int64, error) {
	info, err := os.Stat(db.path)
	if err != nil {
		return 0, fmt.Errorf("database: %w", err)
	}
	return info.Size(), nil
}
