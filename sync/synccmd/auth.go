package synccmd

import (
	"encoding/json"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

func authCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "auth",
		Usage: "store, check and remove the credentials for Bitbucket",
		Description: `The secret is kept in the keychain of the operating system and nowhere else. Where there is
no keychain, give the token in the environment, which comes before the keychain:

   TRUNKSTAT_TOKEN           the token
   TRUNKSTAT_EMAIL           with an API token: the e-mail of its Atlassian account
   TRUNKSTAT_TOKEN_COMMAND   a command that prints the token, say of a password manager
   TRUNKSTAT_KEYRING_TIMEOUT how long to wait for the keychain (60s; 5s without a terminal)

One scope is enough: "repository" for an access token, "read:repository:bitbucket" for an API
token.

   trunkstat auth login --workspace acme
   trunkstat auth status`,
		Subcommands: []*cli.Command{
			loginCommand(env), statusCommand(env), listCommand(env), logoutCommand(env),
		},
	}
}

func formatFlag() cli.Flag {
	return command.Enum("format", "table", "`FORMAT`", "table", "json")
}

// expiryWarning is how long before its end a token is worth a warning.
const expiryWarning = 14 * 24 * time.Hour

// parseExpiry reads a date, through the end of which in UTC the token is good, or a moment in
// RFC 3339.
func parseExpiry(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	expires, err := time.Parse(time.DateOnly, s)
	if err == nil {
		expires = expires.Add(24*time.Hour - time.Second)
	} else if expires, err = time.Parse(time.RFC3339, s); err != nil {
		return time.Time{}, command.Misuse("--expires %q is no date: write it like 2026-03-31, "+
			"or as a moment in RFC 3339", command.Shorten(s))
	}
	if !expires.After(now) {
		return time.Time{}, command.Misuse("--expires %s is in the past", s)
	}
	return expires.UTC(), nil
}

// expiryWords says what there is to say of the end of a token, "" where there is nothing.
func expiryWords(expires, now time.Time) string {
	left := expires.Sub(now)
	day := expires.UTC().Format(time.DateOnly)
	switch {
	case expires.IsZero() || left > expiryWarning:
		return ""
	case left <= 0:
		return "expired on " + day
	case left < 24*time.Hour:
		return "expires on " + day + ", within a day"
	}
	return "expires on " + day + ", in " + count(int(left/(24*time.Hour)), "day", "days")
}

// warnExpiry tells somebody, on stderr and even with --quiet, to make a new token in time.
func warnExpiry(c *cli.Context, workspace string, expires, now time.Time) {
	if words := expiryWords(expires, now); words != "" {
		command.Notice(c, "warning: the token of %s %s; %s replaces it", workspace, words,
			loginHint(workspace))
	}
}

// warnExpiryOf warns of the end of the token in the keychain, as far as the database knows of it.
// What is wrong with the database, the sync will say.
func warnExpiryOf(c *cli.Context, db *store.DB, workspace string) {
	db.View(c.Context, func(tx *store.Tx) error {
		ws, _, err := tx.Workspace(workspace)
		if err == nil {
			warnExpiry(c, workspace, entryOf(ws).Expires, time.Now())
		}
		return err
	})
}

// timeText writes a time for tables and JSON, "" for none.
// A date is a time, in UTC. In JSON the zero time is null.
type date struct{ time.Time }

func (d date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.UTC().Format(time.RFC3339))
}

func (d date) cell() render.Cell { return render.Date(d.UTC()) }

// entryOf is what the database knows of the workspace's credential; zero for nothing.
func entryOf(ws store.Workspace) store.Credential {
	if ws.Credential == nil {
		return store.Credential{}
	}
	return *ws.Credential
}
