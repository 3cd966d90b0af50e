package reportcmd

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// reportDescription is the text of the help; DIMENSIONS stands for their names.
const reportDescription = `Counts the commits on default branches, each commit once in every row and once
in the total. Dates are committer dates, the only ones that Bitbucket gives. It needs no network and no
keychain, and a sync may run at the same time.

DIMS are one or more of these, with commas between them (repo is short for repository):
DIMENSIONS.

The line about range, zone and completeness is printed under a table on a terminal, and on stderr
otherwise (not with --quiet); JSON, Markdown and HTML include it. Without --format, the ending of FILE
says the format (.csv, .json, .md, .html); the default is a table.

EXAMPLES:
   The first quarter by repository, beside the quarter before:
      trunkstat report --since 2025-Q1 --until 2025-Q1 --compare previous
   Commits by author and month, without bots and merges, for a spreadsheet:
      trunkstat report --by author --pivot month --since 1y --bots exclude --merges exclude \
         -o team.csv`

// reportCommand is report. getenv answers for the environment.
func reportCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "count commits by repository, author, month, …",
		Description: strings.Replace(reportDescription, "DIMENSIONS", strings.Join(dimensionNames(), ", "), 1),
		Flags:       slices.Concat(reportFlags(), outputFlags(render.Formats), filterFlags()),
		Action: func(c *cli.Context) error {
			r, err := newReport(c, getenv)
			if err == nil {
				err = r.run(c.Context)
			}
			return withCode(err)
		},
	}
}

// reportFlags are those that export does not have.
func reportFlags() []cli.Flag {
	return []cli.Flag{
		command.SuggestList(&cli.StringFlag{Name: "by", Value: string(report.Repository),
			Usage: "a row for each value of `DIMS`: author, or repository,month, …"}, dimensionNames()...),
		command.Suggest(&cli.StringFlag{Name: "pivot", Usage: "a column for each value of `DIM`"},
			dimensionNames()...),
		command.Suggest(&cli.StringFlag{Name: "sort",
			Usage: "sort by `COL[:asc|desc]`, a column of the CSV (default: by time, else by commits)"},
			sortValues()...),
		&cli.IntFlag{Name: "top", DefaultText: "all",
			Usage: "keep the first `N` rows; the total is over all"},
		command.SuggestList(&cli.StringFlag{Name: "columns", DefaultText: "the first five",
			Usage: "the counts to show: `COLS` of " + strings.Join(texts(report.Columns), ", ")},
			texts(report.Columns)...),
		command.Enum("compare", "", "compare with the `RANGE` before; requires --since", "previous"),
		&cli.BoolFlag{Name: "anonymize", Usage: "pseudonyms for authors, no e-mails"},
		&cli.BoolFlag{Name: "co-authors", Usage: "count who is named in Co-authored-by trailers as an author too"},
		&cli.StringSliceFlag{Name: "assistant",
			Usage: "know one more coding assistant: `NAME=PATTERN`, a part of its name or e-mail"},
	}
}

func dimensionNames() []string { return texts(report.Dimensions) }

func texts[T ~string](names []T) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = string(name)
	}
	return all
}

// sortValues are what completion offers for --sort; dimensions are taken too.
func sortValues() []string {
	var values []string
	for _, column := range texts(report.DefaultColumns) {
		values = append(values, column, column+":asc", column+":desc")
	}
	return values
}

// A reportRun is one run of the command.
type reportRun struct {
	output
	db      *store.DB
	query   report.Query
	options render.Options
}

// newReport reads the flags.
func newReport(c *cli.Context, getenv func(string) string) (*reportRun, error) {
	r := &reportRun{db: command.OpenDB(c)}
	var err error
	if r.output, err = newOutput(c, getenv, render.Formats); err != nil {
		return nil, err
	}
	if err := r.checkFile(); err != nil {
		return nil, err
	}
	r.options = render.Options{Terminal: r.term, CSV: r.csv}
	if !c.Bool("quiet") {
		r.options.Footer = c.App.ErrWriter
		r.options.FooterWidth = render.TerminalOf(c.App.ErrWriter, getenv, true).Width
	}
	r.query, err = parseQuery(c, getenv)
	r.query.Calendar = r.format == "html"
	return r, err
}

// run counts, and writes what was counted.
func (r *reportRun) run(ctx context.Context) error {
	res, err := report.Volume(ctx, r.db, r.query)
	if err != nil {
		return err
	}
	return r.write(func(w io.Writer) error { return render.Write(w, res, r.format, r.options) })
}
