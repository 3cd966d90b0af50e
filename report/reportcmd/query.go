package reportcmd

import (
	"io"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/calendar"
	"trunkstat/report/people"
	"trunkstat/store/command"
)

// dateHelp lists the forms of dates; package calendar reads them.
const dateHelp = "`DATE`: 2025-03-31, 2025-03, 2025, 2025-Q1, 2025-W13, today, yesterday, " +
	"7d, 4w, 6mo, 1y, or RFC 3339; or a word of --period"

// dates are what completion offers for --since and --until.
var dates = slices.Concat(calendar.Words, []string{"7d", "4w", "6mo", "1y"})

// rangeFlags are the flags that parseRange reads.
func rangeFlags() []cli.Flag {
	return []cli.Flag{
		command.Suggest(&cli.StringFlag{Name: "period",
			Usage: "only commits of `PERIOD`: 2026-Q3, 2026-W13, 2026-03, 2026, a day, this-week, last-month, " +
				"last-quarter, …"}, calendar.Words...),
		command.Suggest(&cli.StringFlag{Name: "since",
			Usage: "only commits from the beginning of " + dateHelp}, dates...),
		command.Suggest(&cli.StringFlag{Name: "until",
			Usage: "only commits up to the end of `DATE`"}, dates...),
	}
}

// filterFlags are the other flags that say which commits are counted, and whose they are. bots is what --bots
// is without a value. Package report refuses invalid patterns.
func filterFlags(bots report.Choice) []cli.Flag {
	var flags, excluding []cli.Flag
	for _, f := range [][3]string{
		{"repo", "GLOB", "only repositories whose slug matches `GLOB`"},
		{"project", "KEY", "only projects with this `KEY`, a glob"},
		{"author", "PATTERN", "only authors with `PATTERN` in name or e-mail"},
		{"team", "GLOB", "only teams with this name: `GLOB`"},
		{"group", "GLOB", "only groups of repositories with this name: `GLOB`"},
		{"grep", "REGEXP", "only commits with `REGEXP` in the message"},
	} {
		flags = append(flags, &cli.StringSliceFlag{Name: f[0], Usage: f[2]})
		excluding = append(excluding,
			&cli.StringSliceFlag{Name: "exclude-" + f[0], Usage: "all but those of `" + f[1] + "`"})
	}
	flags = append(flags,
		choiceFlag("merges", "TRUNKSTAT_MERGES", report.Include, "merge commits"),
		choiceFlag("bots", "TRUNKSTAT_BOTS", bots, "commits of bots"),
		fileFlag("teams", "TRUNKSTAT_TEAMS", "CSV `FILE`: team,person or team,person,from,until"),
		fileFlag("groups", "TRUNKSTAT_GROUPS", "CSV `FILE`: group,repository (a glob)"),
		mailmapFlag())
	// What few need stands at the end of the help.
	return append(flags, command.InMore(append(excluding,
		command.Enum("visibility", "", "only repositories of that `KIND`",
			string(report.Private), string(report.Public)),
		&cli.StringSliceFlag{Name: "bot", Usage: "authors with `PATTERN` in name or e-mail are bots too"},
		command.Suggest(&cli.StringFlag{Name: "tz", Value: "local", EnvVars: variable("TRUNKSTAT_TZ"),
			Usage: "the `ZONE` in which days begin: local, UTC, Europe/Berlin, …"}, "local", "UTC"),
	)...)...)
}

// mailmapFlag is all that the command mailmap has of these flags.
func mailmapFlag() cli.Flag {
	return fileFlag("mailmap", "TRUNKSTAT_MAILMAP", "`FILE` in git's format: which e-mails are one person")
}

// fileFlag is a flag that names a file.
func fileFlag(name, env, usage string) cli.Flag {
	return &cli.StringFlag{Name: name, TakesFile: true, EnvVars: variable(env), Usage: usage}
}

// choiceFlag is a flag that includes or excludes one kind of commit, or counts it alone.
func choiceFlag(name, env string, standard report.Choice, of string) cli.Flag {
	return command.EnumFromEnv(variable(env), name, standard.String(), "`CHOICE` of "+of,
		report.Include.String(), report.Exclude.String(), report.Only.String())
}

// variable returns the name of a variable of the environment, for a flag to read. One that is set and empty
// counts as not set, where urfave/cli would take the empty text for the flag's value. It asks the process and
// not getenv because urfave/cli reads the variable there too.
func variable(name string) []string {
	if value, set := os.LookupEnv(name); set && value == "" {
		return nil
	}
	return []string{name}
}

// parseQuery is readQuery, and validates the query, so that what was asked wrongly is said before the
// database is opened or a file is written.
func parseQuery(c *cli.Context, getenv func(string) string) (report.Query, error) {
	q, err := readQuery(c, getenv)
	if err != nil {
		return q, err
	}
	return q.Validate()
}

