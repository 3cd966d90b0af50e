package reportcmd

import "trunkstat/sync/bitbucket"

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
