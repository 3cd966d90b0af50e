// Package storecmd holds the command db: what there is to do about the file itself. It needs neither the
// network nor the keychain, and none of its commands creates a database.
//
// Terms:
//   - problem: what db check found, a store.Finding;
//   - free bytes: pages of the file that hold nothing, and are used before it grows;
//   - budget: the requests that a credential may send within an hour.
//
// Where to look:
//   - commands.go: db itself, db path, db compact and db backup;
//   - info.go: db info; check.go: db check, with its repair.
package storecmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store/command"
)

// Commands returns db. It reads the environment through getenv alone, uses the streams of the app that it
// runs in, and finds the path of the database in the flag db.
func Commands(getenv func(string) string) []*cli.Command {
	return []*cli.Command{{
		Name:  "db",
		Usage: "show, check, compact and back up the database",
		Description: `The database is one file. It is a copy of what Bitbucket has: if it is lost,
sync fetches everything again.

   trunkstat db info
   trunkstat db backup commits-2025-03-31.db`,
		Subcommands: []*cli.Command{
			pathCommand(), infoCommand(getenv), checkCommand(), compactCommand(), backupCommand(),
		},
	}}
}

// pathCommand returns db path. It prints the path alone, for use in scripts, as it was given: a symbolic link
// is not followed.
func pathCommand() *cli.Command {
	return &cli.Command{
		Name:  "path",
		Usage: "print the path of the database",
		Description: `The file need not exist yet.

   trunkstat db path
   ls -l "$(trunkstat db path)"`,
		Action: func(c *cli.Context) error {
			return command.PrintLine(c, command.OpenDB(c).Path())
		},
	}
}

// compactCommand returns db compact. bbolt uses free pages again, but never returns them to the disk.
func compactCommand() *cli.Command {
	return &cli.Command{
		Name:  "compact",
		Usage: "make the file as small as possible",
		Description: `Writes a new file beside the old one, with full pages, and puts it in place
of the old one: there must be room for both. Nothing is lost if it is
interrupted. Cannot run while a sync runs.

   trunkstat db compact
   trunkstat --db /srv/commits.db db compact`,
		Action: func(c *cli.Context) error {
			// Compact refuses a damaged file: a copy would hide what is wrong.
			before, after, err := command.OpenDB(c).Compact(c.Context)
			if err != nil {
				return err
			}
			return command.PrintLine(c, fmt.Sprintf("%s bytes before, %s after",
				render.Count(int(before)), render.Count(int(after))))
		},
	}
}

// backupCommand returns db backup. A copy made with cp while a sync writes may have pages of two moments.
func backupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "copy the database as it is at this moment",
		ArgsUsage: "FILE",
		Description: `The copy is a consistent snapshot, also while other commands use the file.
FILE must not exist.

   trunkstat db backup commits-2025-03-31.db
   trunkstat --db commits-2025-03-31.db report`,
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 || c.Args().First() == "" { // "" may be a variable of a script that is not set
				return command.Misuse("db backup takes one argument: the FILE to copy to")
			}
			return command.OpenDB(c).Backup(c.Context, c.Args().First())
		},
	}
}
