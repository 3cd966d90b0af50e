package reportcmd

import (
	"context"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
)

const exportDescription = `Rows are streamed: memory does not grow with the number of commits. A sync may run meanwhile:
each part is read as the database is then, so the whole is not one snapshot. Commits come by
repository, then by date, then by hash. Dates are committer dates, in UTC. author_name and
author_email are the commit's own, after --mailmap where it is given; that one person goes by
several names is resolved in "export authors" and in reports. A commit that several repositories
share is a row of each.

--partition-by writes a Hive table: -o is a folder then, not there yet or empty, of Parquet files
such as DIR/month=2025-03/part-0.parquet; --format need not be given. Months and years are those of
UTC. What is in the folders' names is not in the files again.

` + fileDescription + `

   trunkstat export commits --since 2025 -o commits.csv
   trunkstat export commits --partition-by month -o commits`

const fileDescription = `Without --format, the ending of the output file decides (.csv, .jsonl, .parquet), else it is CSV. A
file is replaced when the export is complete, and left as it was when it fails. Cells of CSV that a
spreadsheet would take for a formula get a leading '.`

// exportCommand is export: the rows themselves instead of counts of them. getenv answers for
// the environment.
func exportCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write commits, repositories or authors as CSV, JSON lines or Parquet",
		Description: `The data itself, for other programs. It reads the database alone, and a sync may run meanwhile.

   trunkstat export commits --since 2025 -o commits.csv
   trunkstat export authors --format jsonl`,
		Subcommands: []*cli.Command{
			exportTable(getenv, exportCommits, cli.Command{
				Name:        "commits",
				Usage:       "every commit with its author, parents and message",
				Description: exportDescription,
				Flags:       partitionFlags(),
			}),
			exportTable(getenv, exportRepositories, cli.Command{
				Name:  "repositories",
				Usage: "every repository with its counts and its state",
				Description: "Counts are those of the commits that the filters keep.\n\n" +
					fileDescription + `

   trunkstat export repositories
   trunkstat export repositories --bom -o repositories.csv`,
			}),
			exportTable(getenv, exportAuthors, cli.Command{
				Name:  "authors",
				Usage: "every author with all their names and their counts",
				Description: "Authors are who they are in reports. Counts are those of the commits " +
					"that the\nfilters keep, each commit once; who has none is left out.\n\n" +
					fileDescription + `

   trunkstat export authors --mailmap .mailmap
   trunkstat export authors --since 1y --format jsonl`,
			}),
		},
	}
}

// exportTable completes the command for one table.
func exportTable(getenv func(string) string, run func(context.Context, *export) error,
	base cli.Command) *cli.Command {
	base.Flags = slices.Concat(outputFlags(exportFormats), base.Flags, filterFlags())
	base.Action = func(c *cli.Context) error {
		e, err := newExport(c, getenv)
		if err != nil {
			return withCode(err)
		}
		if err := run(c.Context, e); err != nil {
			return withCode(err)
		}
		if c.Bool("quiet") {
			return nil
		}
		_, err = io.WriteString(c.App.ErrWriter, e.footer())
		return err
	}
	return &base
}

// exportFormats are what export writes.
var exportFormats = []string{"csv", "jsonl", "parquet"}

func partitionFlags() []cli.Flag {
	return []cli.Flag{command.Enum("partition-by", "", "write a folder of Parquet files, by `UNIT`",
		"month", "year", "repository")}
}
