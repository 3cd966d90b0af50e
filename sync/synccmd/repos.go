package synccmd

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

func reposCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "repos",
		Usage: "show what is stored of each repository",
		Description: `Reads the database, without network or keychain. STATE is ok, partial (a sync
is unfinished), empty, gone (missing from two complete listings in a row; its
commits are kept), or failed, with the reason.

With --sort, texts ascend, and counts and dates descend, unless :asc or :desc
says otherwise. What has no value, such as the last commit of an empty
repository, comes last.

   trunkstat repos --sort last_commit:asc
   trunkstat repos --format csv > repositories.csv`,
		Flags: []cli.Flag{
			command.Suggest(&cli.StringFlag{Name: "sort",
				Usage: "order by `COL[:asc|desc]`, a column of the CSV (default: by repository)"},
				sortValues()...),
			command.Enum("format", "table", "`FORMAT`", "table", "csv", "json"),
			&cli.BoolFlag{Name: "bom", Usage: "begin CSV with a byte order mark, for Excel"},
			&cli.StringFlag{Name: "delimiter", Usage: "separate cells of CSV with `C`, such as ; or tab"},
		},
		Action: env.action(runRepos),
	}
}

// A repoRow is what the command repos shows of one repository: what the last listing said of it, what is
// stored, and how far its walk has come. Keys may be added to its JSON, and are never changed.
type repoRow struct {
	Workspace     string             `json:"workspace"`
	Repository    string             `json:"repository"`
	Project       string             `json:"project"`
	Visibility    string             `json:"visibility"`
	DefaultBranch command.NullString `json:"default_branch"`
	Commits       int                `json:"commits"`
	FirstCommit   date               `json:"first_commit"`
	LastCommit    date               `json:"last_commit"`
	LastSync      date               `json:"last_sync"`
	State         string             `json:"state"`
	ForkOf        command.NullString `json:"fork_of"`
}

// repoColumns are the columns. A narrow terminal keeps what a lead looks for: the repository, its commits,
// the last one, and the state.
var repoColumns = []render.Column{
	{Name: "workspace"}, {Name: "repository", Elastic: true}, {Name: "project", DropOrder: 3},
	{Name: "visibility", DropOrder: 2}, {Name: "default_branch", Elastic: true, DropOrder: 6},
	{Name: "commits", Number: true}, {Name: "first_commit", DropOrder: 5}, {Name: "last_commit", DropOrder: 1},
	{Name: "last_sync", DropOrder: 4}, {Name: "state", Elastic: true},
	{Name: "fork_of", Elastic: true, DropOrder: 7},
}

// sortValues returns all that --sort takes.
func sortValues() (values []string) {
	for _, col := range repoColumns {
		values = append(values, col.Name, col.Name+":asc", col.Name+":desc")
	}
	return values
}

// parseRepoSort reads COL, COL:asc or COL:desc, and returns how to compare two rows. Without a direction, the
// order is that of reports: texts ascend, counts and dates descend. Any column may be named, also one that a
// narrow terminal leaves out.
func parseRepoSort(s string) (func(a, b repoRow) int, error) {
	name, direction, directed := strings.Cut(s, ":")
	if name == "repo" { // as in reports
		name = "repository"
	}
	field := fieldIndex[repoRow](name)
	if field == nil || directed && direction != "asc" && direction != "desc" {
		var names []string
		for _, col := range repoColumns {
			names = append(names, col.Name)
		}
		return nil, command.Misuse("cannot sort by %q; use %s, each with :asc or :desc",
			command.Shorten(s), strings.Join(names, ", "))
	}
	return func(a, b repoRow) int {
		x, descends := sortKey(reflect.ValueOf(a).FieldByIndex(field).Interface())
		y, _ := sortKey(reflect.ValueOf(b).FieldByIndex(field).Interface())
		missing := x == "" || y == "" // comes last in either direction
		if missing || direction == "desc" || descends && direction == "" {
			return cmp.Compare(y, x)
		}
		return cmp.Compare(x, y)
	}, nil
}

