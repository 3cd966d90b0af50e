package synccmd

import (
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/sync"
)

func reposCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:  "repos",
		Usage: "what is known of each repository",
		Description: `Reads the database alone. The state is ok, partial (a sync is unfinished), empty, gone (missing
from two complete listings in a row; its commits are kept), or failed: and why.

   trunkstat repos
   trunkstat repos --format csv > repositories.csv`,
		Flags:  []cli.Flag{&cli.StringFlag{Name: "format", Value: "table", Usage: "`FORMAT`: table, csv or json"}},
		Action: func(c *cli.Context) error { return runRepos(c, getenv) },
	}
}

// A repoLine is what the command repos tells of one repository.
type repoLine struct {
	Workspace     string `json:"workspace"`
	Repository    string `json:"repository"`
	Project       string `json:"project"`
	DefaultBranch maybe  `json:"default_branch"`
	Commits       int    `json:"commits"`
	FirstCommit   date   `json:"first_commit"`
	LastCommit    date   `json:"last_commit"`
	LastSync      date   `json:"last_sync"`
	State         string `json:"state"`
	ForkOf        maybe  `json:"fork_of"`
}

func runRepos(c *cli.Context, getenv func(string) string) error {
	if err := checkFormat(c, "table", "csv", "json"); err != nil {
		return err
	}
	only := ""
	if named := c.String("workspace"); named != "" {
		var err error
		if only, err = parseWorkspace(named); err != nil {
			return err
		}
	}
	lines := []repoLine{}
	err := openDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		if lines, err = repoLines(tx, only); err != nil || only == "" || len(lines) > 0 {
			return err
		}
		known, err := tx.Workspaces()
		if err != nil || slices.ContainsFunc(known, func(ws store.Workspace) bool { return ws.Slug == only }) {
			return err
		}
		return coded{fmt.Errorf("the database does not know the workspace %q", only), 1, "trunkstat sync --workspace " + only}
	})
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		return render.JSON(c.App.Writer, map[string]any{"schema": 1, "repositories": lines})
	}
	grid := reposGrid(lines)
	term := render.TerminalOf(c.App.Writer, getenv, c.Bool("no-color"))
	if c.String("format") == "csv" {
		return render.CSV(c.App.Writer, grid, render.CSVOptions{Clean: term.Width > 0})
	}
	if !severalWorkspaces(lines) {
		grid.Columns = grid.Columns[1:]
		for i := range grid.Rows {
			grid.Rows[i] = grid.Rows[i][1:]
		}
	}
	return render.Table(c.App.Writer, grid, term)
}

func severalWorkspaces(lines []repoLine) bool {
	return slices.ContainsFunc(lines, func(l repoLine) bool { return l.Workspace != lines[0].Workspace })
}

func repoLines(tx *store.Tx, workspace string) ([]repoLine, error) {
	lines := []repoLine{}
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
		l := repoLine{
			Workspace: r.Workspace, Repository: r.Slug, Project: r.Project,
			DefaultBranch: maybe(r.MainBranch), Commits: extent.Commits,
			LastSync: date{r.LastSync}, State: sync.State(r, walking), ForkOf: maybe(r.ForkOf),
		}
		if extent.Commits > 0 {
			l.FirstCommit, l.LastCommit = date{time.Unix(extent.First, 0)}, date{time.Unix(extent.Last, 0)}
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func reposGrid(lines []repoLine) render.Grid {
	g := render.Grid{Columns: []render.Column{
		{Name: "workspace"}, {Name: "repository", Elastic: true}, {Name: "project", DropOrder: 2},
		{Name: "default_branch", DropOrder: 5, Elastic: true}, {Name: "commits", Number: true},
		{Name: "first_commit", DropOrder: 4}, {Name: "last_commit", DropOrder: 1}, {Name: "last_sync", DropOrder: 3},
		{Name: "state", Elastic: true}, {Name: "fork_of", DropOrder: 6, Elastic: true},
	}}
	for _, l := range lines {
		g.Rows = append(g.Rows, []render.Cell{
			render.Text(l.Workspace), render.Text(l.Repository), render.Text(l.Project),
			render.Text(string(l.DefaultBranch)), render.Number(l.Commits), l.FirstCommit.cell(),
			l.LastCommit.cell(), l.LastSync.cell(), render.Text(l.State), render.Text(string(l.ForkOf)),
		})
	}
	return g
}
