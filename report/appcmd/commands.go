// Package appcmd makes one program of the commands: Prepare gives them the global flags, help, and
// one way to refuse what was typed wrongly. And it holds the commands that describe the program,
// completion and man, which are made from the app they run in, so that they know each command and
// flag that there is, and no other.
//
// Completion reads the database and nothing else: no network, no keychain, and no word of the command
// line is evaluated. Whatever goes wrong on the way, it says nothing and offers less.
package appcmd

import "github.com/urfave/cli/v2"

// Commands returns completion, man, and the hidden command that the completion scripts run. None
// reads the environment but through the flags of the app it runs in.
func Commands() []*cli.Command {
	return []*cli.Command{completionCommand(), manCommand(), completeCommand()}
}
