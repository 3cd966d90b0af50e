package reportcmd

import (
	"context"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store/command"
)

const exportDescription = `A row for each commit of each repository, ordered by repository, date and hash.
A commit that several repositories share is a row of each. The columns:
workspace, repository, repository_uuid, hash, date, author_name, author_email,
author_uuid, author_raw, is_merge, parents, subject, message, source_url.
Dates are committer dates, in UTC. author_name and author_email are the
commit's own, or those of --mailmap; only "export authors" and reports join
the names of one person. parents has blanks between hashes.

Rows are streamed: what is kept in memory is 32 bytes for each commit of the
largest repository, or of all with --partition-by month or year. A sync may
run at the same time. Each repository is read as it is at that moment, so the
whole is not one snapshot.

--partition-by writes Parquet files (zstd) in the folders of a Hive table, as
DIR/month=2025-03/part-0.parquet; -o names a new or empty folder. Months and
years are those of UTC. The column of a partition is in the names of folders
and not in the files.

` + fileDescription + `

   trunkstat export commits --since 2025 -o commits.csv
   trunkstat export commits --partition-by month -o commits

In DuckDB, the table of DX's connector:
   CREATE VIEW bitbucket_repository_default_branch_commits AS
   SELECT hash AS sha, date AS created, repository_uuid AS repository_id,
      author_uuid AS author_id, message, source_url
   FROM read_parquet('commits/*/*.parquet', hive_partitioning = true);
In ClickHouse:
   SELECT month, count() FROM file('commits/*/*.parquet', Parquet)
   GROUP BY month SETTINGS use_hive_partitioning = 1;
In Spark, which would take 2025-03 for a date:
   spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled",
      "false")
   spark.read.parquet("commits").groupBy("month").count().show()`

const fileDescription = `Without --format, the ending of FILE says the format (.csv, .jsonl, .parquet);
the default is CSV. A file is replaced when the export is complete; if it
fails, the file stays as it was. What is missing is empty in CSV, and else
null. CSV cells that a spreadsheet would take for a formula get a leading '.`

// exportCommand is export: the rows themselves instead of counts of them. getenv answers for
// the environment.
func exportCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write commits, repositories or authors as CSV, JSON lines or Parquet",
		Description: `Writes the data itself, for other programs. It needs no network and no keychain, and a sync may run
at the same time.

   trunkstat export commits --since 2025 -o commits.csv
   trunkstat export authors --format jsonl`,
		Subcommands: []*cli.Command{
			exportTable(getenv, exportCommits, cli.Command{
				Name:        "commits",
				Usage:       "every commit with its author, parents and message",
				Description: exportDescription,
				Flags: []cli.Flag{command.Enum("partition-by", "", "write a folder of Parquet files, by `UNIT`",
					"month", "year", byRepository)},
			}),
			exportTable(getenv, exportRepositories, cli.Command{
				Name:  "repositories",
				Usage: "every repository with its counts and its state",
				Description: "The counts are of commits that match the filters.\n\n" +
					fileDescription + `

   trunkstat export repositories
   trunkstat export repositories --bom -o repositories.csv`,
			}),
			exportTable(getenv, exportAuthors, cli.Command{
				Name:  "authors",
				Usage: "every author with all their names and their counts",
				Description: "Authors are those of reports, with all names and e-mails of one person. The counts " +
					"are of commits\nthat match the filters, each commit once; authors without any are left out.\n\n" +
					fileDescription + `

   trunkstat export authors --mailmap .mailmap
   trunkstat export authors --since 1y --format jsonl`,
			}),
		},
	}
}

// exportTable completes the command for one table. What is to be told of the data comes last, on stderr, when
// the data is complete.
func exportTable(getenv func(string) string, run func(context.Context, *export) error,
	base cli.Command) *cli.Command {
	base.Flags = slices.Concat(outputFlags(exportFormats), base.Flags, rangeFlags(), filterFlags(report.Include))
	base.Action = func(c *cli.Context) error {
		e, err := newExport(c, getenv)
		if err == nil {
			err = run(c.Context, e)
		}
		if err == nil && !c.Bool("quiet") {
			_, err = io.WriteString(c.App.ErrWriter, render.Remarks(&e.about))
		}
		return withCode(err)
	}
	return &base
}

// exportFormats are what export writes, the default first.
var exportFormats = []string{"csv", "jsonl", "parquet"}
