package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/sandbox"
)

// A world is a sandbox Bitbucket with the workspace acme, and a database that is synced with it.
type world struct {
	t          *testing.T
	server     *sandbox.Server
	acme       *sandbox.Workspace
	credential *sandbox.Credential
	db         *store.DB
	opt        Options
	budget     bitbucket.BudgetConfig
	pagesAdded int      // Stored events of the last run
	told       []string // texts of the Noticed events of the last run
	via        string   // the API address; empty: the server's
	token      string   // empty: testToken
	noExcludes bool     // the proxy takes the excludes out of ranges

	mu  sync.Mutex
	now time.Time // the clock of the engine, the budget and the server
}

const testToken = "ATCTT3xtestONLYtoken"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Now(),
		db:  store.Open(filepath.Join(t.TempDir(), "trunkstat.db")),
		opt: Options{Workspace: "acme", Jobs: 4, BudgetName: "test", ahead: 2},
	}
	server, err := sandbox.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	server.SetClock(w.clock)
	w.server, w.acme = server, server.Workspace("acme")
	w.credential = server.AddAccessToken(testToken)
	w.budget.Now, w.opt.Now = w.clock, w.clock
	w.budget.Sleep = func(ctx context.Context, d time.Duration) error {
		w.forward(d)
		return ctx.Err()
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// forward moves the clock.
func (w *world) forward(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// run syncs once. stop, if not nil, is asked after each stored page whether the run is to be cut off.
func (w *world) run(stop func(pages int) bool) (Summary, error) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	return w.runUntil(ctx, cancel, stop)
}

// runUntil is run with a context of the test's own.
func (w *world) runUntil(ctx context.Context, cancel func(), stop func(pages int) bool) (Summary, error) {
	w.t.Helper()
	w.server.ResetRequests()
	opt := w.opt
	w.pagesAdded, w.told = 0, nil
	begun := map[string]bool{} // and not settled yet
	opt.Emit = func(e Event) {
		switch e.Kind {
		case Started:
			begun[e.Repository] = true
		case Done:
			if !begun[e.Repository] {
				w.t.Errorf("%s is settled and never began", e.Repository)
			}
			delete(begun, e.Repository)
		case Stored:
			if w.pagesAdded++; stop != nil && stop(w.pagesAdded) {
				cancel()
			}
		case Noticed:
			w.told = append(w.told, e.Text)
		}
		if w.opt.Emit != nil {
			w.opt.Emit(e)
		}
	}
	summary, err := Run(ctx, w.db, w.client(bitbucket.NewBudget(w.budget)), opt)
	for _, r := range w.server.Unexpected() {
		w.t.Errorf("unexpected request: %+v", r)
	}
	if err == nil && len(begun) > 0 {
		w.t.Errorf("began and never settled: %v", begun)
	}
	return summary, err
}

func (w *world) client(budget *bitbucket.Budget) *bitbucket.Client {
	w.t.Helper()
	cred, err := bitbucket.NewCredential("", cmp.Or(w.token, testToken))
	if err != nil {
		w.t.Fatal(err)
	}
	client, err := bitbucket.New(bitbucket.Config{
		BaseURL: cmp.Or(w.via, w.server.URL()), Credential: cred, Budget: budget, MaxConns: w.opt.Jobs,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

// sync is a run that must succeed and leave every repository exactly as Bitbucket has it.
func (w *world) sync() Summary {
	w.t.Helper()
	s, err := w.run(nil)
	if err != nil {
		w.t.Fatalf("sync: %v", err)
	}
	if !s.Complete || len(s.Failures) > 0 {
		w.t.Fatalf("sync is not complete: %+v", s)
	}
	w.checkAll()
	if err := w.unsettled(); err != nil {
		w.t.Error(err)
	}
	return s
}

// checkAll compares the membership of each repository with what its default branch reaches.
func (w *world) checkAll() {
	w.t.Helper()
	if err := w.differs(); err != nil {
		w.t.Fatal(err)
	}
}

// sound asks the database to prove itself.
func (w *world) sound() error {
	found, err := w.db.Check(w.t.Context())
	if errors.Is(err, store.ErrNoDatabase) {
		return nil
	}
	if len(found) > 0 {
		return fmt.Errorf("db check: %v", found)
	}
	return err
}

// differs says what is missing or too much in the first repository that is not exactly as
// Bitbucket has it.
func (w *world) differs() error {
	repos := w.acme.Repositories()
	stored := w.storedOf(repos...)
	for i, r := range repos {
		want, got := slices.Sorted(slices.Values(r.Reachable(""))), stored[i]
		if missing := without(want, got); len(missing) > 0 {
			return fmt.Errorf("%s: %d of %d commits are missing, like %s", r.Slug(), len(missing), len(want), missing[0])
		}
		if extra := without(got, want); len(extra) > 0 {
			return fmt.Errorf("%s: %d commits are not on the branch, like %s", r.Slug(), len(extra), extra[0])
		}
	}
	return nil
}

// unsettled says which repository is not said to be whole, after a sync that was complete.
func (w *world) unsettled() error {
	return w.db.View(w.t.Context(), func(tx *store.Tx) error {
		for _, r := range w.acme.Repositories() {
			repo, walking, err := repoIn(tx, r)
			if err != nil {
				return err
			}
			if state := repo.State(walking); state != "ok" && state != "empty" {
				return fmt.Errorf("%s: state %q, %+v", r.Slug(), state, repo)
			}
		}
		return nil
	})
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(h string) bool {
		_, ok := slices.BinarySearch(b, h)
		return ok
	})
}

// stored lists the counted hashes of a repository, sorted.
func (w *world) stored(r *sandbox.Repository) []string {
	w.t.Helper()
	return w.storedOf(r)[0]
}

// storedOf is stored of several repositories, at one moment.
func (w *world) storedOf(repos ...*sandbox.Repository) [][]string {
	w.t.Helper()
	hashes := make([][]string, len(repos))
	err := w.db.View(w.t.Context(), func(tx *store.Tx) error {
		for i, r := range repos {
			for c, err := range tx.Commits(store.UUID(r.UUID())) {
				if err != nil {
					return err
				}
				if !c.Boundary {
					hashes[i] = append(hashes[i], c.Hash.String())
				}
			}
			slices.Sort(hashes[i])
		}
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		w.t.Fatal(err)
	}
	return hashes
}

// repo is what the store knows of a repository.
func (w *world) repo(r *sandbox.Repository) (repo store.Repository, walking bool) {
	w.t.Helper()
	err := w.db.View(w.t.Context(), func(tx *store.Tx) (err error) {
		repo, walking, err = repoIn(tx, r)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return repo, walking
}

func repoIn(tx *store.Tx, r *sandbox.Repository) (repo store.Repository, walking bool, err error) {
	if repo, _, err = tx.Repository(store.UUID(r.UUID())); err != nil {
		return repo, false, err
	}
	_, walking, err = tx.Walk(store.UUID(r.UUID()))
	return repo, walking, err
}

func patterns(t *testing.T, texts ...string) store.Patterns {
	t.Helper()
	ps, err := store.NewPatterns(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}
