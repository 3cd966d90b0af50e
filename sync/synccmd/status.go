package synccmd

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

func statusCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "verify each credential and show what it can do",
		Description: `Lists the repositories of each workspace with its credential. The exit code is that of the
worst failure. Warns on stderr from 14 days before a token expires.

STATE is ok, invalid_credentials, invalid_permissions, no_resources, none (no credential), failed,
or, with --offline, unverified or expired.

   trunkstat auth status
   trunkstat auth status --offline --format json`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "offline", Usage: "use neither the network nor the keychain"},
			formatFlag(),
		},
		Action: func(c *cli.Context) error { return runStatus(c, env) },
	}
}

// A credentialStatus is a row of auth status. Keys may be added to its JSON, and are never changed; what is
// not known is null.
type credentialStatus struct {
	Workspace    string             `json:"workspace"`
	Kind         command.NullString `json:"kind"`
	Label        command.NullString `json:"label"`
	Source       command.NullString `json:"source"` // environment, command or keychain
	State        string             `json:"state"`
	Error        command.NullString `json:"error"`
	Repositories *int               `json:"repositories"`
	Scopes       []string           `json:"scopes"`
	Created      date               `json:"created"`
	Expires      date               `json:"expires"`
	Verified     date               `json:"verified"`
}

func runStatus(c *cli.Context, env environment) error {
	if err := checkConnection(c, env); err != nil {
		return err
	}
	workspaces, err := selectWorkspaces(c, command.OpenDB(c))
	if err != nil {
		return err
	}
	list, errs := []credentialStatus{}, []error{}
	for _, ws := range workspaces {
		status, err := statusOf(c, env, ws)
		if c.Context.Err() != nil {
			return c.Context.Err()
		}
		if err != nil {
			errs = append(errs, err)
		}
		list = append(list, status)
	}
	if err := writeStatus(c, env, list); err != nil {
		return err
	}
	for i, ws := range workspaces {
		if list[i].Source == fromKeychain {
			warnExpiry(c, ws.Slug, entryOf(ws).Expires, env.now())
		}
	}
	return statusOutcome(c, list, errs)
}

// statusOutcome returns the worst failure and prints the others. A workspace without a credential is a
// failure only if it was given, or if no workspace has one.
func statusOutcome(c *cli.Context, list []credentialStatus, errs []error) error {
	if c.String("workspace") == "" {
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errNoCredential) })
	}
	if len(errs) == 0 {
		if slices.ContainsFunc(list, func(s credentialStatus) bool { return s.State != "none" }) {
			return nil
		}
		return noCredential("", nil)
	}
	slices.SortStableFunc(errs, func(a, b error) int { return severity(b) - severity(a) })
	for _, err := range errs[1:] {
		command.Notice(c, "%v", err)
	}
	return errs[0]
}

// severity ranks exit codes: a credential that is wrong, one that reaches nothing, the rest.
func severity(err error) int {
	switch code, _ := command.Exit(err); code {
	case command.ExitCredentials:
		return 3
	case command.ExitNoResources:
		return 2
	}
	return 1
}

// statusOf verifies one workspace's credential. The error is why its state is not ok.
func statusOf(c *cli.Context, env environment, ws store.Workspace) (credentialStatus, error) {
	if c.Bool("offline") {
		return offlineStatus(env, ws), nil
	}
	s := credentialStatus{Workspace: ws.Slug}
	cred, source, err := findCredential(c, env, ws.Slug)
	if errors.Is(err, errNoCredential) {
		s.State, s.Error = "none", command.NullString(err.Error())
		return s, err
	}
	s.Source = command.NullString(source)
	if source == fromKeychain {
		s.describe(entryOf(ws))
	}
	if err != nil {
		s.State, s.Error = "failed", command.NullString(err.Error())
		return s, err
	}
	s.Kind = command.NullString(cred.Kind)
	v, err := verify(c.Context, c, env, cred, ws.Slug)
	if err != nil {
		s.State, s.Error = stateOf(err), command.NullString(err.Error())
		return s, err
	}
	now := env.now().UTC().Truncate(time.Second)
	s.State, s.Repositories, s.Scopes, s.Verified = "ok", &v.Repositories, v.Scopes, date{now}
	if source == fromKeychain && ws.Credential != nil {
		err = recordVerified(c, ws.Slug, now)
	}
	return s, err
}

// offlineStatus returns what is known without a request.
func offlineStatus(env environment, ws store.Workspace) credentialStatus {
	source := command.NullString(credentialSource(env))
	s := credentialStatus{Workspace: ws.Slug, State: "unverified", Source: source}
	if s.Source != fromKeychain {
		return s
	}
	if ws.Credential == nil {
		s.State, s.Source = "none", ""
		return s
	}
	s.describe(*ws.Credential)
	if e := ws.Credential.Expires; !e.IsZero() && !e.After(env.now()) {
		s.State = "expired"
	}
	return s
}

// describe fills in the entry of a credential in the keychain.
func (s *credentialStatus) describe(e store.Credential) {
	s.Kind, s.Label = command.NullString(e.Kind), command.NullString(e.Label)
	s.Created, s.Expires, s.Verified = date{e.Created}, date{e.Expires}, date{e.Verified}
}

// stateOf returns the name of a failure, "failed" if it has none.
func stateOf(err error) string {
	for _, name := range []error{errInvalidCredentials, errInvalidPermissions, errNoResources} {
		if errors.Is(err, name) {
			return name.Error()
		}
	}
	return "failed"
}

// recordVerified stores the time of a verification for auth list and --offline.
func recordVerified(c *cli.Context, workspace string, now time.Time) error {
	return command.OpenDB(c).Update(c.Context, func(tx *store.Tx) error {
		ws, ok, err := tx.Workspace(workspace)
		if err != nil || !ok || ws.Credential == nil {
			return err
		}
		ws.Credential.Verified = now
		return tx.PutWorkspace(ws)
	})
}

func writeStatus(c *cli.Context, env environment, list []credentialStatus) error {
	if c.String("format") == "json" {
		return render.JSON(c.App.Writer, credentialList[credentialStatus]{1, list})
	}
	grid := render.Grid{Columns: []render.Column{{Name: "workspace", Elastic: true}, {Name: "state"},
		{Name: "kind", DropOrder: 1}, {Name: "label", Elastic: true, DropOrder: 4},
		{Name: "source", DropOrder: 5}, {Name: "repositories", Number: true, DropOrder: 2},
		{Name: "scopes", Elastic: true, DropOrder: 3}, {Name: "expires"}, {Name: "verified", DropOrder: 6}}}
	for _, s := range list {
		repositories := render.Cell{}
		if s.Repositories != nil {
			repositories = render.Number(*s.Repositories)
		}
		grid.Rows = append(grid.Rows, []render.Cell{render.Text(s.Workspace), render.Text(s.State),
			render.Text(string(s.Kind)), render.Text(string(s.Label)), render.Text(string(s.Source)),
			repositories, render.Text(strings.Join(s.Scopes, " ")), s.Expires.cell(), s.Verified.cell()})
	}
	return printTable(c, env, grid)
}
