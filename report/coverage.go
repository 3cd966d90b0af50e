package report

import (
	"slices"
	"strings"

	"trunkstat/store"
)

// setCoverage finds out how complete the data of the scope's repositories is. A listing that missed
// repositories is told too, since none of those can be in the scope.
func (s *Scope) setCoverage(tx *store.Tx, workspace string) (err error) {
	if s.walks, err = tx.Walks(); err != nil {
		return err
	}
	workspaces, err := tx.Workspaces()
	if err != nil {
		return err
	}
	s.Coverage = coverageOf(s.Repositories, s.walks)
	for _, w := range workspaces {
		if w.ListingIncomplete && s.concerns(w.Slug, workspace) {
			s.Coverage.IncompleteListings = append(s.Coverage.IncompleteListings, w.Slug)
		}
	}
	labels := s.repositoryLabels() // as rows show them
	for i, repo := range s.Repositories {
		if isIncomplete(repo, s.walks) {
			s.Incomplete = append(s.Incomplete, labels[i].text)
		}
	}
	return nil
}

// concerns reports whether the scope may have repositories of a workspace: it has some, or it has none at
// all and the filter does not exclude the workspace.
func (s *Scope) concerns(workspace, filter string) bool {
	if len(s.Repositories) == 0 {
		return filter == "" || strings.EqualFold(filter, workspace)
	}
	return slices.ContainsFunc(s.Repositories, func(r store.Repository) bool { return r.Workspace == workspace })
}

// coverageOf says how complete the data of repositories is, given all unfinished walks. A repository that is
// no longer listed cannot be brought up to date: it is counted as such, is neither complete nor incomplete,
// and makes the others no older. The same holds for one that the last sync was told to leave out, which is
// not counted as gone. One that was never synced has no date.
func coverageOf(repos []store.Repository, walks map[store.UUID]store.Walk) Coverage {
	c := Coverage{Repositories: len(repos)}
	for _, repo := range repos {
		oldest := &c.OldestSync
		switch {
		case repo.Missing():
			c.Gone++
			oldest = &c.GoneSync
		case repo.Excluded:
			continue
		}
		if isIncomplete(repo, walks) {
			c.Incomplete++
		}
		if !repo.LastSync.IsZero() && (oldest.IsZero() || repo.LastSync.Before(*oldest)) {
			*oldest = repo.LastSync
		}
	}
	if c.Gone == c.Repositories {
		c.OldestSync = c.GoneSync
	}
	return c
}

// isIncomplete reports whether a repository that is listed lacks commits that it had at its last sync.
func isIncomplete(repo store.Repository, walks map[store.UUID]store.Walk) bool {
	_, walking := walks[repo.UUID]
	return !repo.Missing() && !repo.Excluded && !repo.Complete(walking)
}
