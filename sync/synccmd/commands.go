// Package synccmd holds the commands that talk to Bitbucket, or about what it said: auth, sync, repos,
// doctor and demo.
//
// It guarantees that
//   - only auth, sync and doctor read a secret, once a run, and that neither it nor the password of a
//     proxy is ever written anywhere but into the keychain;
//   - a credential is verified before it is stored, and nothing is stored when that fails;
//   - data goes to stdout, and all that is said meanwhile to stderr: live on a terminal, a line now
//     and then elsewhere;
//   - an error ends in what to do next, with DX's name and curl command where a credential is refused.
package synccmd

import (
	"github.com/urfave/cli/v2"

	"trunkstat/store/keychain"
)

// An environment is what the commands read besides the flags.
type environment struct {
	getenv  func(string) string // looks up a variable
	secrets keychain.Items      // nil: the system's keychain
}

// Commands returns the commands. They read the environment through getenv alone, keep secrets in the given
// items (nil: the system's keychain), and use the streams of the app that they run in.
func Commands(getenv func(string) string, secrets keychain.Items) []*cli.Command {
	env := environment{getenv, secrets}
	return []*cli.Command{
		authCommand(env),
		syncCommand(env),
		reposCommand(env),
		doctorCommand(env),
		demoCommand(),
	}
}
