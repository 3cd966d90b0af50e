package sync

import "trunkstat/store"

// State says in a word what a repository's data is worth; see store.Repository.State.
func State(r store.Repository, walking bool) string { return r.State(walking) }
