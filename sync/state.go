package sync

import "trunkstat/store"

// State is what a repository's data is worth, in a word: ok, partial, empty, gone, or failed: and why.
func State(r store.Repository, walking bool) string {
	switch {
	case r.Gone():
		return "gone"
	case r.Failure != "":
		return "failed: " + r.Failure
	case walking || r.Dirty || r.Head.IsZero() && r.MainBranch != "":
		return "partial"
	case r.Head.IsZero():
		return "empty"
	}
	return "ok"
}
