package sync

import (
	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// translate turns a page of the wire into records. It is the only place that knows both.
func translate(page []bitbucket.Commit) []store.Commit {
	records := make([]store.Commit, len(page))
	var all []store.Hash // the parents of the whole page
	for i, c := range page {
		before := len(all)
		for _, p := range c.Parents {
			all = append(all, store.Hash(p))
		}
		records[i] = store.Commit{
			Hash:    store.Hash(c.Hash),
			Date:    c.Date,
			Author:  store.Author{Raw: c.AuthorRaw, UUID: c.AuthorUUID, App: c.AuthorApp},
			Parents: all[before:len(all):len(all)],
			Message: c.Message,
		}
	}
	return records
}
