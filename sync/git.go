package sync

import (
	"context"
	"errors"
	"os"

	"trunkstat/store"
	"trunkstat/sync/githistory"
)

// A Git says where commits may come from beside the API. The newest page of a walk always comes from the
// API, because only the API tells the accounts of authors.
type Git struct {
	Program *githistory.Git
	Clones  []githistory.Clone                  // on the disk; nothing in them is changed
	Remote  func(slug string) githistory.Remote // where a repository is fetched from; nil: nothing is fetched
}

// GitCounts count what came from git.
type GitCounts struct {
	Repositories int `json:"repositories"`
	Commits      int `json:"commits"`
}

// mayUseGit reports whether git may have what is still wanted, so that the API is asked for one page at a
// time.
func (w *walker) mayUseGit() bool {
	return w.opt.Git != nil && (len(w.clones) > 0 || w.mayFetch())
}

// mayFetch reports whether a fetch is left to try: one in a run, because a second would bring the same.
func (w *walker) mayFetch() bool { return w.opt.Git.Remote != nil && !w.fetched && !w.fetchOff.Load() }

// clonesOf are the clones of a repository, by its present name: a clone whose origin has a former name of the
// repository is not used.
func (e *engine) clonesOf(repo *store.Repository) (dirs []string) {
	if e.opt.Git == nil {
		return nil
	}
	for _, c := range e.opt.Git.Clones {
		if c.Workspace == repo.Workspace && c.Slug == repo.Slug {
			dirs = append(dirs, c.Dir)
		}
	}
	return dirs
}

// fromGit stores what git has of what is wanted: the clones as far as they reach, since they cost no request,
// then what a fetch brings. What git cannot give is asked of the API: an error of git is told, and only one
// of the database or of ctx ends the walk.
func (w *walker) fromGit(ctx context.Context) error {
	before := w.gitAdded
	for _, dir := range w.clones {
		if err := w.readGit(ctx, dir); err != nil {
			if stops(ctx, err) {
				return err
			}
			w.notice("%s: clone not used: %v", w.repo.Slug, err)
			w.clones = nil
		}
	}
	if len(w.walk.Wanted) > 0 && w.mayFetch() {
		w.fetched = true
		if err := w.fetchGit(ctx); err != nil {
			if stops(ctx, err) {
				return err
			}
			w.noticeGit(err)
		}
	}
	if n := w.gitAdded - before; n > 0 {
		w.notice("%s: %s from git", w.repo.Slug, commits(n))
		w.count(func(s *Summary) {
			s.Git.Commits += n
			if before == 0 {
				s.Git.Repositories++
			}
		})
	}
	return nil
}

// noticeGit tells of an error of a fetch. Most concern all repositories: they are told once, and nothing is
// fetched any more in this run.
func (w *walker) noticeGit(err error) {
	if errors.Is(err, githistory.ErrUnreadable) {
		w.notice("%s: not fetched by git: %v", w.repo.Slug, err)
		return
	}
	if w.fetchOff.CompareAndSwap(false, true) {
		w.notice("git is not used, the API is: %v", err)
	}
}

// fetchGit fetches the default branch into a temporary folder, without trees and files, and reads it. If the
// branch was moved since it was listed, it reads what the branch still reaches, and the API is asked for the
// rest. A fetch talks to Bitbucket, so it counts as a job.
func (w *walker) fetchGit(ctx context.Context) error {
	if err := w.asking.Acquire(ctx, 1); err != nil {
		return err
	}
	defer w.asking.Release(1)
	if err := os.MkdirAll(w.fetchDir(), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(w.fetchDir(), "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	git := w.opt.Git
	if err := git.Program.Fetch(ctx, dir, git.Remote(w.repo.Slug), w.repo.MainBranch); err != nil {
		return err
	}
	return w.readGit(ctx, dir)
}

// fetchDir is the folder of all fetches of a run. Run removes it before and after, so that what a killed run
// left goes too.
func (e *engine) fetchDir() string { return e.db.Path() + ".git-fetch" }

// readGit stores what a git directory has of what is wanted, and of what that leads to. It leaves out what
// base reaches, which is stored, and stops at a batch of which everything is stored.
func (w *walker) readGit(ctx context.Context, dir string) error {
	wanted, exclude := convert[githistory.Hash](w.walk.Wanted), []githistory.Hash(nil)
	if !w.walk.Base.IsZero() {
		exclude = append(exclude, githistory.Hash(w.walk.Base))
	}
	for batch, err := range w.opt.Git.Program.Commits(ctx, dir, wanted, exclude) {
		if err != nil {
			return err
		}
		p := w.store(translateGit(batch))
		if err := w.await(p); err != nil {
			return err
		}
		w.gitAdded += p.added
		if p.fresh == 0 || len(w.wanted()) == 0 {
			return nil
		}
	}
	return nil
}

// translateGit turns commits of git into records. Their authors have no accounts.
func translateGit(batch []githistory.Commit) []store.Commit {
	records := make([]store.Commit, len(batch))
	for i, c := range batch {
		records[i] = store.Commit{
			Hash: store.Hash(c.Hash), Date: c.Date, Author: store.Author{Raw: c.AuthorRaw}, Message: c.Message,
			Parents: convert[store.Hash](c.Parents),
		}
	}
	return records
}
