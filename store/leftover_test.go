package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestLeftovers puts files of killed processes beside a database, and others that must stay.
func TestLeftovers(t *testing.T) {
	db := newDB(t)
	update(t, db, func(*Tx) error { return nil })
	folder, name := filepath.Dir(db.Path()), filepath.Base(db.Path())
	old := []string{name + ".new-1", name + ".new-4054", name + ".new-", name + ".new-x1",
		name + ".new-1.gz", name + ".old-1", "another.db.new-1"}
	for _, f := range append(old, name+".new-2") {
		if err := os.WriteFile(filepath.Join(folder, f), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, name+".new-3"), 0o700); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-leftoverAfter - time.Minute)
	for _, f := range append(old, name+".new-3", name) {
		if err := os.Chtimes(filepath.Join(folder, f), long, long); err != nil {
			t.Fatal(err)
		}
	}
	view(t, db, func(*Tx) error { return nil })
	if got := names(t, folder); !slices.Contains(got, name+".new-1") {
		t.Errorf("a reader removed files: %q", got)
	}
	unlock, err := db.LockSync()
	if err := errors.Join(err, unlock()); err != nil {
		t.Fatal(err)
	}
	want := []string{"another.db.new-1", name, name + ".lock", name + ".new-", name + ".new-1.gz", name + ".new-2",
		name + ".new-3", name + ".new-x1", name + ".old-1"}
	slices.Sort(want)
	if got := names(t, folder); !slices.Equal(got, want) {
		t.Errorf("left are %q\nwant     %q", got, want)
	}
}

func names(t *testing.T, folder string) (list []string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		list = append(list, f.Name())
	}
	return list
}
