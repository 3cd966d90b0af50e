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
	"trunkstat/store/command"
)

const dateHelp = "`DATE`: 2025-03-31, 2025-03, 2025, 2025-Q1, 2025-W13, today, yesterday, " +
	"7d, 4w, 6mo, 1y, or RFC 3339"

// What completion offers.
var (
	dates   = []string{"today", "yesterday", "7d", "4w", "6mo", "1y"}
	choices = []string{"include", "exclude", "only"}
)

// filterFlags are the flags that say which commits are counted, and whose they are.
func filterFlags() []cli.Flag {
	flags := []cli.Flag{
		command.Suggest(&cli.StringFlag{Name: "since",
			Usage: "only commits from the beginning of " + dateHelp}, dates...),
		command.Suggest(&cli.StringFlag{Name: "until",
			Usage: "only commits up to the end of `DATE`, as for --since"}, dates...),
	}
	for _, f := range [][2]string{
		{"repo", "repositories that fit `GLOB`, over the slug or workspace/slug"},
		{"project", "projects of that `KEY`, or glob over keys"},
		{"author", "authors with `PATTERN` in their name or e-mail, in any case"},
	} {
		flags = append(flags,
			command.Pattern(f[0], "only "+f[1]),
			command.Pattern("exclude-"+f[0], "no "+f[1]))
	}
	return append(flags,
		command.Enum("merges", "include", "`CHOICE` for commits with more than one parent", choices...),
		command.Enum("bots", "include", "`CHOICE` for commits of bots", choices...),
		command.Pattern("bot", "take authors with `PATTERN` in their name or e-mail for bots too"),
		command.Suggest(&cli.StringFlag{Name: "tz", Value: "local",
			Usage: "the `ZONE` in which days begin: local, UTC, Europe/Berlin, …"}, "local", "UTC"),
		&cli.StringFlag{Name: "mailmap", TakesFile: true,
			Usage: "`FILE` in git's format that says which names and e-mails are one person"},
	)
}

// parseFilters reads the flags of filterFlags, and the workspace.
func parseFilters(c *cli.Context, getenv func(string) string) (report.Query, error) {
	q := report.Query{Now: time.Now()}
	var err error
	if q.Zone, q.ZoneName, err = calendar.LoadZone(c.String("tz"), getenv); err != nil {
		return q, command.Misuse("--tz: %v", err)
	}
	f := &q.Filter
	f.Repos, f.ExcludeRepos = c.StringSlice("repo"), c.StringSlice("exclude-repo")
	f.Projects, f.ExcludeProjects = c.StringSlice("project"), c.StringSlice("exclude-project")
	f.Authors, f.ExcludeAuthors = c.StringSlice("author"), c.StringSlice("exclude-author")
	f.BotPatterns = c.StringSlice("bot")
	if f.Workspace, err = command.Workspace(c); err != nil {
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
			return command.Misuse("--since: %v", err)
		}
	}
	if c.IsSet("until") {
		if _, f.Until, err = calendar.ParseMoment(c.String("until"), q.Zone, q.Now); err != nil {
			return command.Misuse("--until: %v", err)
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

// flagError names the flag that an error is about.
func flagError(flag string, err error) error {
	return commandError(fmt.Errorf("--%s: %w", flag, err))
}

// commandError gives the errors of package report their exit codes and hints.
func commandError(err error) error {
	if errors.Is(err, report.ErrMisuse) {
		return command.Misuse("%w", err)
	}
	if unknown := (*report.UnknownWorkspaceError)(nil); errors.As(err, &unknown) {
		return &command.Error{Code: command.ExitFailed, Hint: "trunkstat sync --workspace " + unknown.Slug, Err: err}
	}
	return err
}
