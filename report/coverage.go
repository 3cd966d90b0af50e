package report

import "trunkstat/store"

// CoverageOf says how complete the data of a scope is: its repositories, and all unfinished walks. A
// repository that is no longer listed cannot be brought up to date: it is counted as such, is neither
// complete nor incomplete, and makes the others no older. The same holds for one that the last sync was
// told to leave out, which is not counted as gone. One that was never synced has no date.
func CoverageOf(repos []store.Repository, walks map[store.UUID]store.Walk) Coverage {
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
