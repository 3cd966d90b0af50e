package reportcmd

import (
	"context"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// reportDescription is the text of the help. A test holds that it names all dimensions and counts.
const reportDescription = `Counts the commits on default branches by committer date, each once in every
row and once in the total. Needs neither network nor keychain. How complete
the data is stands below a table, or on stderr in a pipe.

DIMS: workspace, project, repository (repo), group, author, team, assistant,
type, issue, year, quarter, month, week, day, weekday, hour
COLS: commits, merges, authors, first_commit, last_commit, days, new_authors,
half_authors

   trunkstat report --period this-quarter --compare previous
   trunkstat report --by author --pivot month --since 1y -o authors.html`

// reportCommand is report. getenv answers for the environment.
func reportCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "count commits by repository, author, month, …",
		Description: reportDescription,
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
	return append([]cli.Flag{
		command.SuggestList(&cli.StringFlag{Name: "by", Value: string(report.Repository),
			Usage: "rows: `DIMS`, as author,month"}, dimensionNames()...),
		command.Suggest(&cli.StringFlag{Name: "pivot", Usage: "columns: a dimension, `DIM`"},
			dimensionNames()...),
		command.Suggest(&cli.StringFlag{Name: "sort",
			Usage: "sort by a column of the CSV, `COL[:asc|desc]`"},
			sortValues()...),
		&cli.IntFlag{Name: "top", Usage: "keep the first `N` rows; the total is over all"},
		command.SuggestList(&cli.StringFlag{Name: "columns", DefaultText: "the first five",
			Usage: "counts: `COLS`"},
			texts(report.Columns)...),
		command.Enum("compare", "", "with the `RANGE` before", "previous"),
	}, command.InMore(
		&cli.BoolFlag{Name: "co-authors", Usage: "who is named in Co-authored-by trailers is an author too"},
		&cli.StringSliceFlag{Name: "assistant",
			Usage: "one more coding assistant: `NAME=PATTERN`, a part of its name or e-mail"},
		&cli.BoolFlag{Name: "anonymize", Usage: "pseudonyms for authors, no e-mails"},
	)...)
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
