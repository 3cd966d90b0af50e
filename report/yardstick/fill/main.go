// Fill makes a trunkstat database of the sample: fill COMMITS FILE.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"

	"trunkstat/report/yardstick/sample"
	"trunkstat/store"
)

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err == nil {
		err = fill(store.Open(os.Args[2]), n)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fill:", err)
		os.Exit(1)
	}
}

// fill stores batches as a sync does. Larger ones are faster, and fill pages worse: so of many
// millions the file as synced is larger than it would be.
func fill(db *store.DB, total int) error {
	ctx, batchSize := context.Background(), 2_000
	if total > 2_000_000 {
		batchSize = 200_000
	}
	for repo, commits := range sample.Workspace(total) {
		for batch := range slices.Chunk(commits, batchSize) {
			err := db.Update(ctx, func(tx *store.Tx) error {
				if err := tx.PutRepository(repo); err != nil {
					return err
				}
				_, err := tx.PutCommits(repo.UUID, batch)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return db.Update(ctx, func(tx *store.Tx) error {
		return tx.PutWorkspace(store.Workspace{
			Slug: "acme", LastSync: sample.End, LastListed: sample.End,
		})
	})
}
