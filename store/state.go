package store

import "strings"

// State says in a word what a repository's data is worth: ok, partial, empty, gone, or failed, with the
// reason where there is one. walking is whether it has an unfinished walk.
func (r *Repository) State(walking bool) string {
	switch {
	case r.Gone():
		return "gone"
	case strings.HasPrefix(r.Failure, "partial"):
		return r.Failure
	case r.Failure != "":
		return "failed: " + r.Failure
	case walking || r.NeedsSweep || r.neverSynced():
		return "partial"
	case r.Head.IsZero():
		return "empty"
	}
	return "ok"
}

// Complete reports whether all that the repository's default branch reached at its last sync is stored.
func (r *Repository) Complete(walking bool) bool {
	return r.Failure == "" && !walking && !r.NeedsSweep && !r.neverSynced()
}

// neverSynced reports whether nothing is known of the default branch. A repository that is listed without
// one is known to be empty.
func (r *Repository) neverSynced() bool {
	return r.LastSync.IsZero() && r.Head.IsZero() && (r.MainBranch != "" || r.Listed.IsZero())
}
