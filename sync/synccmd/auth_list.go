package synccmd

import (
	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store/command"
)

func listCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "show the credentials that this database knows, without network or keychain",
		Description: `A credential that was stored through another database is not shown, nor is one in the
environment; auth status shows both.

   trunkstat auth list
   trunkstat auth list --format json`,
		Flags:  []cli.Flag{formatFlag()},
		Action: func(c *cli.Context) error { return runList(c, env) },
	}
}

// A listedCredential is a line of auth list. Its JSON is a promise: keys are added, never changed.
type listedCredential struct {
	Workspace string             `json:"workspace"`
	Kind      command.NullString `json:"kind"`
	Label     command.NullString `json:"label"`
	Created   date               `json:"created"` // RFC 3339 in UTC, as all times here
	Expires   date               `json:"expires"`
	Verified  date               `json:"verified"`
}

func runList(c *cli.Context, env environment) error {
	known, err := selectWorkspaces(c)
	if err != nil {
		return err
	}
	list := []listedCredential{}
	for _, ws := range known {
		if e := ws.Credential; e != nil {
			list = append(list, listedCredential{ws.Slug, command.NullString(e.Kind), command.NullString(e.Label),
				date{e.Created}, date{e.Expires}, date{e.Verified}})
		}
	}
	if len(list) == 0 && !c.Bool("quiet") {
		command.Notice(c, "%v; %s stores one", errNoCredential, loginHint(c.String("workspace")))
	}
	return writeList(c, env, list)
}

func writeList(c *cli.Context, env environment, list []listedCredential) error {
	if c.String("format") == "json" {
		return render.JSON(c.App.Writer, credentials[listedCredential]{1, list})
	}
	if len(list) == 0 {
		return nil
	}
	grid := render.Grid{Columns: []render.Column{{Name: "workspace", Elastic: true}, {Name: "kind"},
		{Name: "label", Elastic: true, DropOrder: 2}, {Name: "created", DropOrder: 3}, {Name: "expires"},
		{Name: "verified", DropOrder: 1}}}
	for _, l := range list {
		grid.Rows = append(grid.Rows, []render.Cell{render.Text(l.Workspace), render.Text(string(l.Kind)),
			render.Text(string(l.Label)), l.Created.cell(), l.Expires.cell(), l.Verified.cell()})
	}
	return render.Table(c.App.Writer, grid, render.TerminalOf(c.App.Writer, env.getenv, c.Bool("no-color")))
}

// credentials is what auth list and auth status print as JSON.
type credentials[T any] struct {
	Schema      int `json:"schema"`
	Credentials []T `json:"credentials"`
}
