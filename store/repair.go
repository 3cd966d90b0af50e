package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// Repair writes the file anew with every repository that is whole, derives what is derived, and
// leaves out the commits of the others, so that the next sync fetches them again. It returns what it
// found; where Check finds nothing, it changes nothing. There must be room for two more files like it.
// It returns ErrSyncRunning while a sync runs, and ErrBeyondRepair for a file that cannot be read.
func (db *DB) Repair(ctx context.Context) (found []Finding, err error) {
	unlock, err := db.lockExisting(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	// A damaged page can make bbolt panic, and then the file stays mapped until the process ends.
	// Windows does not replace a mapped file, so a copy is read instead.
	copied, err := db.copyFile(ctx)
	if err != nil {
		return nil, fmt.Errorf("repair database: %w", err)
	}
	defer os.Remove(copied.file)
	if found, err = copied.Check(ctx); err != nil || len(found) == 0 {
		return nil, err
	}
	err = WriteFile(db.path, Replace, 0, func(f *os.File) error {
		if err := initialize(f.Name()); err != nil {
			return err
		}
		return copied.copyTo(ctx, Open(f.Name()))
	})
	if err != nil {
		return nil, fmt.Errorf("repair database: %w", err)
	}
	return found, nil
}

// copyFile returns a database whose file is a copy of this one's, and whose errors name this one.
func (db *DB) copyFile(ctx context.Context) (*DB, error) {
	temp, err := createTemp(db.realPath(), 0o600)
	if err != nil {
		return nil, err
	}
	err = db.View(ctx, func(*Tx) error {
		source, err := os.Open(db.realPath())
		if err != nil {
			return err
		}
		defer source.Close()
		_, err = io.Copy(temp, source)
		return err
	})
	copied := Open(db.path)
	copied.file = temp.Name()
	return copied, errors.Join(err, temp.Close())
}

// lockExisting is LockSync for a database that must be there and readable.
func (db *DB) lockExisting(ctx context.Context) (unlock func(), err error) {
	if err := db.View(ctx, func(*Tx) error { return nil }); err != nil {
		return nil, err
	}
	release, err := db.LockSync()
	if err != nil {
		return nil, err
	}
	return func() { _ = release() }, nil
}

// copyTo copies what is whole into an empty database.
func (db *DB) copyTo(ctx context.Context, dest *DB) error {
	var uuids []UUID
	err := db.View(ctx, func(tx *Tx) error {
		for key := range each(tx.bolt.Bucket(repositoriesName)) {
			uuids = append(uuids, UUID(key))
		}
		workspaces, err := tx.Workspaces()
		budgets, err2 := tx.Budgets()
		if err := notDamage(errors.Join(err, err2)); err != nil {
			return err
		}
		return dest.Update(ctx, func(out *Tx) error {
			for _, w := range workspaces {
				err = errors.Join(err, out.PutWorkspace(w))
			}
			for name, b := range budgets {
				err = errors.Join(err, out.PutBudget(name, b))
			}
			return notDamage(err)
		})
	})
	for _, uuid := range uuids {
		if err == nil || errors.Is(err, ErrDamaged) {
			err = db.copyRepository(ctx, dest, uuid)
		}
	}
	return notDamage(err)
}

// notDamage drops the errors that a repair expects.
func notDamage(err error) error {
	if errors.Is(err, ErrDamaged) {
		return nil
	}
	return err
}

// copyRepository copies a repository with its commits and its walk where all of that is whole, and
// else what it is called, with its floor.
func (db *DB) copyRepository(ctx context.Context, dest *DB, uuid UUID) error {
	err := db.copyWhole(ctx, dest, uuid)
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	return db.View(ctx, func(tx *Tx) error {
		r, _, err := tx.Repository(uuid)
		return dest.Update(ctx, func(out *Tx) error {
			if err := out.DeleteRepository(uuid); err != nil || r.UUID == "" {
				return notDamage(err)
			}
			r.Head, r.NeedsSweep, r.Roots, r.Unknown = Hash{}, false, nil, nil
			return errors.Join(notDamage(err), out.PutRepository(r))
		})
	})
}

// copyWhole returns ErrDamaged where something of the repository but its columns is not whole.
func (db *DB) copyWhole(ctx context.Context, dest *DB, uuid UUID) error {
	return db.View(ctx, func(tx *Tx) error {
		r, _, err := tx.Repository(uuid)
		if err != nil {
			return err
		}
		w, walking, err := tx.Walk(uuid)
		if err != nil {
			return err
		}
		found := &findings{}
		graph, _, err := tx.checkRecords(ctx, uuid, found)
		if err == nil {
			err = graph.check(ctx, &r, &w, walking, found)
		}
		if err != nil {
			return err
		}
		if len(found.list) > 0 {
			return tx.damaged("%s", found.list[0].What)
		}
		if err := tx.copyCommits(ctx, dest, uuid); err != nil {
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

// copyCommits copies the commits of a repository, a bounded number to a transaction.
func (tx *Tx) copyCommits(ctx context.Context, dest *DB, uuid UUID) error {
	const batch = 50_000
	var commits []Commit
	put := func() error {
		err := dest.Update(ctx, func(out *Tx) error { _, err := out.PutCommits(uuid, commits); return err })
		commits = commits[:0]
		return err
	}
	for h, r := range tx.records(uuid) {
		c, err := Commit{}, r.err
		if err == nil {
			c, err = tx.commit(h, &r.record)
		}
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
// sync runs, and ErrDamaged, with nothing changed, where Check finds something.
func (db *DB) Compact(ctx context.Context) (before, after int64, err error) {
	unlock, err := db.lockExisting(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer unlock()
	found, err := db.Check(ctx)
	if err == nil && len(found) > 0 {
		err = damaged(db.path, "%s", found[0].What)
	}
	if err != nil {
		return 0, 0, err
	}
	if before, err = db.size(); err != nil {
		return 0, 0, err
	}
	fill := func(tx *Tx, f *os.File) error { return compact(f.Name(), tx.bolt.DB()) }
	if renamesOverOpenFiles { // no other process writes until the new file is in place
		err = db.View(ctx, func(tx *Tx) error {
			return WriteFile(db.path, Replace, 0, func(f *os.File) error { return fill(tx, f) })
		})
	} else {
		err = namingTarget(db.replaceClosed(ctx, fill), db.path)
	}
	if err != nil {
		return before, before, fmt.Errorf("compact database: %w", err)
	}
	after, err = db.size()
	return before, after, err
}

// errWritten is returned where a transaction was written to a file after it was copied.
var errWritten = errors.New("the file was written to")

// replaceClosed puts a copy of the file in its place where the system does that with no open file. It
// makes the copy anew when another process has written since. Between closing the file and renaming there
// is less time than a transaction takes, which flushes the file to the disk.
func (db *DB) replaceClosed(ctx context.Context, fill func(*Tx, *os.File) error) error {
	real, w := db.realPath(), db.newWait()
	for {
		var temp string
		var last int // transaction that is in the copy
		err := db.View(ctx, func(tx *Tx) (err error) {
			last = tx.bolt.ID()
			temp, err = writeTemp(real, 0, func(f *os.File) error { return fill(tx, f) })
			return err
		})
		if err != nil {
			return err
		}
		for err = os.Rename(temp, real); isOpenElsewhere(err); err = os.Rename(temp, real) {
			if err = w.pause(ctx); err == nil {
				err = db.checkUnwritten(ctx, last)
			}
			if err != nil {
				break
			}
		}
		_ = os.Remove(temp)
		if !errors.Is(err, errWritten) {
			return err
		}
	}
}

// checkUnwritten returns errWritten unless a transaction is the last one.
func (db *DB) checkUnwritten(ctx context.Context, last int) error {
	return db.View(ctx, func(tx *Tx) error {
		if tx.bolt.ID() != last {
			return errWritten
		}
		return nil
	})
}

// compact copies all of source into the empty file at path.
func compact(path string, source *bbolt.DB) error {
	const bytesPerTransaction = 16 << 20
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
