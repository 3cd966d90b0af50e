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
		Usage: "remove a workspace's credential; its commits stay",
		Description: `Removes the secret from the keychain, and its entry from the database. With
--forget, also removes the workspace with its repositories and commits, so
that sync and doctor no longer ask for it. After a rename of the workspace,
sync it under its new name first, which keeps the commits. Cannot run with
--forget while a sync runs.

   trunkstat auth logout --workspace acme
   trunkstat auth logout --workspace old-name --forget`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "forget", Usage: "remove the workspace, its repositories and commits too"},
		},
		Action: env.action(runLogout),
	}
}

// runLogout removes the secret first: an entry without a secret is still shown and can be removed later,
// a secret without an entry is not shown. It removes a secret without an entry as well: another database may
// have had the entry.
func runLogout(c call) error {
	ws, err := logoutWorkspace(c)
	if err != nil {
		return err
	}
	forget := c.Bool("forget") && ws != store.Workspace{Slug: ws.Slug} // something is stored of it
	if forget {
		// A sync that runs would store again what is removed.
		unlock, err := command.OpenDB(c.flags).LockSync()
		if err != nil {
			return err
		}
		defer unlock()
	}
	hadSecret, err := removeSecret(c, ws.Slug)
	removed := "removed the credential of " + ws.Slug + "; its commits stay"
	switch {
	case err != nil: // nothing else is removed, so that the command can be repeated
	case forget:
		removed = "removed " + ws.Slug + " with its repositories and commits"
		err = forgetWorkspace(c, ws.Slug)
	case ws.Credential != nil: // with or without a secret: both must be gone afterwards
		err = changeEntry(c, ws.Slug, func(*store.Credential) *store.Credential { return nil })
	case !hadSecret:
		err = nothingToRemove(" for " + ws.Slug)
	}
	if err == nil {
		command.Inform(c.flags, "%s", removed)
	}
	return err
}

// nothingToRemove returns the error of a logout without a credential. It is an error because a mistyped slug
// would otherwise look like a credential that was removed.
func nothingToRemove(where string) error {
	return &command.Error{Code: command.ExitCredentials, Hint: "trunkstat auth list",
		Err: fmt.Errorf("nothing to remove: %w%s", errNoCredential, where)}
}

// logoutWorkspace returns the workspace that was given, or else the only one with a credential; with
// --forget, the only one in the database. It never chooses among several, because what is removed is gone.
func logoutWorkspace(c call) (store.Workspace, error) {
	workspaces, err := selectWorkspaces(c, command.OpenDB(c.flags))
	if err != nil {
		return store.Workspace{}, err
	}
	var slugs []string
	var last store.Workspace
	for _, ws := range workspaces {
		if ws.Credential != nil || c.Bool("forget") || c.String("workspace") != "" {
			slugs, last = append(slugs, ws.Slug), ws
		}
	}
	switch len(slugs) {
	case 0:
		return last, nothingToRemove("")
	case 1:
		return last, nil
	}
	return last, command.Misuse("several workspaces: %s; name one with --workspace", strings.Join(slugs, ", "))
}

// removeSecret reports whether the keychain had a secret. With --forget, a machine without a keychain has
// none to remove: with a token in the environment, a workspace must be possible to forget too.
func removeSecret(c call, workspace string) (had bool, err error) {
	keys, err := openKeychain(c)
	if err != nil {
		return false, err
	}
	err = keys.Delete(c.Context, workspace)
	if errors.Is(err, keychain.ErrNotFound) || c.Bool("forget") && errors.Is(err, keychain.ErrUnavailable) {
		return false, nil
	}
	return err == nil, err
}

// forgetWorkspace removes a workspace, one repository to a transaction, so that Ctrl-C stops it and readers
// get their turn. The workspace goes last: until then, the command can be repeated.
func forgetWorkspace(c call, workspace string) error {
	db := command.OpenDB(c.flags)
	repos, err := command.Read(c.Context, db, (*store.Tx).Repositories)
	if err != nil {
		return err
	}
	for _, r := range repos {
		if r.Workspace != workspace {
			continue
		}
		err := db.Update(c.Context, func(tx *store.Tx) error { return tx.DeleteRepository(r.UUID) })
		if err != nil {
			return err
		}
	}
	return db.Update(c.Context, func(tx *store.Tx) error { return tx.DeleteWorkspace(workspace) })
}
