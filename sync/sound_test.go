package sync

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/sandbox"
)

// TestSoundWhileItRuns checks the database again and again while runs change it: whatever a transaction
// leaves is what the next run would find after a crash, and every change is one here.
func TestSoundWhileItRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.opt.batch = 1
	w.branchy("branchy", shorter(25, 10))
	for i := range shorter(2, 1) {
		w.acme.NewRepository(fmt.Sprint("long-", i)).Commits("main", 350)
	}
	checked := w.checkWhile(func() { w.sync() })
	for _, r := range w.acme.Repositories() {
		r.Commits("main", 120)
	}
	checked += w.checkWhile(func() { w.sync() })
	for _, r := range w.acme.Repositories() {
		r.ForcePush("main", 110)
	}
	checked += w.checkWhile(func() { w.sync() })
	if t.Logf("%d checks in the middle of a run", checked); checked < 5 {
		t.Errorf("%d checks in the middle of a run", checked)
	}
}

// checkWhile checks the database as often as it can while f runs. It returns how often a walk was
// unfinished before and after a check.
func (w *world) checkWhile(f func()) (midway int) {
	over, checked := make(chan struct{}), make(chan int)
	go func() {
		for midway := 0; ; {
			before := w.walking()
			if err := w.sound(); err != nil {
				w.t.Error(err)
			}
			if before > 0 && w.walking() > 0 {
				midway++
			}
			select {
			case <-over:
				checked <- midway
				return
			case <-time.After(time.Millisecond): // as often as it changes
			}
		}
	}()
	f()
	close(over)
	return <-checked
}

// walking is how many walks are unfinished.
func (w *world) walking() (n int) {
	err := w.db.View(w.t.Context(), func(tx *store.Tx) error {
		walks, err := tx.Walks()
		n = len(walks)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		w.t.Error(err)
	}
	return n
}

// TestOrdinaryPushReadsNoHistory puts a commit into the database that nobody reaches. Only where a branch
// was rewritten is there a reason to find it, by going through all that is stored.
func TestOrdinaryPushReadsNoHistory(t *testing.T) {
	w := newWorld(t)
	r := w.acme.NewRepository("repo")
	r.Commits("main", 150)
	w.sync()
	stray := store.Commit{Hash: store.Hash{1}, Parents: []store.Hash{{2}}}
	err := w.db.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.PutCommits(store.UUID(r.UUID()), []store.Commit{stray})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Push("late", r.Reachable("")[140])
	r.Commits("main", 120)
	r.Commits("late", 230) // base has its child on a page, and this comes on others
	r.Merge("main", "late", sandbox.Change{})
	r.Commits("main", 1)
	for n := range 3 { // in several runs
		w.budget.Max = 2 + n%2
		if s, _ := w.run(nil); s.Commits.Removed > 0 {
			t.Fatalf("removed %d", s.Commits.Removed)
		}
	}
	w.budget.Max = 0
	if s, err := w.run(nil); err != nil || !s.Complete || s.Commits.Removed > 0 {
		t.Fatalf("%+v, %v", s, err)
	}
	r.ForcePush("main", 1)
	if s := w.sync(); s.Commits.Removed != 2 {
		t.Errorf("removed %d after a rewrite, want the commit that was replaced and the stray one", s.Commits.Removed)
	}
}
