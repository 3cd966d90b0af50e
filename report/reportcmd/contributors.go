package reportcmd

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store/command"
)

const contributorsDescription = `Counts the people who committed to default branches in the last N days,
which is what vendors bill by, and their e-mails, which is what vendors see.
The days are whole days of --tz, the last of them yesterday. Names and
e-mails of one person are joined as in reports. Bots are left out; with
--bots include they count as people.

The number is not that of an invoice: vendors that read all branches count
more, and so do those that take e-mails or bots for people.

Repositories that may lack commits of these days, also because their last
sync was before the end of the days, are named on stderr, and the exit code
is 3. --list adds a row for each person; CSV and JSON always have the rows.

   trunkstat contributors --visibility private
   trunkstat contributors --days 30 --list --format csv -o people.csv`

// contributorsCommand is contributors. getenv answers for the environment.
func contributorsCommand(getenv func(string) string) *cli.Command {
	return &cli.Command{
		Name:        "contributors",
		Usage:       "count the people who committed in the last 90 days",
		Description: contributorsDescription,
		Flags: slices.Concat([]cli.Flag{
			&cli.IntFlag{Name: "days", Value: 90, Usage: "count the last `N` days that are over"},
			&cli.BoolFlag{Name: "list", Usage: "a row for each person"},
		}, outputFlags(contributorFormats), filterFlags(report.Exclude)), // --days is the range
		Action: func(c *cli.Context) error { return withCode(runContributors(c, getenv)) },
	}
}

var contributorFormats = []string{"table", "csv", "json"}

// maxDays is about a century: no repository is as old, and a number beyond it is a mistake.
const maxDays = 36_500

// runContributors writes the numbers, then the footer to stderr, and returns an error if the numbers may be
// too low.
func runContributors(c *cli.Context, getenv func(string) string) error {
	days := c.Int("days")
	if days < 1 || days > maxDays {
		return command.Misuse("invalid value %d for --days; use 1 to %d", days, maxDays)
	}
	o, err := newOutput(c, getenv, contributorFormats)
	if err != nil {
		return err
	}
	q, err := readQuery(c, getenv)
	if err != nil {
		return err
	}
	counted, err := report.CountContributors(c.Context, command.OpenDB(c), q, days)
	if err != nil {
		return err
	}
	err = o.write(func(w io.Writer) error {
		return writeContributors(w, &o, counted, q.Filter.Bots, c.Bool("list"))
	})
	if err != nil {
		return err
	}
	if !c.Bool("quiet") {
		width := render.TerminalOf(c.App.ErrWriter, getenv, true).Width
		_, err := io.WriteString(c.App.ErrWriter, render.Wrap(render.Footer(&counted.About), width))
		if err != nil {
			return err
		}
	}
	return shortfall(counted)
}

// writeContributors writes the numbers. A table is a sentence, and below it the rows if they are asked for. CSV
// has the rows alone, so that all its lines are of one kind.
func writeContributors(
	w io.Writer, o *output, c *report.Contributors, bots report.Choice, list bool,
) error {
	switch {
	case o.format == "json":
		return render.JSON(w, newContributorsJSON(c))
	case o.format == "csv":
		return render.CSV(w, contributorsGrid(c), o.csv)
	}
	_, err := io.WriteString(w, contributorsSentence(c, bots)+"\n")
	if err != nil || !list || len(c.Rows) == 0 {
		return err
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return err
	}
	return render.Table(w, contributorsGrid(c), o.term)
}

// contributorsSentence says both numbers, and what became of bots. Scripts may read it: its form does not
// change.
func contributorsSentence(c *report.Contributors, bots report.Choice) string {
	tail := map[report.Choice]string{
		report.Exclude: report.NumberOf(c.Bots, "bot", "bots") + " left out",
		report.Include: "bots count as people",
		report.Only:    "only bots are counted",
	}
	return fmt.Sprintf("%s (%s) in %s in the %s to %s; %s",
		report.NumberOf(len(c.Rows), "person", "people"), report.NumberOf(c.Emails, "e-mail", "e-mails"),
		report.NumberOf(c.Repositories, "repository", "repositories"), report.NumberOf(c.Days, "day", "days"),
		c.About.Until.Format(time.DateOnly), tail[bots])
}

