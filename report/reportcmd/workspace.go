package reportcmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
)

// parseWorkspace takes a workspace's slug, or any bitbucket.org URL of it, as its slug.
func parseWorkspace(s string) (string, error) {
	slug := strings.ToLower(strings.TrimSpace(s))
	if host := strings.Index(slug, "bitbucket.org"); host >= 0 {
		slug = strings.TrimLeft(slug[host+len("bitbucket.org"):], "/:")
		slug, _, _ = strings.Cut(slug, "?")
		slug, _, _ = strings.Cut(slug, "#")
		slug, _, _ = strings.Cut(slug, "/")
		if slug == "" {
			return "", misuse("%q names no workspace: give https://bitbucket.org/WORKSPACE", s)
		}
	}
	if strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return "", misuse("%q is no workspace: give its slug, such as acme, "+
			"or https://bitbucket.org/acme", s)
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
