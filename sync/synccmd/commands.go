// Package synccmd holds the commands that talk to Bitbucket, or about what it said: auth, sync, repos,
// doctor and demo.
package synccmd

import "github.com/urfave/cli/v2"

// Commands returns the commands. They read the environment through getenv alone, and use the streams
// of the app they run in.
func Commands(getenv func(string) string) []*cli.Command {
	return []*cli.Command{
		authCommand(getenv),
		syncCommand(getenv),
		reposCommand(getenv),
		doctorCommand(getenv),
		demoCommand(getenv),
	}
}
