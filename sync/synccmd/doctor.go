package synccmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// probeTimeout limits each check that asks Bitbucket. A user waits for the answer; the client of a sync, with
// its retries, could take minutes to say that there is no network. A slow proxy answers within it.
const probeTimeout = 20 * time.Second

func doctorCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "check what a sync requires, and say how to fix problems",
		Description: `Prints a line for each check: ok, or the problem with its fix below it, or -
if the check was skipped. It requires no setup and changes nothing. The exit
code is 1 if there is a problem. With --verbose, it also prints what
Bitbucket does at the workspace where its documentation is silent, to be
pasted into a report.

   trunkstat doctor
   HTTPS_PROXY=http://proxy:3128 trunkstat doctor --ca-cert company.pem

It uses the same environment as sync: TRUNKSTAT_TOKEN, TRUNKSTAT_EMAIL,
TRUNKSTAT_TOKEN_COMMAND, TRUNKSTAT_KEYRING_TIMEOUT, HTTPS_PROXY and NO_PROXY.`,
		Action: env.action(runDoctor),
	}
}

// A finding is the result of one check. A check that depends on another with a problem is skipped, so that
// each problem is counted once.
type finding struct {
	result string // ok, problem, or - if the check was skipped
	text   string
	fix    string // of a problem
}

// The findings of a check: it passed, found a problem, or was skipped and why.
func passed(text string) finding { return finding{"ok", text, ""} }

func problem(text, fix string) finding { return finding{"problem", text, fix} }

func skipped(why string) finding { return finding{"-", "skipped: " + why, ""} }

// failed returns the problem that an error is. Its fix is the first hint of the error, which every command
// prints, else the one given. The other hints, such as the curl command, are too long for a list of checks.
func failed(err error, fix string) finding {
	_, hints := command.Exit(err)
	hint, _, _ := strings.Cut(hints, "\n")
	return problem(err.Error(), cmp.Or(hint, fix))
}

// A doctor prints findings and counts the problems.
type doctor struct {
	call
	conn     *connection // nil with connErr
	connErr  error       // what is wrong with a flag for the connection
	problems int
	err      error // of stdout
}

// report prints the finding of a check, and the fix below it. Each is one line: scripts and people search for
// the first word.
func (d *doctor) report(check string, f finding) {
	text := strings.Join(strings.Fields(f.text), " ") // errors of other packages may have several lines
	d.print(fmt.Sprintf("%-8s %-11s %s", f.result, check, text))
	if f.fix != "" {
		d.problems++
		d.print(strings.Repeat(" ", 21) + f.fix)
	}
}

// print prints a line, and keeps the first error of stdout for the end of the command.
func (d *doctor) print(line string) {
	if d.err == nil {
		d.err = command.PrintLine(d.flags, line)
	}
}

// runDoctor prints all findings, also after a problem, so that one run shows everything there is to fix. The
// checks of the network come before those of the credentials, which need it.
func runDoctor(c call) error {
	d := &doctor{call: c}
	d.conn, d.connErr = connect(c)
	d.report("keychain", checkKeychain(c)) // what is on this machine first: it needs no network
	d.report("database", checkDatabase(c))
	d.checkCredentials(d.checkNetwork())
	switch {
	case c.Context.Err() != nil:
		return c.Context.Err()
	case d.err != nil:
		return d.err
	case d.problems > 0: // exit 1 whatever they are: the codes are for the failure of one command
		return fmt.Errorf("%s found", report.NumberOf(d.problems, "problem", "problems"))
	}
	return nil
}

// checkDatabase reads the workspaces and repositories. It does not look for damage, which takes long: db
// check does. A database that does not exist is no problem, and is not made here.
func checkDatabase(c call) finding {
	db := command.OpenDB(c.flags)
	var workspaces []store.Workspace
	repos, err := command.Read(c.Context, db, (*store.Tx).Repositories)
	if err == nil {
		workspaces, err = command.Workspaces(c.Context, db)
	}
	switch {
	case errors.Is(err, store.ErrNoDatabase):
		return passed(db.Path() + ": the first sync creates it")
	case err != nil:
		return failed(err, "make it readable and writable for you, or use another file with --db")
	}
	return passed(fmt.Sprintf("%s: %s of %s", db.Path(), repositories(len(repos)),
		report.NumberOf(len(workspaces), "workspace", "workspaces")))
}

// checkKeychain asks the keychain for an answer, not for a secret. A missing keychain is a problem only if
// the secret has to be in it.
func checkKeychain(c call) finding {
	keys, err := openKeychain(c)
	if err != nil {
		return failed(err, "change or unset it")
	}
	err = keys.Ping(c.Context)
	switch source := c.credentialSource(); {
	case err == nil:
		return passed("answers")
	case source != fromKeychain:
		return passed("does not answer, and is not needed: the token comes from the " + source)
	}
	return failed(err, "unlock or set up the keychain, or use TRUNKSTAT_TOKEN or TRUNKSTAT_TOKEN_COMMAND")
}

// checkCredentials verifies the credential of each workspace, as auth status does, if Bitbucket is reached.
// An error of the database has its own line above; without a workspace there is none to verify it with,
// because Bitbucket lists repositories of a workspace only.
func (d *doctor) checkCredentials(reached bool) {
	workspaces, err := selectWorkspaces(d.call, command.OpenDB(d.flags))
	switch {
	case command.IsMisuse(err):
		d.report("credential", failed(err, "correct --workspace or TRUNKSTAT_WORKSPACE"))
	case len(workspaces) == 0 && d.credentialSource() != fromKeychain:
		d.report("credential", problem("no workspace to verify it with", "use --workspace"))
	case len(workspaces) == 0:
		d.report("credential", failed(noCredential(""), ""))
	}
	for _, ws := range workspaces {
		d.checkCredential(ws, reached)
	}
}

// checkCredential reports on one workspace, with --verbose also what Bitbucket does there.
func (d *doctor) checkCredential(ws store.Workspace, reached bool) {
	var cred bitbucket.Credential
	err := d.connErr
	if err == nil {
		cred, err = d.conn.credential(ws.Slug)
	}
	if err == nil && !reached {
		d.report("credential", skipped(ws.Slug+": "+noConnection))
		return
	}
	var v bitbucket.Verification
	if err == nil {
		ctx, cancel := context.WithTimeout(d.Context, probeTimeout)
		defer cancel()
		v, err = d.conn.verify(ctx, cred, ws.Slug)
		if ctx.Err() != nil && d.Context.Err() == nil { // the client retries
			err = errors.New("no answer in time")
		}
	}
	f := passed(fmt.Sprintf("the %s from the %s reaches %s", tokenKinds[cred.Kind].name, d.credentialSource(),
		repositories(v.Repositories)))
	if err != nil {
		f = failed(err, "trunkstat auth status -w "+ws.Slug)
	} else if words := expiryWords(d.entry(ws).Expires, d.now()); words != "" {
		f = problem("the token "+words, loginHint(ws.Slug))
	}
	f.text = ws.Slug + ": " + f.text
	d.report("credential", f)
	if err == nil && d.Bool("verbose") {
		d.printFacts(cred, ws.Slug)
	}
}
