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

// A credentialStatus is a row of auth status. Keys may be added to its JSON, and are never changed; what is
// not known is null.
type credentialStatus struct {
	listedCredential
	Source       command.NullString `json:"source"` // environment, command or keychain
	State        string             `json:"state"`
	Error        command.NullString `json:"error"`
	Repositories *int               `json:"repositories"`
	Scopes       []string           `json:"scopes"`
}

func (s credentialStatus) values() []any {
	return []any{s.Workspace, s.State, s.Kind, s.Label, s.Source, s.Repositories, strings.Join(s.Scopes, " "),
		s.Expires, s.Verified}
}

var statusColumns = []render.Column{{Name: "workspace", Elastic: true}, {Name: "state"},
	{Name: "kind", DropOrder: 1}, {Name: "label", Elastic: true, DropOrder: 4}, {Name: "source", DropOrder: 5},
	{Name: "repositories", Number: true, DropOrder: 2}, {Name: "scopes", Elastic: true, DropOrder: 3},
	{Name: "expires"}, {Name: "verified", DropOrder: 6}}

// runStatus prints a row for every workspace, and only then says what is wrong: a credential that fails must
// not hide the others.
func runStatus(c call) error {
	if err := checkConnection(c); err != nil {
		return err
	}
	workspaces, err := selectWorkspaces(c, command.OpenDB(c.flags))
	if err != nil {
		return err
	}
	list, errs := []credentialStatus{}, []error{}
	for _, ws := range workspaces {
		status, err := statusOf(c, ws)
		if c.Context.Err() != nil {
			return c.Context.Err()
		}
		if err != nil {
			errs = append(errs, err)
		}
		list = append(list, status)
	}
	if err := printCredentials(c, statusColumns, list); err != nil {
		return err
	}
	for i, ws := range workspaces {
		if list[i].Source == fromKeychain {
			warnExpiry(c, ws.Slug, entryOf(ws).Expires)
		}
	}
	return statusOutcome(c, list, errs)
}

// statusOutcome returns the worst failure. A workspace without a credential is a
// failure only if it was given, or if no workspace has one.
func statusOutcome(c call, list []credentialStatus, errs []error) error {
	if c.String("workspace") == "" {
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errNoCredential) })
	}
	if len(errs) == 0 {
		if slices.ContainsFunc(list, func(s credentialStatus) bool { return s.State != "none" }) {
			return nil
		}
		return noCredential("")
	}
	return worst(c, errs)
}

// statusOf verifies one workspace's credential. The error is why its state is not ok.
func statusOf(c call, ws store.Workspace) (credentialStatus, error) {
	if c.Bool("offline") {
		return offlineStatus(c, ws), nil
	}
	cred, source, err := findCredential(c, ws.Slug)
	s := newStatus(ws, source)
	if err == nil {
		s.Kind = command.NullString(cred.Kind)
		var v bitbucket.Verification
		if v, err = verify(c.Context, c, cred, ws.Slug); err == nil {
			now := c.now().UTC().Truncate(time.Second)
			s.State, s.Repositories, s.Scopes, s.Verified = "ok", &v.Repositories, v.Scopes, date{now}
			return s, recordVerified(c, ws, source, now)
		}
	}
	if errors.Is(err, errNoCredential) { // the entry, if there is one, describes a secret that is gone
		s = newStatus(store.Workspace{Slug: ws.Slug}, "")
	}
	s.State, s.Error = stateOf(err), command.NullString(err.Error())
	return s, err
}

// newStatus returns what is known of a credential before it is verified. The database describes only those
// in the keychain.
func newStatus(ws store.Workspace, source string) credentialStatus {
	if source != fromKeychain {
		ws.Credential = nil
	}
	return credentialStatus{listedCredential: listed(ws), Source: command.NullString(source)}
}

// offlineStatus returns what is known without a request.
func offlineStatus(c call, ws store.Workspace) credentialStatus {
	source, state := c.credentialSource(), "unverified"
	if e := entryOf(ws).Expires; source == fromKeychain {
		switch {
		case ws.Credential == nil:
			source, state = "", "none"
		case !e.IsZero() && !e.After(c.now()):
			state = "expired"
		}
	}
	s := newStatus(ws, source)
	s.State = state
	return s
}

// stateOf returns the state that a failure is shown as, "failed" if it has no name.
func stateOf(err error) string {
	for _, name := range []error{errInvalidCredentials, errInvalidPermissions, errNoResources} {
		if errors.Is(err, name) {
			return name.Error()
		}
	}
	if errors.Is(err, errNoCredential) {
		return "none"
	}
	return "failed"
}

// recordVerified stores the time of a verification for auth list and --offline.
func recordVerified(c call, ws store.Workspace, source string, now time.Time) error {
	if source != fromKeychain || ws.Credential == nil {
		return nil
	}
	return changeEntry(c, ws.Slug, func(e *store.Credential) *store.Credential {
		if e != nil { // it may have been removed meanwhile
			e.Verified = now
		}
		return e
	})
}
