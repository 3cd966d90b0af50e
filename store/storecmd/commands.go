// Package storecmd holds the command db: what there is to do about the file itself. It needs
// neither the network nor the keychain, and none of it makes a database where there is none.
package storecmd

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
)

// Commands returns the commands. They read the environment through getenv alone, use the streams of
// the app they run in, and find the path of the database in its flag db.
func Commands(getenv func(string) string) []*cli.Command {
	return []*cli.Command{{
		Name:  "db",
		Usage: "look after the database",
		Description: `The database is one file. It is a copy of what Bitbucket has: should it be lost, sync fetches
everything again.

   trunkstat db info
   trunkstat db backup commits-2025-03-31.db`,
		Subcommands: []*cli.Command{
			pathCommand(), infoCommand(getenv), checkCommand(), compactCommand(), backupCommand(),
		},
	}}
}

// openDB names the database; who waits for it is told once.
func openDB(c *cli.Context) *store.DB {
	db := store.Open(c.String("db"))
	if !c.Bool("quiet") {
		db.Waiting = func(time.Duration) {
			fmt.Fprintf(c.App.ErrWriter, "trunkstat: waiting for %s, which another trunkstat is using\n", db.Path())
		}
	}
	return db
}

// noArguments refuses arguments, for commands that take none.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return cli.Exit(fmt.Sprintf("%s takes no argument, but was given %q",
			c.Command.HelpName, c.Args().First()), 2)
	}
	return nil
}

func pathCommand() *cli.Command {
	return &cli.Command{
		Name:            "path",
		Usage:           "print where the database is",
		HideHelpCommand: true,
		Description: `The file need not exist yet.

   trunkstat db path
   ls -l "$(trunkstat db path)"`,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.App.Writer, openDB(c).Path())
			return err
		},
	}
}
