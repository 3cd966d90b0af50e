package reportcmd

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/calendar"
	"trunkstat/report/people"
	"trunkstat/store"
)

const dateHelp = "`DATE`: 2025-03-31, 2025-03, 2025, 2025-Q1, 2025-W13, today, yesterday, " +
	"7d, 4w, 6mo, 1y, or RFC 3339"

// filterFlags are the flags that say which commits are counted, and whose they are.
func filterFlags() []cli.Flag {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "since", Usage: "only commits from the beginning of " + dateHelp},
		&cli.StringFlag{Name: "until", Usage: "only commits up to the end of `DATE`, as for --since"},
	}
	for _, f := range [][2]string{
		{"repo", "repositories that fit `GLOB`, over the slug or workspace/slug"},
		{"project", "projects of that `KEY`, or glob over keys"},
		{"author", "authors with `PATTERN` in their name or e-mail, in any case"},
	} {
		flags = append(flags,
			&cli.StringSliceFlag{Name: f[0], Usage: "only " + f[1] + ""},
			&cli.StringSliceFlag{Name: "exclude-" + f[0], Usage: "no " + f[1] + ""})
	}
	return append(flags,
		&cli.StringFlag{Name: "merges", Value: "include",
			Usage: "`CHOICE`: include, exclude or only, of commits with more than one parent"},
		&cli.StringFlag{Name: "bots", Value: "include",
			Usage: "`CHOICE`: include, exclude or only, of commits of bots"},
		&cli.StringSliceFlag{Name: "bot",
			Usage: "take authors with `PATTERN` in their name or e-mail for bots too"},
		&cli.StringFlag{Name: "tz", Value: "local",
			Usage: "the `ZONE` in which days begin: local, UTC, Europe/Berlin, …"},
		&cli.StringFlag{Name: "mailmap", TakesFile: true,
			Usage: "`FILE` in git's format that says which names and e-mails are one person"},
	)
}

// parseFilters reads the flags of filterFlags, and the workspace.
func parseFilters(c *cli.Context, getenv func(string) string) (report.Query, error) {
	q := report.Query{Now: time.Now()}
	var err error
	if q.Zone, q.ZoneName, err = calendar.LoadZone(c.String("tz"), getenv); err != nil {
		return q, misuse("--tz: %v", err)
	}
	f := &q.Filter
	f.Repos, f.ExcludeRepos = c.StringSlice("repo"), c.StringSlice("exclude-repo")
	f.Projects, f.ExcludeProjects = c.StringSlice("project"), c.StringSlice("exclude-project")
	f.Authors, f.ExcludeAuthors = c.StringSlice("author"), c.StringSlice("exclude-author")
	f.BotPatterns = c.StringSlice("bot")
	if f.Workspace, err = parseWorkspace(c.String("workspace")); err != nil {
		return q, err
	}
	if f.Merges, err = report.ParseChoice(c.String("merges")); err != nil {
		return q, flagError("merges", err)
	}
	if f.Bots, err = report.ParseChoice(c.String("bots")); err != nil {
		return q, flagError("bots", err)
	}
	if err := parseRange(c, &q); err != nil {
		return q, err
	}
	q.Mailmap, err = readMailmap(c.String("mailmap"))
	return q, err
}

// parseRange reads --since and --until, whose days are those of the zone.
func parseRange(c *cli.Context, q *report.Query) (err error) {
	f := &q.Filter
	if c.IsSet("since") {
		if f.Since, _, err = calendar.ParseMoment(c.String("since"), q.Zone, q.Now); err != nil {
			return misuse("--since: %v", err)
		}
	}
	if c.IsSet("until") {
		if _, f.Until, err = calendar.ParseMoment(c.String("until"), q.Zone, q.Now); err != nil {
			return misuse("--until: %v", err)
		}
	}
	return nil
}

// readMailmap reads the file that the user named; no name is no mailmap.
func readMailmap(path string) (*people.Mailmap, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the mailmap: %w", err)
	}
	defer f.Close()
	m, err := people.ParseMailmap(f)
	if err != nil {
		return nil, fmt.Errorf("read the mailmap %s: %w", path, err)
	}
	return m, nil
}

// openDB is the database of the flags. It says so when somebody else keeps it waiting.
func openDB(c *cli.Context) *store.DB {
	db := store.Open(c.String("db"))
	if !c.Bool("quiet") {
		db.Waiting = func(time.Duration) {
			fmt.Fprintf(c.App.ErrWriter, "trunkstat: waiting for %s, which another trunkstat is using\n", db.Path())
		}
	}
	return db
}

// flagError names the flag that an error is about.
func flagError(flag string, err error) error {
	return asMisuse(fmt.Errorf("--%s: %w", flag, err))
}

// asMisuse gives an error of how a report was asked for the exit code 2.
func asMisuse(err error) error {
	if errors.Is(err, report.ErrMisuse) {
		return misuse("%s", err)
	}
	return err
}
