package synccmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/store/keychain"
)

func logoutCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "logout",
		Usage: "remove the credential of a workspace; its commits stay",
		Description: `Removes the secret from the keychain, and its entry from the database. A keychain that is locked is
waited for as long as TRUNKSTAT_KEYRING_TIMEOUT says.

   trunkstat auth logout
   trunkstat auth logout --workspace acme`,
		Action: func(c *cli.Context) error { return runLogout(c, env) },
	}
}

// runLogout removes the secret first: an entry without a secret can be seen and removed later, a
// secret without an entry would be forgotten.
func runLogout(c *cli.Context, env environment) error {
	workspace, err := logoutWorkspace(c)
	if err != nil {
		return err
	}
	keys, err := systemKeychain(c, env)
	if err != nil {
		return err
	}
	err = keys.Delete(c.Context, workspace)
	hadSecret := err == nil
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		return keychainError(err)
	}
	hadEntry, err := removeEntry(c, workspace)
	if err != nil {
		return err
	}
	if !hadSecret && !hadEntry {
		return nothingToRemove(" for " + workspace)
	}
	if !c.Bool("quiet") {
		command.Notice(c, "the credential of %s is removed; its commits stay", workspace)
	}
	return nil
}

func nothingToRemove(where string) error {
	err := fmt.Errorf("%w%s, there is nothing to remove", errNoCredential, where)
	return &command.Error{Code: command.ExitCredentials, Err: err, Hint: "trunkstat auth list"}
}

// logoutWorkspace is the given workspace, or the only one with a credential.
func logoutWorkspace(c *cli.Context) (string, error) {
	given, err := command.Workspace(c)
	if given != "" || err != nil {
		return given, err
	}
	known, err := command.Workspaces(c.Context, command.OpenDB(c))
	if err != nil {
		return "", err
	}
	var slugs []string
	for _, ws := range known {
		if ws.Credential != nil {
			slugs = append(slugs, ws.Slug)
		}
	}
	switch len(slugs) {
	case 0:
		return "", nothingToRemove("")
	case 1:
		return slugs[0], nil
	}
	return "", command.Misuse("which workspace? There are %s; name one with --workspace", strings.Join(slugs, ", "))
}

// removeEntry forgets the credential, and the workspace too where nothing else is known of it.
func removeEntry(c *cli.Context, workspace string) (had bool, err error) {
	known, err := command.Workspaces(c.Context, command.OpenDB(c)) // so that no database is made for this
	if err != nil {
		return false, err
	}
	for _, ws := range known {
		had = had || ws.Slug == workspace && ws.Credential != nil
	}
	if !had {
		return false, nil
	}
	return true, command.OpenDB(c).Update(c.Context, func(tx *store.Tx) error {
		ws, ok, err := tx.Workspace(workspace)
		if err != nil || !ok {
			return err
		}
		if ws.LastSync.IsZero() && ws.LastListed.IsZero() {
			return tx.DeleteWorkspace(workspace)
		}
		ws.Credential = nil
		return tx.PutWorkspace(ws)
	})
}
