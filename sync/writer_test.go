package sync

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"trunkstat/store"
)

// newTestWriter has a queue that is filled before anybody writes, so that its changes share a
// transaction.
func newTestWriter(t *testing.T) *writer {
	return newWriter(store.Open(filepath.Join(t.TempDir(), "trunkstat.db")), nil)
}

func put(slug string) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		return tx.PutRepository(store.Repository{UUID: store.UUID("{" + slug + "}"), Workspace: "acme", Slug: slug})
	}
}

func (w *writer) slugs(t *testing.T) (slugs []string) {
	t.Helper()
	err := w.db.View(t.Context(), func(tx *store.Tx) error {
		repos, err := tx.Repositories()
		for _, r := range repos {
			slugs = append(slugs, r.Slug)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slugs
}

// TestWriterLeavesOutWhatFails batches changes of which some fail: these leave no trace, the others are
// applied, each in its order, and keep the results of the time that counted.
func TestWriterLeavesOutWhatFails(t *testing.T) {
	bad := errors.New("bad")
	for _, failing := range [][]int{{}, {0}, {4}, {2}, {0, 1}, {1, 3}, {0, 1, 2, 3, 4}} {
		t.Run(fmt.Sprint(failing), func(t *testing.T) {
			w := newTestWriter(t)
			var done []<-chan error
			var want []string
			seen := make([]int, 5) // how many repositories each change found
			for i := range 5 {
				slug := fmt.Sprint("repo-", i)
				if !slices.Contains(failing, i) {
					want = append(want, slug)
				}
				done = append(done, w.submit(func(tx *store.Tx) error {
					repos, err := tx.Repositories()
					seen[i] = len(repos)
					if err = errors.Join(err, put(slug)(tx)); slices.Contains(failing, i) {
						return bad
					}
					return err
				}, nil))
			}
			close(w.queue)
			w.run(t.Context())
			for i, d := range done {
				if err := <-d; slices.Contains(failing, i) != errors.Is(err, bad) {
					t.Errorf("change %d: %v", i, err)
				}
				if before := slices.Index(want, fmt.Sprint("repo-", i)); before >= 0 && seen[i] != before {
					t.Errorf("change %d found %d repositories, want %d", i, seen[i], before)
				}
			}
			if len(want) > 0 && !slices.Equal(w.slugs(t), want) {
				t.Errorf("stored %v, want %v", w.slugs(t), want)
			}
		})
	}
}

// TestWriterGivesUpOnce holds that a database that failed is not tried again: each change would wait as
// long as the first.
func TestWriterGivesUpOnce(t *testing.T) {
	w := newTestWriter(t)
	broken, times := errors.New("broken"), 0
	w.beforeCommit = func(*store.Tx) error { times++; return broken }
	var done []<-chan error
	for n := range 3 {
		for range maxBatch {
			done = append(done, w.submit(put("repo"), nil))
		}
		if n == 0 {
			go w.run(t.Context())
		}
	}
	close(w.queue)
	for i, d := range done {
		if err := <-d; !errors.Is(err, broken) {
			t.Errorf("change %d: %v", i, err)
		}
	}
	if times != 1 {
		t.Errorf("tried %d times", times)
	}
}

// TestWriterAfterTheEnd stores what is queued although the run was interrupted.
func TestWriterAfterTheEnd(t *testing.T) {
	w := newTestWriter(t)
	done := w.submit(put("repo"), nil)
	close(w.queue)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	w.run(ended)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := w.slugs(t); len(got) != 1 {
		t.Errorf("stored %v", got)
	}
}
