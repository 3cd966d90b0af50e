package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// asNobody runs f without the rights of root, to whom every file is open.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() == 0 {
		if err := syscall.Seteuid(65534); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := syscall.Seteuid(0); err != nil {
				t.Fatal(err)
			}
		}()
	}
	f()
}

func TestPermissions(t *testing.T) {
	dir := t.TempDir()
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	db := Open(filepath.Join(dir, "trunkstat.db"))
	fillAll(t, db)
	nothing := func(*Tx) error { return nil }
	denied := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: error is %v", what, err)
		}
	}
	mode := func(name string, mode fs.FileMode) {
		t.Helper()
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}

	mode(db.Path(), 0o444)
	mode(dir, 0o555)
	asNobody(t, func() {
		if err := db.View(t.Context(), nothing); err != nil {
			t.Errorf("a file to be read only: %v", err)
		}
		if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("check of a file to be read only: %v, %v", found, err)
		}
		denied("update", db.Update(t.Context(), nothing))
		_, _, err := db.Compact(t.Context())
		denied("compact", err)
		_, err = db.LockSync()
		denied("lock", err)
		denied("backup", db.Backup(t.Context(), filepath.Join(dir, "copy")))
		denied("create", Open(filepath.Join(dir, "other.db")).Update(t.Context(), nothing))
		denied("folder", Open(filepath.Join(dir, "new", "other.db")).Update(t.Context(), nothing))
	})
	mode(db.Path(), 0o200)
	asNobody(t, func() {
		denied("view", db.View(t.Context(), nothing))
		denied("update", db.Update(t.Context(), nothing))
	})
	mode(dir, 0o755)
	if err := Open(dir).View(t.Context(), nothing); !errors.Is(err, ErrForeign) {
		t.Errorf("a folder: %v", err)
	}
}

// TestFull fills a small file system: what was stored stays, and there is an error that says why.
func TestFull(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a file system is filled")
	}
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a file system of its own is not to be had: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, 0) })
	db := Open(filepath.Join(dir, "trunkstat.db"))
	h := newHistory(1, 9)
	stored := map[Hash]Commit{}
	for {
		commits := h.take(200)
		err := db.Update(t.Context(), func(tx *Tx) error {
			_, err := tx.PutCommits(uuidOf(0), commits)
			r := repositoryOf(0, Hash{})
			r.NeedsSweep = true
			return errors.Join(err, putRooted(tx, r))
		})
		if err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("error is %v", err)
			}
			break
		}
		for _, c := range commits {
			stored[c.Hash] = c
		}
	}
	view(t, db, func(tx *Tx) error { sameFacts(t, tx, uuidOf(0), stored); return nil })
	if _, _, err := db.Compact(t.Context()); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("compact: %v", err)
	}
	if err := db.Backup(t.Context(), filepath.Join(dir, "copy")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("backup: %v", err)
	}
	leftovers(t, db.Path())
	if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}

// TestCompactThroughLink keeps a link a link.
func TestCompactThroughLink(t *testing.T) {
	real := newDB(t)
	fillAll(t, real)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(real.Path(), link); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(link).Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != real.Path() {
		t.Errorf("the link leads to %q, error %v", to, err)
	}
	if found, err := real.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
	leftovers(t, link)
	leftovers(t, real.Path())
}
