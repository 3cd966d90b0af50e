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
		Description: `Removes the secret from the keychain, and its entry from the database. With --forget, also removes the
workspace with its repositories and commits, so that sync and doctor no longer ask for it: after a
rename of the workspace, sync it under its new name first, which keeps its commits. Cannot run with
--forget while a sync runs.

   trunkstat auth logout --workspace acme
   trunkstat auth logout --workspace old-name --forget`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "forget", Usage: "remove the workspace, its repositories and their commits too"},
		},
		Action: func(c *cli.Context) error { return runLogout(c, env) },
	}
}

// runLogout removes the secret first: an entry without a secret is still shown and can be removed later,
// a secret without an entry is not shown.
func runLogout(c *cli.Context, env environment) error {
	forget := c.Bool("forget")
	workspace, err := logoutWorkspace(c, forget)
	if err != nil {
		return err
	}
	s, err := loadStored(c, workspace)
	if err != nil {
		return err
	}
	if forget && s.found { // LockSync would make a folder for a database that does not exist
		unlock, err := command.OpenDB(c).LockSync()
		if err != nil {
			return err
		}
		defer unlock()
		if s, err = loadStored(c, workspace); err != nil { // a sync may have ended in between
			return err
		}
	}
	hadSecret, err := removeSecret(c, env, workspace, forget)
	if err != nil {
		return err
	}
	if !hadSecret && s.workspace.Credential == nil && !(forget && s.found) {
		return nothingToRemove(workspace)
	}
	if forget && s.found {
		return forgetWorkspace(c, s)
	}
	if s.workspace.Credential != nil {
		if err := removeEntry(c, workspace); err != nil {
			return err
		}
	}
	if !c.Bool("quiet") {
		command.Notice(c, "removed the credential of %s; its commits stay", workspace)
	}
	return nil
}

func nothingToRemove(workspace string) error {
	err := errNoCredential
	if workspace != "" {
		err = fmt.Errorf("%w for %s", err, workspace)
	}
	return &command.Error{Code: command.ExitCredentials, Hint: "trunkstat auth list",
		Err: fmt.Errorf("nothing to remove: %w", err)}
}

// logoutWorkspace returns the workspace that was given, or else the only one with a credential; with
// --forget, the only one in the database.
func logoutWorkspace(c *cli.Context, forget bool) (string, error) {
	given, err := command.Workspace(c)
	if given != "" || err != nil {
		return given, err
	}
	stored, err := command.Workspaces(c.Context, command.OpenDB(c))
	if err != nil {
		return "", err
	}
	var slugs []string
	for _, ws := range stored {
		if ws.Credential != nil || forget {
			slugs = append(slugs, ws.Slug)
		}
	}
	switch len(slugs) {
	case 0:
		return "", nothingToRemove("")
	case 1:
		return slugs[0], nil
	}
	return "", command.Misuse("several workspaces: %s; name one with --workspace", strings.Join(slugs, ", "))
}

// stored is what the database has of a workspace.
type stored struct {
	found        bool // the workspace, or a repository of it
	workspace    store.Workspace
	repositories []store.UUID
}

// loadStored reads what the database has of a workspace. It makes no database.
func loadStored(c *cli.Context, workspace string) (s stored, err error) {
	err = command.OpenDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		if s.workspace, s.found, err = tx.Workspace(workspace); err != nil {
			return err
		}
		all, err := tx.Repositories()
		if err != nil {
			return err
		}
		for _, r := range all {
			if r.Workspace == workspace {
				s.found, s.repositories = true, append(s.repositories, r.UUID)
			}
		}
		return nil
	})
	if errors.Is(err, store.ErrNoDatabase) {
		err = nil
	}
	s.workspace.Slug = workspace
	return s, err
}

// removeSecret reports whether the keychain had a secret. With --forget, a machine without a keychain has
// none to remove.
func removeSecret(c *cli.Context, env environment, workspace string, forget bool) (had bool, err error) {
	keys, err := openKeychain(c, env)
	if err != nil {
		return false, err
	}
	err = keys.Delete(c.Context, workspace)
	if errors.Is(err, keychain.ErrNotFound) || forget && errors.Is(err, keychain.ErrUnavailable) {
		return false, nil
	}
	return err == nil, keychainError(err)
}

// removeEntry removes the entry, and the workspace too if it was never synced.
func removeEntry(c *cli.Context, workspace string) error {
	return command.OpenDB(c).Update(c.Context, func(tx *store.Tx) error {
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

// forgetWorkspace removes a workspace, one repository to a transaction, so that Ctrl-C stops it and readers
// get their turn. The workspace goes last: until then, the command can be repeated.
func forgetWorkspace(c *cli.Context, s stored) error {
	db := command.OpenDB(c)
	for _, uuid := range s.repositories {
		err := db.Update(c.Context, func(tx *store.Tx) error { return tx.DeleteRepository(uuid) })
		if err != nil {
			return err
		}
	}
	err := db.Update(c.Context, func(tx *store.Tx) error { return tx.DeleteWorkspace(s.workspace.Slug) })
	if err == nil && !c.Bool("quiet") {
		command.Notice(c, "removed %s with %s", s.workspace.Slug,
			count(len(s.repositories), "repository", "repositories"))
	}
	return err
}
