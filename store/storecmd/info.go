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

// infoCommand returns db info. A database that is damaged in its commits alone has an info all the same:
// what is counted comes from columns and documents.
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

// An info is what db info shows. Keys may be added to its JSON, and are never changed: scripts read them.
// Schema would tell them of a change.
type info struct {
	Schema int `json:"schema"`
	store.Info
	Budgets []budget `json:"budgets"`
}

// A budget is how many requests of an hour a credential has left.
type budget struct {
	Name  string `json:"name"`
	Limit int    `json:"limit"`
	Spent int    `json:"spent"`
	Left  int    `json:"left"`
}

// defaultLimit is the number of requests an hour that Bitbucket grants by default. It says more in its
// headers to some credentials; the database has what it said last.
const defaultLimit = 1000

// infoOf returns what the database tells of itself, with the budgets as they are now.
func infoOf(s store.Info, now time.Time) info {
	i := info{Schema: 1, Info: s, Budgets: []budget{}}
	for _, name := range slices.Sorted(maps.Keys(s.Budgets)) {
		i.Budgets = append(i.Budgets, budgetOf(name, s.Budgets[name], now))
	}
	return i
}

// budgetOf counts as a sync does that begins now. The log of requests is by the minute, and only the package
// that spends them knows when a minute has left the rolling hour.
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

// grid returns the info as a table with a row for each value. On a narrow terminal, a long path or name of a
// budget may be cut: both columns are elastic.
func (i info) grid() render.Grid {
	rows := [][2]string{
		{"path", i.Path},
		{"version", strconv.Itoa(i.Version)},
		{"size", render.Count(int(i.Size)) + " bytes"},
		{"free", render.Count(int(i.Free)) + " bytes"},
		{"repositories", render.Count(i.Repositories)},
		{"commits", render.Count(i.Commits)},
		{"authors", render.Count(i.Authors)},
		{"unfinished repositories", render.Count(i.Walks)},
	}
	for _, b := range i.Budgets {
		rows = append(rows, [2]string{
			"requests left: " + b.Name, render.Count(b.Left) + " of " + render.Count(b.Limit) + " an hour"})
	}
	g := render.Grid{Columns: []render.Column{{Name: "what", Elastic: true}, {Name: "value", Elastic: true}}}
	for _, row := range rows {
		g.Rows = append(g.Rows, []render.Cell{render.Text(row[0]), render.Text(row[1])})
	}
	return g
}
