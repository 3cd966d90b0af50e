package report

import (
	"slices"

	"trunkstat/store"
)

// CoverageOf says how complete the data of a scope is: its repositories, and all unfinished walks.
// A repository that is gone cannot be brought up to date, so it makes nothing older, unless all
// are gone; one that was never synced has no date.
func CoverageOf(repos []store.Repository, walks map[store.UUID]store.Walk) Coverage {
	c := Coverage{Repositories: len(repos)}
	allGone := !slices.ContainsFunc(repos, func(r store.Repository) bool { return !r.Gone() })
	for _, repo := range repos {
		if _, walking := walks[repo.UUID]; walking || isIncomplete(repo) {
			c.Incomplete++
		}
		if repo.LastSync.IsZero() || repo.Gone() && !allGone {
			continue
		}
		if c.OldestSync.IsZero() || repo.LastSync.Before(c.OldestSync) {
			c.OldestSync = repo.LastSync
		}
	}
	return c
}

func isIncomplete(repo store.Repository) bool {
	if repo.Failure != "" || repo.Dirty {
		return true
	}
	if repo.MainBranch == "" { // nothing to sync: the listing is all there is to know
		return repo.LastSync.IsZero() && repo.Listed.IsZero()
	}
	return repo.LastSync.IsZero()
}
