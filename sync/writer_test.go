package sync

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"trunkstat/store"
)

// newTestWriter has a queue that is filled before anybody writes, so that its changes share a
// transaction.
func newTestWriter(t *testing.T, beforeCommit func(*store.Tx) error) *writer {
	return newWriter(store.Open(filepath.Join(t.TempDir(), "trunkstat.db")), maxBatch, beforeCommit)
}

func nothing(*store.Tx) error { return nil }

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
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		t.Fatal(err)
	}
	return slugs
}

// TestWriterEndsWithTheFirstFailure queues changes of which one fails: nothing is stored of those that share
// its transaction, and none after it is tried, because each would wait as long as the first.
func TestWriterEndsWithTheFirstFailure(t *testing.T) {
	for _, failing := range []int{0, 2, maxBatch - 1, maxBatch + 3, -1} { // -1: the transaction itself
		t.Run(fmt.Sprint(failing), func(t *testing.T) {
			bad, commits := errors.New("bad"), 0
			w := newTestWriter(t, func(*store.Tx) error {
				commits++
				if failing < 0 {
					return bad
				}
				return nil
			})
			var done []chan error
			tried := 0
			submit := func(n int) {
				for range n {
					i, result := len(done), make(chan error, 1)
					done = append(done, result)
					w.submit(func(tx *store.Tx) error {
						tried++
						if err := put(fmt.Sprintf("repo-%03d", i))(tx); i != failing {
							return err
						}
						return bad
					}, func(err error) { result <- err })
				}
			}
			submit(maxBatch) // of the first transaction
			go w.run(t.Context())
			submit(2 * maxBatch)
			close(w.queue)
			stored := 0
			for i, d := range done {
				if err := <-d; err == nil {
					stored++
				} else if !errors.Is(err, bad) {
					t.Errorf("change %d: %v", i, err)
				}
			}
			if n := len(w.slugs(t)); n != stored || stored > max(failing, 0) {
				t.Errorf("%d repositories are stored, and %d are told", n, stored)
			}
			if failing >= 0 && tried != failing+1 || failing < 0 && commits != 1 {
				t.Errorf("%d changes and %d transactions were tried", tried, commits)
			}
		})
	}
}

// TestWriterAfterTheEnd stores what is queued although the run was interrupted.
func TestWriterAfterTheEnd(t *testing.T) {
	w := newTestWriter(t, nothing)
	done := make(chan error, 1)
	w.submit(put("repo"), func(err error) { done <- err })
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
