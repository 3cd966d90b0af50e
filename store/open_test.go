package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestViewCreatesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "trunkstat.db")
	err := Open(path).View(t.Context(), func(*Tx) error { return nil })
	if !errors.Is(err, ErrNoDatabase) || !strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	theirs := t.TempDir()
	if err := os.Chmod(theirs, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(theirs, "ours", "trunkstat.db")
	db := Open(path)
	update(t, db, func(*Tx) error { return nil })
	unlock, err := db.LockSync()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unlock() }()
	for name, want := range map[string]fs.FileMode{
		theirs: 0o755, filepath.Dir(path): 0o700, path: 0o600, path + ".lock": 0o600,
	} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v, error %v", name, info.Mode().Perm(), want, err)
		}
	}
	if left, _ := filepath.Glob(path + ".new-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUpdateRollsBack(t *testing.T) {
	db := newDB(t)
	mine := errors.New("mine")
	err := db.Update(t.Context(), func(tx *Tx) error {
		return errors.Join(tx.PutRepository(repositoryOf(1, Hash{1})), mine)
	})
	if !errors.Is(err, mine) {
		t.Errorf("error is %v", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "bug" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = db.Update(t.Context(), func(tx *Tx) error {
			_ = tx.PutRepository(repositoryOf(2, Hash{1}))
			panic("bug")
		})
	}()
	view(t, db, func(tx *Tx) error {
		all, err := tx.Repositories()
		if len(all) > 0 {
			t.Errorf("stored are %v", all)
		}
		return err
	})
}

// TestInUse has another process keep the file to itself.
func TestInUse(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	holder := start(t, "holder", path)
	if holder.line() != "held" {
		t.Fatal("the holder does not hold")
	}
	for name, open := range map[string]func(*DB, context.Context) error{
		"view":    func(db *DB, ctx context.Context) error { return db.View(ctx, func(*Tx) error { return nil }) },
		"update":  func(db *DB, ctx context.Context) error { return db.Update(ctx, func(*Tx) error { return nil }) },
		"check":   func(db *DB, ctx context.Context) error { _, err := db.Check(ctx); return err },
		"compact": func(db *DB, ctx context.Context) error { _, _, err := db.Compact(ctx); return err },
		"backup":  func(db *DB, ctx context.Context) error { return db.Backup(ctx, path+".backup") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := Open(path)
			db.Timeout = 1200 * time.Millisecond
			said := 0
			db.Waiting = func() { said++ }
			if err := open(db, t.Context()); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
				t.Errorf("error is %v", err)
			}
			if said != 1 {
				t.Errorf("waiting was said %d times", said)
			}
			ctx, cancel := context.WithCancel(t.Context())
			db.Timeout, db.Waiting = time.Hour, func() { cancel() }
			if err := open(db, ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: error is %v", err)
			}
		})
	}
}

