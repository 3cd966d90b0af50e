// Package reportcmd is the commands that read what is stored: report counts commits, export
// gives them out. Neither needs the network or the keychain, and both work while a sync runs.
//
// Everything that can be wrong with a command line is found before anything is written: such an
// error has the exit code 2.
package reportcmd

import "github.com/urfave/cli/v2"

// Commands returns report and export. The program's own flags, db and workspace among them, are
// read from the context; getenv answers for the environment.
func Commands(getenv func(string) string) []*cli.Command {
	return []*cli.Command{reportCommand(getenv), exportCommand(getenv)}
}
