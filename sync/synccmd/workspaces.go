package synccmd

import (
	"errors"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync"
)

// workspacesToSync is the workspace that was named, or else all that the database knows.
func workspacesToSync(c *cli.Context, db *store.DB) ([]string, error) {
	if named, err := command.Workspace(c); named != "" || err != nil {
		return []string{named}, err
	}
	workspaces, err := command.Workspaces(c.Context, db)
	if err != nil {
		return nil, err
	}
	var slugs []string
	for _, ws := range workspaces {
		slugs = append(slugs, ws.Slug)
	}
	if len(slugs) == 0 {
		return nil, &command.Error{Code: command.ExitMisuse, Hint: "trunkstat auth login",
			Err: errors.New("no workspace is known yet: name one with --workspace")}
	}
	return slugs, nil
}

// noResources gives an empty listing the name that DX gives it.
func noResources(err error) error {
	if errors.Is(err, sync.ErrNoResources) {
		return errNoRepositories
	}
	return err
}
