package reportcmd

import (
	"context"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/store/command"
)

// checkWorkspace returns an error for a workspace that was never synced.
func checkWorkspace(ctx context.Context, db *store.DB, f report.Filter) error {
	return db.View(ctx, func(tx *store.Tx) error { return command.CheckWorkspace(tx, f.Workspace) })
}