// readQuery reads all flags that say what is asked for, and the workspace. A flag that a command does not
// have reads as zero, which is the default of the query.
func readQuery(c *cli.Context, getenv func(string) string) (q report.Query, err error) {
	q = report.Query{
		Now: time.Now(), Anonymize: c.Bool("anonymize"), Compare: c.String("compare") != "", Top: c.Int("top"),
		CoAuthors: c.Bool("co-authors"),
	}
	if q.Zone, q.ZoneName, err = calendar.LoadZone(c.String("tz"), getenv); err != nil {
		return q, command.Misuse("--tz: %v", err)
	}
	if c.IsSet("top") && q.Top < 1 { // the query's 0 means all rows
		return q, command.Misuse("invalid value %d for --top; use 1 or more", q.Top)
	}
	if c.IsSet("by") {
		q.By = report.ParseDimensions(c.String("by"))
	}
	if c.IsSet("pivot") {
		q.Pivot = report.ParseDimension(c.String("pivot"))
	}
	if c.IsSet("sort") {
		q.Sort = report.ParseSort(c.String("sort"))
	}
	if c.IsSet("columns") {
		q.Columns = report.ParseColumns(c.String("columns"))
	}
	if q.Assistants, err = people.NewAssistants(c.StringSlice("assistant")); err != nil {
		return q, command.Misuse("--assistant: %v", err)
	}
	if q.Filter, err = parseFilter(c, q); err != nil {
		return q, err
	}
	return q, readFiles(c, &q)
}

// parseFilter reads the flags that select commits. Days are those of the query's zone, and "today" is that of
// its Now. Patterns are checked by Query.Validate.
func parseFilter(c *cli.Context, q report.Query) (f report.Filter, err error) {
	f = report.Filter{
		Repos: c.StringSlice("repo"), ExcludeRepos: c.StringSlice("exclude-repo"),
		Projects: c.StringSlice("project"), ExcludeProjects: c.StringSlice("exclude-project"),
		Authors: c.StringSlice("author"), ExcludeAuthors: c.StringSlice("exclude-author"),
		Teams: c.StringSlice("team"), ExcludeTeams: c.StringSlice("exclude-team"),
		Groups: c.StringSlice("group"), ExcludeGroups: c.StringSlice("exclude-group"),
		Grep: c.StringSlice("grep"), ExcludeGrep: c.StringSlice("exclude-grep"),
		Visibility: report.Visibility(c.String("visibility")), BotPatterns: c.StringSlice("bot"),
	}
	if f.Workspace, err = command.Workspace(c); err != nil {
		return f, err
	}
	if f.Merges, err = report.ParseChoice(c.String("merges")); err != nil {
		return f, err
	}
	if f.Bots, err = report.ParseChoice(c.String("bots")); err != nil {
		return f, err
	}
	f.Since, f.Until, err = parseRange(c, q)
	return f, err
}

// parseRange reads the flags for the range, both ends included; a zero time is an open end. In a comparison,
// one that is open and begins with a period that is not over is that period: it is compared with the same
// part of the period before.
func parseRange(c *cli.Context, q report.Query) (since, until time.Time, err error) {
	if c.IsSet("period") {
		if c.IsSet("since") || c.IsSet("until") {
			return since, until, command.Misuse("--period cannot be combined with --since or --until")
		}
		if since, until, err = calendar.ParsePeriod(c.String("period"), q.Zone, q.Now); err != nil {
			return since, until, command.Misuse("--period: %v", err)
		}
		return since, until, nil
	}
	if c.IsSet("since") {
		if since, _, err = calendar.ParseMoment(c.String("since"), q.Zone, q.Now); err != nil {
			return since, until, command.Misuse("--since: %v", err)
		}
	}
	if c.IsSet("until") {
		if _, until, err = calendar.ParseMoment(c.String("until"), q.Zone, q.Now); err != nil {
			return since, until, command.Misuse("--until: %v", err)
		}
	} else if q.Compare {
		until, _ = calendar.EndToDate(c.String("since"), q.Zone, q.Now)
	}
	return since, until, nil
}

// readFiles reads the files that flags name. A file that cannot be read or parsed is a misuse, before
// anything is counted.
func readFiles(c *cli.Context, q *report.Query) (err error) {
	q.MailmapFile = c.String("mailmap")
	if q.Mailmap, err = readFile(c, "mailmap", func(_ string, r io.Reader) (*people.Mailmap, error) {
		return people.ParseMailmap(r)
	}); err != nil {
		return err
	}
	if q.Teams, err = readFile(c, "teams", report.ParseTeams); err != nil {
		return err
	}
	q.Groups, err = readFile(c, "groups", report.ParseGroups)
	return err
}

// readFile reads the file that a flag names; without the flag, it returns nil. parse gets the path for its
// errors and notes.
func readFile[T any](c *cli.Context, flag string, parse func(path string, r io.Reader) (*T, error)) (*T, error) {
	path := c.String(flag)
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, command.Misuse("--%s: %w", flag, err)
	}
	defer f.Close()
	return parse(path, f)
}
