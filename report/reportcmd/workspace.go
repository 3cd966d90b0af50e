package reportcmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// parseWorkspace is bitbucket.ParseWorkspace of what was typed; "" stands for all workspaces.
func parseWorkspace(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	slug, err := bitbucket.ParseWorkspace(s)
	if err != nil {
		return "", misuse("--workspace: %v", err)
	}
	return slug, nil
}

// checkWorkspace refuses to count the commits of a workspace that was never synced: that they
// are 0 would be no answer.
func checkWorkspace(ctx context.Context, db *store.DB, f report.Filter) error {
	if f.Workspace == "" {
		return nil
	}
	var known []string
	err := db.View(ctx, func(tx *store.Tx) error {
		workspaces, err := tx.Workspaces()
		if err != nil {
			return err
		}
		for _, w := range workspaces {
			known = append(known, w.Slug)
		}
		repositories, err := tx.Repositories()
		for _, r := range repositories {
			known = append(known, r.Workspace)
		}
		return err
	})
	if err != nil || slices.Contains(known, f.Workspace) {
		return err
	}
	slices.Sort(known)
	return &unknownWorkspace{f.Workspace, slices.Compact(known)}
}

// unknownWorkspace is the error of checkWorkspace.
type unknownWorkspace struct {
	slug  string
	known []string
}

func (e *unknownWorkspace) Error() string {
	if len(e.known) == 0 {
		return fmt.Sprintf("the database knows no workspace yet, so not %q", e.slug)
	}
	return fmt.Sprintf("the database does not know the workspace %q: it knows %s",
		e.slug, strings.Join(e.known, ", "))
}

// Hint is the command that makes it known.
func (e *unknownWorkspace) Hint() string { return "trunkstat sync --workspace " + e.slug }