// sortKey returns a text that orders as the value does, "" if there is none, such as the last commit of an
// empty repository. Numbers are padded to one width, and RFC 3339 in UTC orders by time. It also tells
// whether the values of the column descend by default.
func sortKey(value any) (key string, descends bool) {
	switch v := value.(type) {
	case int:
		return fmt.Sprintf("%20d", v), true
	case date:
		if v.IsZero() {
			return "", true
		}
		return v.UTC().Format(time.RFC3339), true
	}
	return fmt.Sprint(value), false
}

// runRepos checks all flags before it opens the database, because a misuse prints nothing.
func runRepos(c call) error {
	only, err := command.Workspace(c.flags)
	if err != nil {
		return err
	}
	options, err := csvOptions(c)
	if err != nil {
		return err
	}
	order := func(a, b repoRow) int { return 0 } // the database's, by workspace and slug
	if c.IsSet("sort") {
		if order, err = parseRepoSort(c.String("sort")); err != nil {
			return err
		}
	}
	rows := []repoRow{}
	err = command.OpenDB(c.flags).View(c.Context, func(tx *store.Tx) (err error) {
		if rows, err = repoRows(tx, only); err != nil || len(rows) > 0 {
			return err
		}
		return command.CheckWorkspace(tx, only)
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, order) // equal rows stay in the order of workspace and slug
	return writeRepos(c, rows, options)
}

// csvOptions reads --bom and --delimiter. With another format they are a misuse instead of being ignored,
// since a user who types them expects CSV.
func csvOptions(c call) (o render.CSVOptions, err error) {
	for _, flag := range []string{"bom", "delimiter"} {
		if c.IsSet(flag) && c.String("format") != "csv" {
			return o, command.Misuse("--%s requires --format csv", flag)
		}
	}
	o.BOM = c.Bool("bom")
	if c.IsSet("delimiter") {
		if o.Delimiter, err = render.ParseDelimiter(c.String("delimiter")); err != nil {
			return o, command.Misuse("--delimiter: %w", err)
		}
	}
	return o, nil
}

// writeRepos prints the rows. CSV on a terminal has no control characters, as every text that others wrote; a
// file gets it as it is (see render.CSVOptions). Only a table leaves out the column of the workspace: a
// script must find the same columns whatever is stored.
func writeRepos(c call, rows []repoRow, options render.CSVOptions) error {
	if c.String("format") == "json" {
		return render.JSON(c.App.Writer, map[string]any{"schema": 1, "repositories": rows})
	}
	grid, term := gridOf(repoColumns, rows), terminalOf(c)
	if c.String("format") == "csv" {
		options.Clean = term.Width > 0
		return render.CSV(c.App.Writer, grid, options)
	}
	if !slices.ContainsFunc(rows, func(r repoRow) bool { return r.Workspace != rows[0].Workspace }) {
		grid.Columns = grid.Columns[1:] // of the workspace, which is the first
		for i := range grid.Rows {
			grid.Rows[i] = grid.Rows[i][1:]
		}
	}
	return render.Table(c.App.Writer, grid, term)
}

// repoRows returns the repositories of a workspace, or of all for "". The walks are read once for all, and
// tell which repositories are partial.
func repoRows(tx *store.Tx, workspace string) ([]repoRow, error) {
	rows := []repoRow{}
	repos, err := tx.Repositories()
	if err != nil {
		return nil, err
	}
	walks, err := tx.Walks()
	if err != nil {
		return nil, err
	}
	for _, r := range repos {
		if workspace != "" && r.Workspace != workspace {
			continue
		}
		extent, err := tx.Extent(r.UUID)
		if err != nil {
			return nil, err
		}
		_, walking := walks[r.UUID]
		row := repoRow{
			Workspace: r.Workspace, Repository: r.Slug, Project: r.Project, Visibility: visibility(r),
			DefaultBranch: command.NullString(r.MainBranch), Commits: extent.Commits,
			LastSync: date{r.LastSync}, State: r.State(walking), ForkOf: command.NullString(r.ForkOf),
		}
		if extent.Commits > 0 {
			row.FirstCommit = date{time.Unix(extent.First, 0)}
			row.LastCommit = date{time.Unix(extent.Last, 0)}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// visibility returns a word for Bitbucket's flag is_private: the one that --visibility of reports takes.
func visibility(r store.Repository) string {
	if r.Private {
		return "private"
	}
	return "public"
}
