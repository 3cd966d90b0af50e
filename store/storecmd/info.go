package storecmd

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

func infoCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:  "info",
		Usage: "show version, sizes, counts, and the request budget left",
		Description: `Sizes are in bytes. Free bytes are used before the file grows; db compact
gives them back. The budget is what the syncs into this database have left of
the requests of 60 minutes. Other programs may have spent more.

   trunkstat db info
   trunkstat db info --format json | jq .commits`,
		Flags: []cli.Flag{command.Enum("format", "table", "`FORMAT`", "table", "json")},
		Action: func(c *cli.Context) error {
			stored, err := command.OpenDB(c).Info(c.Context)
			if err != nil {
				return err
			}
			info := infoOf(stored, time.Now())
			if c.String("format") == "json" {
				return render.JSON(c.App.Writer, info)
			}
			return render.Table(c.App.Writer, info.grid(),
				render.TerminalOf(c.App.Writer, getenv, c.Bool("no-color")))
		},
	}
}

// An info is what db info shows. Keys may be added to its JSON, and are never changed.
type info struct {
	Schema       int      `json:"schema"`
	Path         string   `json:"path"`
	Version      int      `json:"version"`
	Size         int64    `json:"size"`
	Free         int64    `json:"free"`
	Repositories int      `json:"repositories"`
	Commits      int      `json:"commits"`
	Authors      int      `json:"authors"`
	Unfinished   int      `json:"unfinished"`
	Budgets      []budget `json:"budgets"`
}

// A budget is how many requests of an hour a credential has left.
type budget struct {
	Name  string `json:"name"`
	Limit int    `json:"limit"`
	Spent int    `json:"spent"`
	Left  int    `json:"left"`
}

// defaultLimit is the number of requests an hour that Bitbucket grants by default.
const defaultLimit = 1000

// infoOf returns what the database tells of itself, with the budgets as they are now.
func infoOf(s store.Info, now time.Time) info {
	i := info{
		Schema: 1, Path: s.Path, Version: s.Version, Size: s.Size, Free: s.Free,
		Repositories: s.Repositories, Commits: s.Commits, Authors: s.Authors,
		Unfinished: s.Walks, Budgets: []budget{},
	}
	for _, name := range slices.Sorted(maps.Keys(s.Budgets)) {
		i.Budgets = append(i.Budgets, budgetOf(name, s.Budgets[name], now))
	}
	return i
}

// budgetOf counts as a sync does that begins now.
func budgetOf(name string, s store.Budget, now time.Time) budget {
	b := budget{Name: name, Limit: cmp.Or(s.Limit, defaultLimit)}
	counted := bitbucket.NewBudget(bitbucket.BudgetConfig{
		Limit: b.Limit, Spent: s.Spent, Now: func() time.Time { return now }})
	for _, n := range counted.Spent() {
		b.Spent += n
	}
	b.Left, _ = counted.Left()
	return b
}

// grid returns the info as a table with a row for each value.
func (i info) grid() render.Grid {
	g := render.Grid{Columns: []render.Column{{Name: "what", Elastic: true}, {Name: "value", Elastic: true}}}
	row := func(what, value string) {
		g.Rows = append(g.Rows, []render.Cell{render.Text(what), render.Text(value)})
	}
	count := func(what string, n int) { row(what, render.Count(n)) }
	row("path", i.Path)
	row("version", strconv.Itoa(i.Version))
	row("size", render.Count(int(i.Size))+" bytes")
	row("free", render.Count(int(i.Free))+" bytes")
	count("repositories", i.Repositories)
	count("commits", i.Commits)
	count("authors", i.Authors)
	count("unfinished repositories", i.Unfinished)
	for _, b := range i.Budgets {
		row("requests left: "+b.Name, render.Count(b.Left)+" of "+render.Count(b.Limit)+" an hour")
	}
	return g
}
