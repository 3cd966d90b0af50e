package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"go.etcd.io/bbolt"
)

// Repair writes the file anew with every repository that is whole, derives what is derived, and
// leaves out the commits of the others, so that the next sync fetches them again. It returns what it
// found, of which Check finds nothing any more; where Check finds nothing, it changes nothing. There must be
// room for another file like it. It returns ErrSyncRunning while a sync runs, and ErrBeyondRepair for a file
// that cannot be read. What a process that is no sync writes meanwhile is lost: what auth login says of a
// credential, whose secret is in the keychain.
func (db *DB) Repair(ctx context.Context) (found []Finding, err error) {
	source, done, err := db.lockRewrite(ctx) // a sync that wrote meanwhile would lose what it wrote
	if err != nil {
		return nil, err
	}
	defer done()
	found, whole, err := source.check(ctx)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	// The copy is written through View and Update like any database, so that it can hold nothing that they
	// refuse.
	err = WriteFile(db.path, Replace, 0, func(f *os.File) error {
		if err := initialize(f.Name()); err != nil {
			return err
		}
		return source.copyTo(ctx, Open(f.Name()), whole)
	})
	if err != nil {
		return nil, fmt.Errorf("repair database: %w", err)
	}
	return found, nil
}

// lockRewrite takes the lock of a sync for a database that must be there and readable, and returns the
// database to read while the file is written anew. That is the database itself. Windows does not replace a
// file that is open, or that a damaged page left mapped: there it is a copy, so there must be room for one
// more file.
func (db *DB) lockRewrite(ctx context.Context) (source *DB, done func(), err error) {
	if err := db.View(ctx, func(*Tx) error { return nil }); err != nil {
		return nil, nil, err
	}
	unlock, err := db.LockSync()
	if err != nil {
		return nil, nil, err
	}
	if renamesOverOpenFiles {
		return db, func() { _ = unlock() }, nil
	}
	var temp string
	err = db.View(ctx, func(*Tx) (err error) {
		temp, err = writeTemp(resolve(db.path), 0, func(f *os.File) error {
			file, err := os.Open(db.path)
			if err != nil {
				return err
			}
			defer file.Close()
			_, err = io.Copy(f, file)
			return err
		})
		return err
	})
	if err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return Open(temp), func() { _ = os.Remove(temp); _ = unlock() }, nil
}

// copyTo copies what can be read into an empty database; of the repositories, the commits of those that are
// whole.
func (db *DB) copyTo(ctx context.Context, dest *DB, whole map[UUID]bool) error {
	err := db.View(ctx, func(tx *Tx) error {
		workspaces, err := tx.Workspaces()
		budgets, err2 := tx.Budgets()
		if err := notDamage(errors.Join(err, err2)); err != nil {
			return err
		}
		return dest.Update(ctx, func(out *Tx) error {
			var err error
			for _, w := range workspaces {
				err = errors.Join(err, out.PutWorkspace(w))
			}
			for name, b := range budgets {
				err = errors.Join(err, out.PutBudget(name, b))
			}
			return err
		})
	})
	if err = notDamage(err); err != nil {
		return err
	}
	for _, uuid := range slices.Sorted(maps.Keys(whole)) {
		err := db.copyRepository(ctx, dest, uuid, whole[uuid])
		if whole[uuid] && errors.Is(err, ErrDamaged) { // an author of its commits
			err = db.copyRepository(ctx, dest, uuid, false)
		}
		if err = notDamage(err); err != nil {
			return err
		}
	}
	return nil
}

// notDamage drops the errors that a repair expects.
func notDamage(err error) error {
	if errors.Is(err, ErrDamaged) {
		return nil
	}
	return err
}

// copyRepository copies a whole repository with its commits and its walk, and of another one what it is
// called, with its floor.
func (db *DB) copyRepository(ctx context.Context, dest *DB, uuid UUID, whole bool) error {
	return db.View(ctx, func(tx *Tx) error {
		r, _, err := tx.Repository(uuid)
		if err != nil {
			return err
		}
		if !whole {
			// With no head and no walk, the next sync takes it for one that it has never synced.
			r.Head, r.NeedsSweep, r.Roots, r.Unknown = Hash{}, false, nil, nil
			return dest.Update(ctx, func(out *Tx) error {
				return errors.Join(out.DeleteRepository(uuid), out.PutRepository(r)) // part of it may be there
			})
		}
		w, walking, err := tx.Walk(uuid)
		if err == nil {
			err = tx.copyCommits(ctx, dest, uuid)
		}
		if err != nil {
			return err
		}
		return dest.Update(ctx, func(out *Tx) error {
			if walking {
				err = out.PutWalk(uuid, w)
			}
			return errors.Join(err, out.PutRepository(r))
		})
	})
}

// copyCommits copies the commits of a repository, a bounded number to a transaction, because bbolt keeps in
// memory what a transaction writes. Columns and the numbers of authors are made anew.
func (tx *Tx) copyCommits(ctx context.Context, dest *DB, uuid UUID) error {
	const batch = 50_000 // some 50 MB of memory, and half a second
	var commits []Commit
	put := func() error {
		err := dest.Update(ctx, func(out *Tx) error { _, err := out.PutCommits(uuid, commits); return err })
		commits = commits[:0]
		return err
	}
	for c, err := range tx.Commits(uuid) {
		if err != nil {
			return err
		}
		if commits = append(commits, c); len(commits) == batch {
			if err := put(); err != nil {
				return err
			}
		}
	}
	return put()
}

// Compact writes the file anew with full pages and puts the new one in its place. A crash at any
// moment leaves the old file or the new. It returns the sizes before and after, ErrSyncRunning while a
// sync runs, and ErrDamaged, with nothing changed, where Check finds something: a copy would hide what is
// wrong. Others can read meanwhile, and write afterwards; on Windows, where a copy is read, what they write
// meanwhile is lost, as with Repair.
func (db *DB) Compact(ctx context.Context) (before, after int64, err error) {
	source, done, err := db.lockRewrite(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer done()
	found, err := source.Check(ctx)
	if err == nil && len(found) > 0 {
		err = damaged(db.path, "%s", found[0].What)
	}
	if err != nil {
		return 0, 0, err
	}
	// The sizes are of the file at the path, also where a copy of it is read.
	if before, err = db.size(); err != nil {
		return 0, 0, err
	}
	err = source.View(ctx, func(tx *Tx) error { // until the new file is in place, no other process writes
		return WriteFile(db.path, Replace, 0, func(f *os.File) error { return compact(f.Name(), tx.bolt.DB()) })
	})
	if err != nil {
		return before, before, fmt.Errorf("compact database: %w", err)
	}
	after, err = db.size()
	return before, after, err
}

// compact copies all of source into the empty file at path.
func compact(path string, source *bbolt.DB) error {
	const bytesPerTransaction = 16 << 20 // bbolt keeps in memory what a transaction writes
	dest, err := openNew(path)
	if err != nil {
		return err
	}
	err = bbolt.Compact(dest, source, bytesPerTransaction)
	var size int64
	if err == nil {
		err = dest.View(func(b *bbolt.Tx) error { size = b.Size(); return nil })
	}
	if err := errors.Join(err, dest.Close()); err != nil {
		return err
	}
	return os.Truncate(path, size) // bbolt grows a file ahead of its pages
}
