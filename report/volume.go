package report

import (
	"context"

	"trunkstat/store"
)

// Volume counts commits.
func Volume(ctx context.Context, db *store.DB, q Query) (*Result, error) {
	return nil, nil
}
