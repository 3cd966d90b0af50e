package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"testing"
)

// dump reads all that a database holds.
func dump(t *testing.T, db *DB) map[string]any {
	t.Helper()
	content := map[string]any{}
	view(t, db, func(tx *Tx) error {
		repositories, err := tx.Repositories()
		content["repositories"] = repositories
		for _, r := range repositories {
			content["commits of "+r.Slug] = all(t, tx, r.UUID)
			extent, err := tx.Extent(r.UUID)
			content["extent of "+r.Slug] = extent
			if err != nil {
				return err
			}
		}
		walks, err2 := tx.Walks()
		budgets, err3 := tx.Budgets()
		workspaces, err5 := tx.Workspaces()
		authors, err6 := tx.Authors()
		content["others"] = []any{walks, budgets, workspaces, authors}
		return errors.Join(err, err2, err3, err5, err6)
	})
	return content
}

func leftovers(t *testing.T, path string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCompact(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the file is large")
	}
	t.Parallel()
	db := newDB(t)
	fill(t, db, 3, 5000)
	fillAll(t, db)
	want := dump(t, db)
	before, after, err := db.Compact(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(db.Path())
	if err != nil || info.Size() != after || after >= before*3/4 {
		t.Errorf("%d bytes before, %d after, error %v", before, after, err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	if got := dump(t, db); !reflect.DeepEqual(got, want) {
		t.Error("the content changed")
	}
	if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
	again, same, err := db.Compact(t.Context())
	if err != nil || again != after || same > after {
		t.Errorf("once more: %d before, %d after, error %v", again, same, err)
	}
	leftovers(t, db.Path())
	update(t, db, func(tx *Tx) error { // it is a database as any other
		_, err := tx.PutCommits(uuidOf(1), newHistory(50, 9).take(3000))
		return err
	})
}

func TestCompactRefuses(t *testing.T) {
	db := newDB(t)
	if _, _, err := db.Compact(t.Context()); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("no file: %v", err)
	}
	hash := chain(t, db, 30)[7].Hash
	unlock, err := db.LockSync()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Compact(t.Context()); !errors.Is(err, ErrSyncRunning) {
		t.Errorf("beside a sync: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	update(t, db, func(tx *Tx) error {
		return spoil(tx, commitsName, []byte(uuidOf(0)), hash[:])
	})
	before, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Compact(t.Context()); !errors.Is(err, ErrDamaged) || errors.Is(err, ErrBeyondRepair) {
		t.Errorf("a damaged record: %v", err)
	}
	if after, _ := os.ReadFile(db.Path()); !slices.Equal(before, after) {
		t.Error("the file changed")
	}
	leftovers(t, db.Path())
}

// TestCompactAmongWriters has another process write all the time: what it was told is stored
// must be in the new file.
func TestCompactAmongWriters(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it waits")
	}
	if !renamesOverOpenFiles {
		t.Skip("not promised there: syncs are kept out, and a copy of the file is compacted")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trunkstat.db")
	writer := start(t, "writer", path)
	db := Open(path)
	said := number(t, writer.line())
	for range 10 {
		if _, _, err := db.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			said = number(t, writer.line())
		}
	}
	_ = writer.cmd.Process.Kill()
	for writer.lines.Scan() {
		said = number(t, writer.lines.Text())
	}
	checkBatches(t, db, said)
	if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	dest := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(t.Context(), dest); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("no file: %v", err)
	}
	leftovers(t, dest)
	fill(t, db, 2, 1000)
	fillAll(t, db)
	want := dump(t, db)
	if err := db.Backup(t.Context(), dest); err != nil {
		t.Fatal(err)
	}
	update(t, db, func(tx *Tx) error { return tx.PutWorkspace(Workspace{Slug: "later"}) })
	if got := dump(t, Open(dest)); !reflect.DeepEqual(got, want) {
		t.Error("the copy has another content")
	}
	if found, err := Open(dest).Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("check of the copy: %v, %v", found, err)
	}
	if err := db.Backup(t.Context(), dest); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second to the same name: %v", err)
	}
	if err := db.Backup(t.Context(), db.Path()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto itself: %v", err)
	}
	if err := db.Backup(t.Context(), filepath.Join(dest, "x")); err == nil {
		t.Error("into a folder that is a file")
	}
	if got := dump(t, Open(dest)); !reflect.DeepEqual(got, want) {
		t.Error("the copy was changed")
	}
	if info, err := os.Stat(dest); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, error %v", info.Mode(), err)
	}
	leftovers(t, dest)
}

func TestInfo(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	fill(t, db, 2, 1000)
	fillAll(t, db)
	info, err := db.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stat, err := os.Stat(db.Path())
	if err != nil || info.Size != stat.Size() || info.Free <= 0 || info.Free >= info.Size {
		t.Errorf("sizes are %d and %d, the file has %d, error %v", info.Size, info.Free, stat.Size(), err)
	}
	info.Size, info.Free = 0, 0
	authors := 0
	view(t, db, func(tx *Tx) error { all, err := tx.Authors(); authors = len(all); return err })
	want := Info{Path: db.Path(), Version: int(version), Repositories: 2, Commits: 2000, Authors: authors, Walks: 1,
		Budgets: map[string]Budget{"budget": {Limit: 5}}}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("got %+v\nwant %+v", info, want)
	}
}
