// Package synccmd holds the commands that talk to Bitbucket, or show what it answered: auth, sync, repos,
// doctor and demo.
//
// It guarantees that
//   - only auth, sync and doctor read a secret, once a run, and that neither it nor the password of a
//     proxy is written anywhere but into the keychain;
//   - a credential is verified before it is stored, and nothing is stored if that fails;
//   - data goes to stdout and everything else to stderr: live lines on a terminal, and elsewhere a line
//     every few seconds;
//   - an error ends with the next step, and a refused credential also with DX's name for the failure and
//     DX's curl command.
//
// Terms:
//   - entry: what the database has of a credential, everything but the secret;
//   - source: where a credential was found: the environment, a command or the keychain;
//   - connection: what the flags say about how Bitbucket is reached;
//   - named failure: invalid_credentials, invalid_permissions or no_resources;
//   - finding: one line of doctor, with its fix below it if there is a problem;
//   - live lines: the lines at the foot of a terminal that are redrawn during a sync.
//
// Where to look:
//   - auth.go, login.go, status.go, logout.go: the commands auth; expiry.go warns before a token expires, and
//     prompt.go asks on a terminal;
//   - credential.go, credential_command.go: where a credential comes from;
//   - connection.go: the client that the flags describe, and the request that verifies a credential;
//     request_log.go: what is told of requests; failure.go: what errors mean, and what helps;
//   - sync.go, sync_run.go: the command sync; outcome.go and summary.go: how its end is told; gitsource.go:
//     --via git and --clones;
//   - progress.go: what is told of a sync that runs; progress_status.go counts and writes the lines,
//     screen.go draws them;
//   - repos.go, doctor.go (with doctor_network.go and doctor_facts.go), demo.go: a command each;
//   - table.go: how rows become tables and JSON.
package synccmd

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/keychain"
)

// An environment is what the commands use besides their flags. Tests replace parts of it, and demo runs a
// sync whose variables name the sandbox and not the user's credential.
type environment struct {
	getenv  func(string) string
	secrets keychain.Items // nil: the system's keychain

	// The clock. A test of a rate limit that lasts for an hour moves it instead of waiting.
	now   func() time.Time
	sleep func(context.Context, time.Duration) error // nil: the real one

	noticeAfter  time.Duration // before a notice says that a token command or the keychain is waited for
	tokenTimeout time.Duration // before a token command is killed
}

// newEnvironment returns the environment of the program. A token command has a minute, because it may ask the
// user for a password. One that asks no question answers within two seconds, as a keychain does, and needs no
// notice.
func newEnvironment(getenv func(string) string, secrets keychain.Items) environment {
	return environment{
		getenv: getenv, secrets: secrets, now: time.Now,
		noticeAfter: 2 * time.Second, tokenTimeout: time.Minute,
	}
}

// Commands returns the commands. They read the environment through getenv alone, keep secrets in the given
// items (nil: the system's keychain), and use the streams of the app that they run in.
func Commands(getenv func(string) string, secrets keychain.Items) []*cli.Command {
	return commands(newEnvironment(getenv, secrets))
}

// flags is an alias so that a call, which embeds it, has no field Context but that of the flags.
type flags = cli.Context

// A call is a command that runs: its flags and streams, and what it uses besides. Its Context ends with
// Ctrl-C.
type call struct {
	*flags
	environment
}

// action returns what urfave/cli runs for a command.
func (env environment) action(run func(call) error) cli.ActionFunc {
	return func(c *cli.Context) error { return run(call{c, env}) }
}

func commands(env environment) []*cli.Command {
	return []*cli.Command{
		authCommand(env),
		syncCommand(env),
		reposCommand(env),
		doctorCommand(env),
		demoCommand(),
	}
}
