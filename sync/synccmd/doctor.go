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

// probeTimeout limits each check that asks Bitbucket.
const probeTimeout = 20 * time.Second

func doctorCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check what a sync requires, and say how to fix what is wrong",
		Description: `Prints a line for each check: ok, or the problem with its fix below it, or - if the check was
skipped. It requires no setup and changes nothing. The exit code is 1 if there is a problem. With
--verbose, it also prints what Bitbucket does at the workspace where its documentation is silent, to
be pasted into a report.

   trunkstat doctor
   HTTPS_PROXY=http://proxy.example.com:3128 trunkstat doctor --ca-cert company.pem

It uses the same environment as sync: TRUNKSTAT_TOKEN, TRUNKSTAT_EMAIL, TRUNKSTAT_TOKEN_COMMAND,
TRUNKSTAT_KEYRING_TIMEOUT, HTTPS_PROXY and NO_PROXY.`,
		Action: func(c *cli.Context) error { return runDoctor(c, env) },
	}
}

// A finding is the result of one check. A check that depends on another with a problem is skipped.
type finding struct {
	what string
	text string
	fix  string // set: there is a problem

	skipped bool
}

// lines returns the finding, and below it the fix.
func (f finding) lines() []string {
	word := "ok"
	text := strings.Join(strings.Fields(f.text), " ")
	switch {
	case f.skipped:
		word, text = "-", "skipped: "+text
	case f.fix != "":
		word = "problem"
	}
	lines := []string{fmt.Sprintf("%-8s %-11s %s", word, f.what, text)}
	if f.fix != "" {
		lines = append(lines, strings.Repeat(" ", 21)+f.fix)
	}
	return lines
}

// A doctor prints findings and counts the problems.
type doctor struct {
	c        *cli.Context
	env      environment
	problems int
	err      error // of stdout
}

func (d *doctor) report(findings ...finding) {
	for _, f := range findings {
		if f.fix != "" {
			d.problems++
		}
		for _, line := range f.lines() {
			d.print(line)
		}
	}
}

func (d *doctor) print(line string) {
	if d.err == nil {
		d.err = command.PrintLine(d.c, line)
	}
}

func runDoctor(c *cli.Context, env environment) error {
	d := &doctor{c: c, env: env}
	d.report(checkKeychain(c, env))
	workspaces, database := checkDatabase(c)
	d.report(database)
	network, reached := checkNetwork(c, env)
	d.report(network...)
	d.checkCredentials(workspaces, reached)
	switch {
	case c.Context.Err() != nil:
		return c.Context.Err()
	case d.err != nil:
		return d.err
	case d.problems > 0:
		return fmt.Errorf("%s found", count(d.problems, "problem", "problems"))
	}
	return nil
}

// checkDatabase also returns the stored workspaces, whose credentials are checked.
func checkDatabase(c *cli.Context) ([]store.Workspace, finding) {
	f := finding{what: "database"}
	path := command.OpenDB(c).Path()
	var repos []store.Repository
	var workspaces []store.Workspace
	err := command.OpenDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		if repos, err = tx.Repositories(); err == nil {
			workspaces, err = tx.Workspaces()
		}
		return err
	})
	switch {
	case errors.Is(err, store.ErrNoDatabase):
		f.text = path + ": the first sync creates it"
	case err == nil:
		f.text = fmt.Sprintf("%s: %s of %s", path, repositories(len(repos)),
			count(len(workspaces), "workspace", "workspaces"))
	default:
		f.text, f.fix = err.Error(), databaseFix(err)
	}
	return workspaces, f
}

func databaseFix(err error) string {
	switch {
	case errors.Is(err, store.ErrInUse):
		return "wait for the other trunkstat, or end it"
	case errors.Is(err, store.ErrNewer):
		return "install the latest trunkstat"
	case errors.Is(err, store.ErrOlder):
		return "move it away and run trunkstat sync"
	case errors.Is(err, store.ErrBeyondRepair):
		return "put a backup in its place, or move it away and sync again"
	case errors.Is(err, store.ErrDamaged):
		return "trunkstat db check --repair"
	case errors.Is(err, store.ErrForeign):
		return "use another file with --db"
	}
	return "make it readable and writable for you, or use another file with --db"
}

// checkKeychain finds a missing keychain a problem only if the secret has to be in it.
func checkKeychain(c *cli.Context, env environment) finding {
	f := finding{what: "keychain"}
	keys, err := openKeychain(c, env)
	if err != nil {
		f.text, f.fix = err.Error(), "change or unset it"
		return f
	}
	err = keys.Ping(c.Context)
	switch source := credentialSource(env); {
	case err == nil:
		f.text = "answers"
	case source != fromKeychain:
		f.text = "does not answer, and is not needed: the token comes from the " + source
	default:
		f.text = err.Error()
		f.fix = "unlock or set up the keychain, or use TRUNKSTAT_TOKEN or TRUNKSTAT_TOKEN_COMMAND"
	}
	return f
}

// checkCredentials verifies the credential of each workspace, as auth status does, if Bitbucket is reached.
func (d *doctor) checkCredentials(workspaces []store.Workspace, reached bool) {
	f := finding{what: "credential"}
	given, err := command.Workspace(d.c)
	switch {
	case err != nil:
		f.text, f.fix = err.Error(), "correct --workspace or TRUNKSTAT_WORKSPACE"
	case given != "":
		workspaces = []store.Workspace{withSlug(workspaces, given)}
	case len(workspaces) == 0 && credentialSource(d.env) != fromKeychain:
		f.text, f.fix = "no workspace to verify it with", "use --workspace"
	case len(workspaces) == 0:
		f.text, f.fix = errNoCredential.Error(), loginHint("")
	}
	if f.fix != "" {
		d.report(f)
		return
	}
	for _, ws := range workspaces {
		d.checkCredential(ws, reached)
	}
}

// checkCredential reports on one workspace, with --verbose also what Bitbucket does there.
func (d *doctor) checkCredential(ws store.Workspace, reached bool) {
	f := finding{what: "credential"}
	cred, source, err := findCredential(d.c, d.env, ws.Slug)
	if err == nil && !reached {
		f.skipped, f.text = true, ws.Slug+": no connection"
		d.report(f)
		return
	}
	var v bitbucket.Verification
	if err == nil {
		ctx, cancel := context.WithTimeout(d.c.Context, probeTimeout)
		defer cancel()
		v, err = verify(ctx, d.c, d.env, cred, ws.Slug)
		if ctx.Err() != nil && d.c.Context.Err() == nil { // the client retries
			err = errors.New("no answer in time")
		}
	}
	if err != nil {
		f.text, f.fix = ws.Slug+": "+err.Error(), credentialFix(err, ws.Slug)
		d.report(f)
		return
	}
	f.text = fmt.Sprintf("%s: the %s from the %s reaches %s", ws.Slug, kindName(cred.Kind), source,
		repositories(v.Repositories))
	if words := expiryWords(entryOf(ws).Expires, d.env.now()); words != "" && source == fromKeychain {
		f.text, f.fix = ws.Slug+": the token "+words, loginHint(ws.Slug)
	}
	d.report(f)
	if d.c.Bool("verbose") {
		d.printFacts(cred, ws.Slug)
	}
}

func credentialFix(err error, workspace string) string {
	switch {
	case errors.Is(err, errNoCredential):
		return loginHint(workspace)
	case bitbucket.IsNotBitbucket(err):
		return notBitbucketAdvice
	}
	return "trunkstat auth status -w " + workspace
}
