package storecmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
)

func compactCommand() *cli.Command {
	return &cli.Command{
		Name:            "compact",
		Usage:           "make the file as small as it can be",
		HideHelpCommand: true,
		Description: `Writes a new file beside the old one, with full pages, and puts it in its place: there must be room
for both. Nothing is lost if it is interrupted. A sync keeps it out, and it keeps a sync out.

   trunkstat db compact
   trunkstat --db /srv/commits.db db compact`,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			before, after, err := openDB(c).Compact(c.Context)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.App.Writer, "%s bytes before, %s after\n",
				render.Count(int(before)), render.Count(int(after)))
			return err
		},
	}
}

func backupCommand() *cli.Command {
	return &cli.Command{
		Name:            "backup",
		Usage:           "copy the database as it is at this moment",
		ArgsUsage:       "FILE",
		HideHelpCommand: true,
		Description: `The copy is consistent though others use the file. FILE must not exist.

   trunkstat db backup commits-2025-03-31.db
   trunkstat --db commits-2025-03-31.db report`,
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 || c.Args().First() == "" {
				return cli.Exit("db backup takes one argument: the FILE to copy to", 2)
			}
			return openDB(c).Backup(c.Context, c.Args().First())
		},
	}
}
