package synccmd

import (
	"slices"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// authCommand returns auth. Its help is the one place that describes all ways to pass a token.
func authCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "auth",
		Usage: "store, check and remove the credentials for Bitbucket",
		Description: `The secret is kept in the system keychain and nowhere else. Without a
keychain, pass the token in the environment, which takes precedence over the
keychain:

   TRUNKSTAT_TOKEN            the token
   TRUNKSTAT_EMAIL            with an API token: the e-mail of its account
   TRUNKSTAT_TOKEN_COMMAND    a command, of a password manager for example,
                              that prints the token on its first line, within
                              60s
   TRUNKSTAT_KEYRING_TIMEOUT  how long to wait for the keychain
                              (default: 60s; 5s without a terminal)

The token requires one scope: "repository" for an access token,
"read:repository:bitbucket" for an API token.

   trunkstat auth login --workspace acme
   trunkstat auth status`,
		Subcommands: []*cli.Command{
			loginCommand(env), statusCommand(env), listCommand(env), logoutCommand(env),
		},
	}
}

// formatFlag returns --format for commands whose few rows are of no use in a spreadsheet, and have no CSV.
func formatFlag() cli.Flag {
	return command.Enum("format", "table", "`FORMAT`", "table", "json")
}

func listCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "show stored credentials, without network or keychain",
		Description: `Shows what the database has of each credential. Use auth status for a
credential in the environment, or one that was stored with another database.

   trunkstat auth list
   trunkstat auth list --format json`,
		Flags:  []cli.Flag{formatFlag()},
		Action: env.action(runList),
	}
}

// A listedCredential is a row of auth list. Keys may be added to its JSON, and are never changed.
type listedCredential struct {
	Workspace string             `json:"workspace"`
	Kind      command.NullString `json:"kind"`
	Label     command.NullString `json:"label"`
	Created   date               `json:"created"`
	Expires   date               `json:"expires"`
	Verified  date               `json:"verified"`
}

// A narrow terminal keeps what tells one credential from the other, and when it expires.
var listColumns = []render.Column{{Name: "workspace", Elastic: true}, {Name: "kind"},
	{Name: "label", Elastic: true, DropOrder: 2}, {Name: "created", DropOrder: 3}, {Name: "expires"},
	{Name: "verified", DropOrder: 1}}

// listed returns the entry of a workspace as a row. A zero entry makes a row with nothing but the workspace.
func listed(workspace string, e store.Credential) listedCredential {
	return listedCredential{workspace, command.NullString(e.Kind), command.NullString(e.Label),
		date{e.Created}, date{e.Expires}, date{e.Verified}}
}

// runList prints the entries of the database. A workspace may have one before its first sync.
func runList(c call) error {
	workspaces, err := selectWorkspaces(c, command.OpenDB(c.flags))
	if err != nil {
		return err
	}
	list := []listedCredential{} // not null in JSON
	for _, ws := range workspaces {
		if ws.Credential != nil {
			list = append(list, listed(ws.Slug, *ws.Credential))
		}
	}
	if len(list) == 0 {
		command.Inform(c.flags, "no credential is stored; use %s", loginHint(c.String("workspace")))
	}
	return printCredentials(c, listColumns, list)
}

// printCredentials prints rows as JSON, or as a table. Without rows there is no table, not even its header: a
// notice or an error on stderr says that there is nothing. JSON is printed all the same, because scripts
// parse it.
func printCredentials[T any](c call, columns []render.Column, rows []T) error {
	if c.String("format") == "json" {
		return render.JSON(c.App.Writer, struct {
			Schema      int `json:"schema"`
			Credentials []T `json:"credentials"`
		}{1, rows})
	}
	if len(rows) == 0 {
		return nil
	}
	return render.Table(c.App.Writer, gridOf(columns, rows), terminalOf(c))
}

// selectWorkspaces returns the workspace that was given, stored or not, or else all that are stored. A
// workspace is stored from its first login or sync on, so that neither requires the other. If the database
// cannot be read, it returns the given one beside the error: doctor verifies its credential all the same.
func selectWorkspaces(c call, db *store.DB) ([]store.Workspace, error) {
	given, err := command.Workspace(c.flags)
	if err != nil {
		return nil, err
	}
	stored, err := command.Workspaces(c.Context, db)
	if given == "" {
		return stored, err
	}
	i := slices.IndexFunc(stored, func(ws store.Workspace) bool { return ws.Slug == given })
	if i < 0 {
		return []store.Workspace{{Slug: given}}, err
	}
	return stored[i : i+1], err
}

// entry returns what the database has of the workspace's credential. It is zero if a token in the environment
// takes precedence over the one in the keychain: an entry describes the one in the keychain, and its label
// and expiry would be wrong for the other.
func (c call) entry(ws store.Workspace) store.Credential {
	if ws.Credential == nil || c.credentialSource() != fromKeychain {
		return store.Credential{}
	}
	return *ws.Credential
}

// changeEntry replaces the entry of a workspace by what change makes of it, nil being none. A workspace that
// was never synced has nothing but its entry, and goes with it.
func changeEntry(c call, slug string, change func(*store.Credential) *store.Credential) error {
	return command.OpenDB(c.flags).Update(c.Context, func(tx *store.Tx) error {
		ws, _, err := tx.Workspace(slug)
		if err != nil {
			return err
		}
		ws.Slug, ws.Credential = slug, change(ws.Credential)
		if ws.Credential == nil && ws.LastSync.IsZero() && ws.LastListed.IsZero() {
			return tx.DeleteWorkspace(slug)
		}
		return tx.PutWorkspace(ws)
	})
}