// shortfall returns the error that repositories may lack commits of the counted days, nil if none does. The
// numbers were written all the same; the exit code keeps a script from taking them for exact.
func shortfall(c *report.Contributors) error {
	var lacks []string
	if n := len(c.Incomplete); n > 0 {
		lacks = append(lacks, fmt.Sprintf("%s of %s incomplete in these days: %s", report.Grouped(n),
			report.NumberOf(c.About.Coverage.Repositories, "repository", "repositories"),
			report.Listed(c.Incomplete)))
	}
	if listings := c.About.Coverage.IncompleteListings; len(listings) > 0 {
		lacks = append(lacks, "the last listing of "+report.Listed(listings)+" was incomplete")
	}
	if len(lacks) == 0 {
		return nil
	}
	e := &command.Error{
		Code: command.ExitPartly, Hint: "trunkstat sync", Err: errors.New(strings.Join(lacks, "; ")),
	}
	if c.BeginLate { // their first sync was told to begin inside the days
		e.Hint += " --since " + c.About.Since.Format(time.DateOnly)
	}
	return e
}

// contributorsJSON is what the command writes as JSON. Keys are never changed.
type contributorsJSON struct {
	Schema       int               `json:"schema"`
	Days         int               `json:"days"`
	Since        string            `json:"since"`
	Until        string            `json:"until"`
	People       int               `json:"people"`
	Emails       int               `json:"emails"`
	Repositories int               `json:"repositories"`
	Bots         int               `json:"bots"`
	Incomplete   int               `json:"incomplete"`
	Rows         []contributorJSON `json:"rows"`
}

// A contributorJSON is one person.
type contributorJSON struct {
	Author       string `json:"author"`
	Email        string `json:"email"`
	Emails       int    `json:"emails"`
	Commits      int    `json:"commits"`
	Repositories int    `json:"repositories"`
	LastCommit   string `json:"last_commit"`
}

// newContributorsJSON has all rows, whatever --list says: a script can leave them out.
func newContributorsJSON(c *report.Contributors) contributorsJSON {
	all := contributorsJSON{
		Schema: 1, Days: c.Days,
		Since: c.About.Since.Format(time.RFC3339), Until: c.About.Until.Format(time.RFC3339),
		People: len(c.Rows), Emails: c.Emails, Repositories: c.Repositories, Bots: c.Bots,
		Incomplete: len(c.Incomplete), Rows: []contributorJSON{},
	}
	for _, row := range c.Rows {
		all.Rows = append(all.Rows, contributorJSON{
			Author: render.WithoutNUL(row.Person.Label()), Email: render.WithoutNUL(row.Person.Email),
			Emails: row.Emails, Commits: row.Commits, Repositories: row.Repositories,
			LastCommit: row.Last.Format(time.RFC3339),
		})
	}
	return all
}

// contributorsGrid has the rows; its columns have the names that they have in JSON. A narrow terminal drops
// the date first, then the e-mail.
func contributorsGrid(c *report.Contributors) render.Grid {
	g := render.Grid{Columns: []render.Column{
		{Name: "author", Elastic: true}, {Name: "email", Elastic: true, DropOrder: 2},
		{Name: "emails", Number: true}, {Name: "commits", Number: true}, {Name: "repositories", Number: true},
		{Name: "last_commit", DropOrder: 1},
	}}
	for _, row := range c.Rows {
		g.Rows = append(g.Rows, []render.Cell{
			render.Text(row.Person.Label()), render.Text(row.Person.Email), render.Number(row.Emails),
			render.Number(row.Commits), render.Number(row.Repositories), render.Date(row.Last),
		})
	}
	return g
}
