package sync

import (
	"strings"

	"trunkstat/store"
)

// State is what a repository's data is worth, in a word: ok, partial, empty, gone, or failed with the
// reason.
func State(r store.Repository, walking bool) string {
	switch {
	case r.Gone():
		return "gone"
	case strings.HasPrefix(r.Failure, "partial"):
		return r.Failure
	case r.Failure != "":
		return "failed: " + r.Failure
	case walking || r.NeedsSweep || r.Head.IsZero() && r.MainBranch != "":
		return "partial"
	case r.Head.IsZero():
		return "empty"
	}
	return "ok"
}
