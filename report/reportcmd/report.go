package reportcmd

import (
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
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
		Flags: slices.Concat(
			reportFlags(), outputFlags(render.Formats), rangeFlags(), filterFlags(report.Include)),
		Action: func(c *cli.Context) error { return withCode(runReport(c, getenv)) },
	}
}

// reportFlags are those that the other commands do not have: they lay a report out, or change who is counted
// in it.
func reportFlags() []cli.Flag {
	return append([]cli.Flag{
		command.SuggestList(&cli.StringFlag{Name: "by", Value: string(report.Repository),
			Usage: "rows: `DIMS`, as author,month"}, texts(report.Dimensions)...),
		command.Suggest(&cli.StringFlag{Name: "pivot", Usage: "columns: a dimension, `DIM`"},
			texts(report.Dimensions)...),
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

// texts returns dimensions or columns as completion takes them.
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

// runReport counts, and writes what was counted. All flags are read before the database is opened. The footer
// of data that goes to a file or a pipe is told on stderr, with lines as long as stderr's terminal has room
// for.
func runReport(c *cli.Context, getenv func(string) string) error {
	o, err := newOutput(c, getenv, render.Formats)
	if err != nil {
		return err
	}
	q, err := parseQuery(c, getenv)
	if err != nil {
		return err
	}
	q.Calendar = o.format == "html" // no other format shows days
	res, err := report.Volume(c.Context, command.OpenDB(c), q)
	if err != nil {
		return err
	}
	options := render.Options{Terminal: o.term, CSV: o.csv}
	if !c.Bool("quiet") {
		options.Footer = c.App.ErrWriter
		options.FooterWidth = render.TerminalOf(c.App.ErrWriter, getenv, true).Width
	}
	return o.write(func(w io.Writer) error { return render.Write(w, res, o.format, options) })
}
