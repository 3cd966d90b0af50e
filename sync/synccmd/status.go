package synccmd

import (
	"errors"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

func statusCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "status",
		Usage: "verify each credential and show what it can do",
		Description: `Lists the repositories of each workspace with its credential. The exit code
is that of the worst failure. Warns on stderr from 14 days before a token
expires.

STATE is ok, invalid_credentials, invalid_permissions, no_resources, none (no
credential), failed, or, with --offline, unverified or expired.

   trunkstat auth status
   trunkstat auth status --offline --format json`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "offline", Usage: "use neither the network nor the keychain"},
			formatFlag(),
		},
		Action: env.action(runStatus),
	}
}

// A credentialStatus is a row of auth status: that of auth list, and what was found out about the credential.
// Keys may be added to its JSON, and are never changed; what is not known is null.
type credentialStatus struct {
	listedCredential
	Source       command.NullString `json:"source"` // environment, command or keychain
	State        string             `json:"state"`
	Error        command.NullString `json:"error"`
	Repositories *int               `json:"repositories"`
	Scopes       []string           `json:"scopes"`
}

// A table has the state beside the workspace, because it is what the command is for. A narrow terminal keeps
// both, and when the token expires.
var statusColumns = []render.Column{{Name: "workspace", Elastic: true}, {Name: "state"},
	{Name: "kind", DropOrder: 1}, {Name: "label", Elastic: true, DropOrder: 4}, {Name: "source", DropOrder: 5},
	{Name: "repositories", Number: true, DropOrder: 2}, {Name: "scopes", Elastic: true, DropOrder: 3},
	{Name: "expires"}, {Name: "verified", DropOrder: 6}}

// runStatus prints a row for every workspace, and only then says what is wrong: a credential that fails must
// not hide the others.
func runStatus(c call) error {
	conn, err := connect(c)
	if err != nil {
		return err
	}
	workspaces, err := selectWorkspaces(c, command.OpenDB(c.flags))
	if err != nil {
		return err
	}
	list, errs := []credentialStatus{}, []error{}
	for _, ws := range workspaces {
		status, err := statusOf(conn, ws)
		if c.Context.Err() != nil {
			return c.Context.Err()
		}
		list, errs = append(list, status), append(errs, err)
	}
	if err := printCredentials(c, statusColumns, list); err != nil {
		return err
	}
	for _, s := range list { // below the table, where warnings are seen
		warnExpiry(c, s.Workspace, s.Expires.Time)
	}
	// A workspace without a credential is a failure only if all are: its commits may be kept on purpose.
	if !slices.ContainsFunc(list, func(s credentialStatus) bool { return s.State != "none" }) {
		errs = append(errs, noCredential(c.String("workspace")))
	}
	return worst(c, errs)
}

// statusOf verifies one workspace's credential. The error is why its state is not ok. A workspace without a
// credential is no error, because the next one may have one.
func statusOf(c *connection, ws store.Workspace) (credentialStatus, error) {
	s := credentialStatus{listedCredential: listed(ws.Slug, c.entry(ws)),
		Source: command.NullString(c.credentialSource())}
	if c.Bool("offline") {
		s.setOfflineState(c.now())
		return s, nil
	}
	cred, err := c.credential(ws.Slug)
	if errors.Is(err, errNoCredential) { // the entry, if there is one, describes a secret that is gone
		s = credentialStatus{listedCredential: listed(ws.Slug, store.Credential{}), State: "none",
			Error: command.NullString(err.Error())}
		return s, nil
	}
	var v bitbucket.Verification
	if err == nil {
		s.Kind = command.NullString(cred.Kind)
		v, err = c.verify(c.Context, cred, ws.Slug)
	}
	if err != nil {
		s.State, s.Error = stateOf(err), command.NullString(err.Error())
		return s, err
	}
	now := c.now().UTC().Truncate(time.Second)
	s.State, s.Repositories, s.Scopes, s.Verified = "ok", &v.Repositories, v.Scopes, date{now}
	if c.entry(ws) == (store.Credential{}) {
		return s, nil
	}
	// auth list and --offline show when the credential was verified last.
	return s, changeEntry(c.call, ws.Slug, func(e *store.Credential) *store.Credential {
		if e != nil { // it may have been removed meanwhile
			e.Verified = now
		}
		return e
	})
}

// setOfflineState sets what can be told without network and keychain. A workspace has a credential if the
// database has an entry, or if a variable of the environment has a token for all workspaces; only an entry
// tells when it expires.
func (s *credentialStatus) setOfflineState(now time.Time) {
	s.State = "unverified"
	switch {
	case s.Source == fromKeychain && s.Kind == "":
		s.Source, s.State = "", "none"
	case !s.Expires.IsZero() && !s.Expires.After(now):
		s.State = "expired"
	}
}

// stateOf returns the state that a failure is shown as, "failed" if DX has no name for it: a network that is
// down says nothing about the credential.
func stateOf(err error) string {
	for _, name := range []error{errInvalidCredentials, errInvalidPermissions, errNoResources} {
		if errors.Is(err, name) {
			return name.Error()
		}
	}
	return "failed"
}
