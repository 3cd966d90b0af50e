package reportcmd

import (
	"github.com/urfave/cli/v2"
)

// exportCommand is export: the rows themselves instead of counts of them. getenv answers for
// the environment, which the default place of the database depends on.
func exportCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write commits, repositories or authors as CSV, JSON lines or Parquet",
	}
}
