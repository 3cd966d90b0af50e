package reportcmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

const reportDescription = `Counts the commits on the default branches, each commit once in every row and
once in the total. Dates are committer dates, the only ones that Bitbucket gives. Neither the
network nor the keychain is needed, and a sync may run meanwhile.

DIMS are one or more, with commas between them, of workspace, project, repository (or repo),
author, year, quarter, month, week, day, weekday, hour.

On a terminal, the line about range, zone and completeness stands under the table; else it goes
to stderr (not with --quiet). JSON, Markdown and HTML have it in themselves. Without --format,
the ending of the output file decides (.csv, .json, .md, .html), else it is a table.

EXAMPLES:
   The first quarter by repository, beside the quarter before:
      trunkstat report --since 2025-Q1 --until 2025-Q1 --compare previous
   Who commits how much in which month, without bots and merges, for a spreadsheet:
      trunkstat report --by author --pivot month --since 1y --bots exclude --merges exclude \
         -o team.csv`

// reportCommand is report. getenv answers for the environment.
func reportCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "count commits by repository, author, month, …",
		Description: reportDescription,
		Flags:       slices.Concat(reportFlags(), filterFlags()),
		Action: func(c *cli.Context) error {
			r, err := newReport(c, getenv)
			if err != nil {
				return err
			}
			err = r.run(c.Context)
			if isClosedPipe(err) && r.path == "" {
				return nil // whoever read it has seen enough
			}
			return commandError(err)
		},
	}
}

func reportFlags() []cli.Flag {
	return []cli.Flag{
		command.SuggestList(&cli.StringFlag{Name: "by", Value: string(report.Repository),
			Usage: "a row for each value of `DIMS`: author, or repository,month, …"}, dimensionNames()...),
		command.Suggest(&cli.StringFlag{Name: "pivot", Usage: "a column for each value of `DIM`"},
			dimensionNames()...),
		command.Suggest(&cli.StringFlag{Name: "sort",
			Usage: "order by `COL[:asc|desc]`, a column of the CSV (default: by time, else by commits)"},
			sortValues()...),
		&cli.IntFlag{Name: "top", DefaultText: "all",
			Usage: "keep `N` rows; the total is over all of them"},
		command.Enum("compare", "", "the `RANGE` of that length before this one, requires --since", "previous"),
		&cli.BoolFlag{Name: "anonymize", Usage: "pseudonyms for authors, no e-mails"},
		command.Enum("format", "", "`FORMAT`", render.Formats...),
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, TakesFile: true,
			Usage: "write to `FILE` instead of stdout"},
	}
}

func dimensionNames() []string {
	var names []string
	for _, d := range report.Dimensions {
		names = append(names, string(d))
	}
	return names
}

func sortValues() []string {
	var values []string
	for _, column := range []string{"commits", "merges", "authors", "first_commit", "last_commit"} {
		values = append(values, column, column+":asc", column+":desc")
	}
	return values
}

// A reportRun is one run of the command.
type reportRun struct {
	db     *store.DB
	query  report.Query
	format string
	path   string // "": stdout
	term   render.Terminal
	stdout io.Writer
	stderr io.Writer // for the footer; nothing with --quiet

	errWidth int // of the terminal that stderr is; 0: none
}

// newReport reads the flags. What it refuses, it refuses before anything is opened.
func newReport(c *cli.Context, getenv func(string) string) (*reportRun, error) {
	r := &reportRun{path: c.String("output"), stdout: c.App.Writer, stderr: c.App.ErrWriter}
	if r.path == "-" {
		r.path = ""
	}
	if r.path == "" {
		r.term = render.TerminalOf(r.stdout, getenv, c.Bool("no-color"))
	}
	if info, err := os.Stat(r.path); r.path != "" && err == nil && info.IsDir() {
		return nil, command.Misuse("-o %s is a folder: name a file", r.path)
	}
	r.errWidth = render.TerminalOf(r.stderr, getenv, true).Width
	if c.Bool("quiet") {
		r.stderr = io.Discard
	}
	if r.format = c.String("format"); r.format == "" {
		r.format = formatOf(r.path)
	}
	var err error
	r.db = command.OpenDB(c)
	r.query, err = parseQuery(c, getenv)
	r.query.Calendar = r.format == "html"
	return r, err
}

// formatOf is the format that the ending of a file asks for.
func formatOf(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return "csv"
	case ".json":
		return "json"
	case ".md", ".markdown":
		return "markdown"
	case ".html", ".htm":
		return "html"
	}
	return "table"
}

// parseQuery reads the filters and everything else that a report is asked for.
func parseQuery(c *cli.Context, getenv func(string) string) (report.Query, error) {
	q, err := parseFilters(c, getenv)
	if err != nil {
		return q, err
	}
	if q.By, err = report.ParseDimensions(c.String("by")); err != nil {
		return q, flagError("by", err)
	}
	if err := parsePivot(c, &q); err != nil {
		return q, err
	}
	if err := parseCompare(c, &q); err != nil {
		return q, err
	}
	q.Anonymize = c.Bool("anonymize")
	if q.Top = c.Int("top"); c.IsSet("top") && q.Top < 1 {
		return q, command.Misuse("--top %d: keep 1 row or more", q.Top)
	}
	if c.IsSet("sort") {
		if q.Sort, err = report.ParseSort(c.String("sort"), q); err != nil {
			return q, flagError("sort", err)
		}
	}
	q, err = q.Validate()
	return q, commandError(err)
}

func parsePivot(c *cli.Context, q *report.Query) (err error) {
	if !c.IsSet("pivot") {
		return nil
	}
	if q.Pivot, err = report.ParseDimension(c.String("pivot")); err != nil {
		return flagError("pivot", err)
	}
	return nil
}

func parseCompare(c *cli.Context, q *report.Query) error {
	if !c.IsSet("compare") {
		return nil
	}
	q.Compare = true
	return nil
}

// garbage is what a report leaves lying, in percent of what it uses. Most are over before there are 8 MB
// of it, and so without a collection, which would take an eighth of their time.
const garbage = 200

// run counts, and writes what was counted.
func (r *reportRun) run(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	res, err := report.Volume(ctx, r.db, r.query)
	if err != nil {
		return err
	}
	if r.path != "" {
		return r.writeFile(res)
	}
	return r.write(r.stdout, res)
}

// manyRows is where the collector is asked to come often while they are written. What was counted
// is large then, but holds no pointers, so that looking at it costs nothing; what is thrown away
// would else be let grow as large.
const manyRows = 100_000

func (r *reportRun) write(w io.Writer, res *report.Result) error {
	if res.Rows.Len() > manyRows {
		defer debug.SetGCPercent(debug.SetGCPercent(25))
	}
	return render.Write(w, res, r.format, render.Options{
		Terminal: r.term, Footer: r.stderr, FooterWidth: r.errWidth,
	})
}

// writeFile puts the report in the place of the file when it is complete.
func (r *reportRun) writeFile(res *report.Result) error {
	w, out, err := createFile(r.path)
	if err == nil {
		defer out.discard()
		err = r.write(w, res)
	}
	if err == nil {
		err = out.commit()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", r.path, cause(err))
	}
	return nil
}

// cause is an error of the file system without the name of the temporary file.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	if l := (*os.LinkError)(nil); errors.As(err, &l) {
		return l.Err
	}
	return err
}
