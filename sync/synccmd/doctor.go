package synccmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

func doctorCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check what a sync needs, and say what to do where something is missing",
		Description: `Prints a line for each thing: ok, what to do, or - where it could not be checked. It works with
nothing set up, and changes nothing. The exit code is 1 where there is something to do.

   trunkstat doctor
   HTTPS_PROXY=http://proxy.example.com:3128 trunkstat doctor --ca-cert company.pem

It looks at the same environment as sync: TRUNKSTAT_TOKEN, TRUNKSTAT_EMAIL,
TRUNKSTAT_TOKEN_COMMAND, TRUNKSTAT_KEYRING_TIMEOUT, HTTPS_PROXY and NO_PROXY.`,
		Action: func(c *cli.Context) error { return runDoctor(c, env) },
	}
}

// A finding is a line of the doctor's.
type finding struct {
	what string
	ok   bool
	said string // what is the case
	do   string // what to do; "" and not ok: nothing can be said before another finding is ok
}

func (f finding) String() string {
	word := "ok"
	switch {
	case !f.ok && f.do == "":
		word = "-"
	case !f.ok:
		word = "to do"
	}
	line := fmt.Sprintf("%-6s %-11s %s", word, f.what, f.said)
	if f.do != "" {
		line += ": " + f.do
	}
	return line
}

// oneLine keeps a finding on its line, whatever an error says.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func runDoctor(c *cli.Context, env environment) error {
	wrong := 0
	say := func(findings ...finding) error {
		for _, f := range findings {
			if !f.ok && f.do != "" {
				wrong++
			}
			if err := command.PrintLine(c, f.String()); err != nil {
				return err
			}
		}
		return c.Context.Err()
	}
	if err := say(checkKeychain(c, env)); err != nil {
		return err
	}
	workspaces, database := checkDatabase(c)
	if err := say(database); err != nil {
		return err
	}
	network, reached := checkNetwork(c, env)
	if err := say(network...); err != nil {
		return err
	}
	if err := say(checkCredentials(c, env, workspaces, reached)...); err != nil {
		return err
	}
	if wrong > 0 {
		return &command.Error{Code: command.ExitFailed, Err: fmt.Errorf("%s to do", count(wrong, "thing", "things"))}
	}
	return nil
}

// checkDatabase also finds the workspaces whose credentials are worth a look.
func checkDatabase(c *cli.Context) ([]store.Workspace, finding) {
	f := finding{what: "database"}
	path := command.OpenDB(c).Path()
	repositories := 0
	var known []store.Workspace
	err := command.OpenDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		all, err := tx.Repositories()
		if err != nil {
			return err
		}
		repositories = len(all)
		known, err = tx.Workspaces()
		return err
	})
	switch {
	case errors.Is(err, store.ErrNoDatabase):
		f.ok, f.said = true, path+" is made by the first sync"
	case err == nil:
		f.ok = true
		f.said = fmt.Sprintf("%s: %s of %s", path, count(repositories, "repository", "repositories"),
			count(len(known), "workspace", "workspaces"))
	default:
		f.said, f.do = oneLine(err), databaseAdvice(err)
	}
	return known, f
}

func databaseAdvice(err error) string {
	switch {
	case errors.Is(err, store.ErrInUse):
		return "wait for the other trunkstat, or end it"
	case errors.Is(err, store.ErrNewer):
		return "install the latest trunkstat"
	case errors.Is(err, store.ErrBeyondRepair):
		return "put a backup in its place, or move it away and sync again"
	case errors.Is(err, store.ErrDamaged):
		return "trunkstat db check --repair"
	case errors.Is(err, store.ErrForeign):
		return "name another file with --db"
	}
	return "make it readable and writable for you, or name another file with --db"
}

// checkKeychain minds a missing keychain only where the secret would have to be in it.
func checkKeychain(c *cli.Context, env environment) finding {
	f := finding{what: "keychain"}
	keys, err := systemKeychain(c, env)
	if err != nil {
		f.said, f.do = oneLine(err), "change or unset it"
		return f
	}
	err = keys.Ping(c.Context)
	switch source := credentialSource(env); {
	case err == nil:
		f.ok, f.said = true, "answers"
	case source != fromKeychain:
		f.ok, f.said = true, "does not answer, and is not needed: the token comes from the "+source
	default:
		f.said, f.do = oneLine(err), "unlock or set up the keychain, or take one of the other ways"
	}
	return f
}

// checkCredentials verifies the credential of each workspace, as auth status does, where Bitbucket
// is reached.
func checkCredentials(c *cli.Context, env environment, known []store.Workspace, reached bool) []finding {
	f := finding{what: "credential"}
	given, err := command.Workspace(c)
	switch {
	case err != nil:
		f.said, f.do = oneLine(err), "correct --workspace or TRUNKSTAT_WORKSPACE"
		return []finding{f}
	case given != "":
		known = []store.Workspace{{Slug: given}}
	case len(known) == 0 && credentialSource(env) != fromKeychain:
		f.said, f.do = "no workspace is known to try it on", "name one with --workspace"
		return []finding{f}
	case len(known) == 0:
		f.said, f.do = errNoCredential.Error(), loginHint("")
		return []finding{f}
	}
	var findings []finding
	for _, ws := range known {
		findings = append(findings, checkCredential(c, env, ws, reached))
	}
	return findings
}

func checkCredential(c *cli.Context, env environment, ws store.Workspace, reached bool) finding {
	f := finding{what: "credential"}
	cred, source, err := findCredential(c, env, ws.Slug)
	if err == nil && !reached {
		f.said = fmt.Sprintf("%s: the %s from the %s, not verified without the API", ws.Slug, kindWords(cred.Kind), source)
		return f
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(c.Context, probeTimeout)
		defer cancel()
		var v bitbucket.Verification
		v, err = verify(ctx, c, cred, ws.Slug)
		if ctx.Err() != nil && c.Context.Err() == nil { // the client tries again and again
			err = errors.New("no answer in time")
		}
		f.said = fmt.Sprintf("%s: the %s from the %s reaches %s", ws.Slug, kindWords(cred.Kind), source,
			count(v.Repositories, "repository", "repositories"))
	}
	if err != nil {
		f.said = ws.Slug + ": " + oneLine(err)
		f.do = "see trunkstat auth status -w " + ws.Slug
		if errors.Is(err, errNoCredential) {
			f.do = loginHint(ws.Slug)
		}
		return f
	}
	expires := entryOf(ws).Expires
	if words := expiryWords(expires, time.Now()); words != "" && source == fromKeychain {
		f.said, f.do = ws.Slug+": the token "+words, loginHint(ws.Slug)
		return f
	}
	f.ok = true
	return f
}
