package synccmd

import (
	"errors"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// parseWorkspace is bitbucket.ParseWorkspace of what was typed.
func parseWorkspace(s string) (string, error) {
	slug, err := bitbucket.ParseWorkspace(s)
	if err != nil {
		return "", misuse("--workspace: %v", err)
	}
	return slug, nil
}

// shorten keeps a mistake, which may be a pasted token or a file, from filling the terminal, or
// from being told whole.
func shorten(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most/2]) + "…"
	}
	return s
}

// givenWorkspace is the workspace of --workspace, "" where there is none.
func givenWorkspace(c *cli.Context) (string, error) {
	if c.String("workspace") == "" {
		return "", nil
	}
	return parseWorkspace(c.String("workspace"))
}

// knownWorkspaces are those of the database; without a database there are none.
func knownWorkspaces(c *cli.Context) ([]store.Workspace, error) {
	var known []store.Workspace
	err := openDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		known, err = tx.Workspaces()
		return err
	})
	if errors.Is(err, store.ErrNoDatabase) {
		return nil, nil
	}
	return known, err
}

// selectWorkspaces are the workspace that was given, known or not, or else all that are known.
func selectWorkspaces(c *cli.Context) ([]store.Workspace, error) {
	given, err := givenWorkspace(c)
	if err != nil {
		return nil, err
	}
	known, err := knownWorkspaces(c)
	if err != nil || given == "" {
		return known, err
	}
	for _, ws := range known {
		if ws.Slug == given {
			return []store.Workspace{ws}, nil
		}
	}
	return []store.Workspace{{Slug: given}}, nil
}
