package synccmd

import (
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

func reposCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "repos",
		Usage: "what is known of each repository",
		Description: `Reads the database alone. The state is ok, partial (a sync is unfinished), empty, gone (missing
from two complete listings in a row; its commits are kept), or failed: and why.

   trunkstat repos
   trunkstat repos --format csv > repositories.csv`,
		Flags:  []cli.Flag{command.Enum("format", "table", "`FORMAT`", "table", "csv", "json")},
		Action: func(c *cli.Context) error { return runRepos(c, env) },
	}
}

// A repoLine is what the command repos tells of one repository.
type repoLine struct {
	Workspace     string             `json:"workspace"`
	Repository    string             `json:"repository"`
	Project       string             `json:"project"`
	DefaultBranch command.NullString `json:"default_branch"`
	Commits       int                `json:"commits"`
	FirstCommit   date               `json:"first_commit"`
	LastCommit    date               `json:"last_commit"`
	LastSync      date               `json:"last_sync"`
	State         string             `json:"state"`
	ForkOf        command.NullString `json:"fork_of"`
}

func runRepos(c *cli.Context, env environment) error {
	only, err := command.Workspace(c)
	if err != nil {
		return err
	}
	lines := []repoLine{}
	err = command.OpenDB(c).View(c.Context, func(tx *store.Tx) (err error) {
		if lines, err = repoLines(tx, only); err != nil || only == "" || len(lines) > 0 {
			return err
		}
		return command.CheckWorkspace(tx, only)
	})
	if err != nil {
		return err
	}
	if c.String("format") == "json" {
		return render.JSON(c.App.Writer, map[string]any{"schema": 1, "repositories": lines})
	}
	grid := reposGrid(lines)
	term := render.TerminalOf(c.App.Writer, env.getenv, c.Bool("no-color"))
	if c.String("format") == "csv" {
		return render.CSV(c.App.Writer, grid, render.CSVOptions{Clean: term.Width > 0})
	}
	if !severalWorkspaces(lines) {
		grid.Columns = grid.Columns[1:]
		for i := range grid.Rows {
			grid.Rows[i] = grid.Rows[i][1:]
		}
	}
	return render.Table(c.App.Writer, grid, render.TerminalOf(c.App.Writer, env.getenv, c.Bool("no-color")))
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
			DefaultBranch: command.NullString(r.MainBranch), Commits: extent.Commits,
			LastSync: date{r.LastSync}, State: r.State(walking), ForkOf: command.NullString(r.ForkOf),
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