// TestOneProcess has writers and readers of one DB, and of two, all at once.
func TestOneProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	dbs := []*DB{Open(path), Open(path)}
	const each = 5
	var group sync.WaitGroup
	for i := range 6 {
		db := dbs[i%2]
		group.Go(func() {
			for range each {
				err := db.Update(t.Context(), func(tx *Tx) error {
					b, err := tx.Budget("n")
					return errors.Join(err, tx.PutBudget("n", Budget{Spent: map[int64]int{0: b.Spent[0] + 1}}))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for range each {
				err := db.View(t.Context(), func(tx *Tx) error { _, err := tx.Budget("n"); return err })
				if err != nil && !errors.Is(err, ErrNoDatabase) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	view(t, dbs[0], func(tx *Tx) error {
		if b, err := tx.Budget("n"); b.Spent[0] != 6*each {
			t.Errorf("%d updates are stored, want %d, error %v", b.Spent[0], 6*each, err)
		}
		return nil
	})
}

func TestNested(t *testing.T) {
	db := newDB(t)
	db.Timeout = 20 * time.Millisecond
	update(t, db, func(*Tx) error {
		for name, err := range map[string]error{
			"update": db.Update(t.Context(), func(*Tx) error { return nil }),
			"view":   db.View(t.Context(), func(*Tx) error { return nil }),
		} {
			if !errors.Is(err, ErrInUse) {
				t.Errorf("%s within update: %v", name, err)
			}
		}
		return nil
	})
	view(t, db, func(*Tx) error {
		return db.View(t.Context(), func(*Tx) error { return nil })
	})
}

func TestLockSync(t *testing.T) {
	db := newDB(t)
	unlock, err := db.LockSync()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(db.Path()).LockSync(); !errors.Is(err, ErrSyncRunning) {
		t.Errorf("a second: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	unlock, err = Open(db.Path()).LockSync()
	if err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// TestReplaced writes through a lock that was waited for while the file was replaced: what
// goes to a file without a name is lost.
func TestReplaced(t *testing.T) {
	if !renamesOverOpenFiles {
		t.Skip("the system does not let a file be renamed while it is open")
	}
	db := newDB(t)
	update(t, db, func(tx *Tx) error { return nil })
	h, err := db.tryOpen(openOptions{write: true})
	if err != nil {
		t.Fatal(err)
	}
	if h.replaced() {
		t.Error("it was not")
	}
	if err := os.Rename(db.Path(), db.Path()+".old"); err != nil {
		t.Fatal(err)
	}
	if err := create(db.Path()); err != nil {
		t.Fatal(err)
	}
	if !h.replaced() {
		t.Error("it was")
	}
	if err := h.bolt.Close(); err != nil {
		t.Error(err)
	}
}

// TestLinks: a lock holds for the file that links lead to, and a link to no file yet makes that file.
func TestLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("symbolic links need a privilege there")
	}
	dir := t.TempDir()
	real := filepath.Join(dir, "data", "real.db")
	link, chain := filepath.Join(dir, "link.db"), filepath.Join(dir, "chain.db")
	if err := errors.Join(os.Symlink(filepath.Join("data", "real.db"), link), os.Symlink(link, chain)); err != nil {
		t.Fatal(err)
	}
	if err := Open(chain).View(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("a link to nothing: %v", err)
	}
	unlock, err := Open(chain).LockSync()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, real, filepath.Join(dir, ".", "data", "..", "data", "real.db")} {
		if _, err := Open(path).LockSync(); !errors.Is(err, ErrSyncRunning) {
			t.Errorf("a second sync through %s: %v", path, err)
		}
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	update(t, Open(chain), func(tx *Tx) error { return tx.PutWorkspace(Workspace{Slug: "acme"}) })
	if info, err := os.Lstat(real); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the file that the link leads to: %v, %v", info, err)
	}
	if info, err := os.Lstat(chain); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link: %v, %v", info, err)
	}
	view(t, Open(real), func(tx *Tx) error {
		_, ok, err := tx.Workspace("acme")
		if !ok {
			t.Error("stored in another file")
		}
		return err
	})
}

// TestPin: a pinned database is that file alone.
func TestPin(t *testing.T) {
	db := newDB(t)
	update(t, db, func(*Tx) error { return nil })
	db.Pin()
	nothing := func(*Tx) error { return nil }
	update(t, db, nothing)
	moved := db.Path() + ".moved"
	if err := os.Rename(db.Path(), moved); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Update(t.Context(), nothing); !errors.Is(err, ErrReplaced) {
			t.Errorf("update: %v", err)
		}
		if err := db.View(t.Context(), nothing); !errors.Is(err, ErrReplaced) {
			t.Errorf("view: %v", err)
		}
		if err := create(db.Path()); err != nil { // the second time another file is there
			t.Fatal(err)
		}
	}
	if err := os.Rename(moved, db.Path()); err != nil {
		t.Fatal(err)
	}
	update(t, db, nothing)
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write := func(text string) func(*os.File) error {
		return func(f *os.File) error { _, err := f.WriteString(text); return err }
	}
	check := func(what, want string, mode fs.FileMode) {
		t.Helper()
		text, err := os.ReadFile(path)
		info, err2 := os.Stat(path)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if string(text) != want || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%s: %q with mode %v, want %q with %v", what, text, info.Mode(), want, mode)
		}
		leftovers(t, path)
	}
	if err := WriteFile(path, Create, 0o640, write("one")); err != nil {
		t.Fatal(err)
	}
	check("new", "one", 0o640)
	if err := WriteFile(path, Create, 0, write("two")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create again: %v", err)
	}
	if err := os.Chmod(path, 0o664); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, Replace, 0o600, write("three")); err != nil {
		t.Fatal(err)
	}
	check("replaced", "three", 0o664)
	mine := errors.New("mine")
	if err := WriteFile(path, Replace, 0, func(f *os.File) error { _ = write("half")(f); return mine }); !errors.Is(err, mine) {
		t.Errorf("failed: %v", err)
	}
	check("failed", "three", 0o664)
}
