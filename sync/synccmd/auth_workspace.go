package synccmd

import (
	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
)

// selectWorkspaces are the workspace that was given, known or not, or else all that are known.
func selectWorkspaces(c *cli.Context) ([]store.Workspace, error) {
	given, err := command.Workspace(c)
	if err != nil {
		return nil, err
	}
	known, err := command.Workspaces(c.Context, command.OpenDB(c))
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
