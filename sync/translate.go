package sync

import (
	"fmt"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// translate turns a page of the wire into records. It is the only place that knows both.
func translate(page []bitbucket.Commit) ([]store.Commit, error) {
	records := make([]store.Commit, len(page))
	for i, c := range page {
		hash, err := store.ParseHash(c.Hash)
		if err != nil {
			return nil, fmt.Errorf("commit: %w", err)
		}
		parents := make([]store.Hash, len(c.Parents))
		for k, p := range c.Parents {
			if parents[k], err = store.ParseHash(p); err != nil {
				return nil, fmt.Errorf("parent of commit %s: %w", c.Hash, err)
			}
		}
		records[i] = store.Commit{
			Hash:    hash,
			Date:    c.Date,
			Author:  store.Author{Raw: c.AuthorRaw, UUID: c.AuthorUUID, App: c.AuthorApp},
			Parents: parents,
			Message: c.Message,
		}
	}
	return records, nil
}
