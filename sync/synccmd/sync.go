package synccmd

import (
	"github.com/urfave/cli/v2"

	"trunkstat/report/calendar"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync"
)

// defaultRate is how many requests an hour Bitbucket grants every user. A workspace with more than 100 paying
// users is granted up to 10,000 with an access token; the headers of its answers tell, and outrank the
// default.
const defaultRate = 1000

func syncCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "sync",
		Usage: "update the database from every repository's default branch",
		Description: `Fetches what is new, and nothing that is stored already. It can be stopped at
any time: what was fetched is kept, and the next run continues from there.
Prints a summary, however it ends; with --format json, one line for each
workspace.

   trunkstat sync --workspace acme
   trunkstat sync --repo 'payments-*' --since 2025-01-01 --max-requests 200

The token comes from TRUNKSTAT_TOKEN (with TRUNKSTAT_EMAIL for an API token),
from the command in TRUNKSTAT_TOKEN_COMMAND, or from the keychain, in this
order. HTTPS_PROXY and NO_PROXY are honoured.

--via git takes long histories by a git fetch of commits alone, without
files: one request a repository instead of one per 100 commits. It requires
git 2.31 or later.

   trunkstat sync --via git
   trunkstat sync --clones ~/src`,
		Flags: []cli.Flag{
			// A selection leaves what it does not select as it is stored; an excluded repository is also left
			// out of what reports call incomplete.
			command.Pattern("repo", "only repositories whose slug, or workspace/slug, matches `GLOB`"),
			command.Pattern("exclude-repo", "not those whose slug, or workspace/slug, matches `GLOB`; "+
				"reports do not call them incomplete"),
			command.Pattern("project", "only repositories of projects whose key matches `GLOB`"),
			command.Pattern("exclude-project", "not the repositories of projects whose key matches `GLOB`"),
			&cli.StringFlag{Name: "since",
				Usage: "skip commits before `DATE` (2025-03-31, 2025, 1y, …) in the first sync of a repository; " +
					"a later sync with an earlier date fetches them"},
			command.Enum("via", "api",
				"`SOURCE` of long histories: the API, or a git fetch of commits without files", "api", "git"),
			&cli.StringSliceFlag{Name: "clones", TakesFile: true,
				Usage: "take commits from the clones in `DIR`, up to three levels down; nothing in them is changed"},
			&cli.BoolFlag{Name: "plan", Usage: "print what a sync would request, after the listing alone"},
			&cli.BoolFlag{Name: "audit", Usage: "request every repository's head, whatever the listing says"},
			&cli.BoolFlag{Name: "no-wait", Usage: "stop (exit 75) instead of waiting for the rate limit"},
			&cli.IntFlag{Name: "rate", Value: defaultRate, DefaultText: "1000, or what Bitbucket grants",
				EnvVars: []string{"TRUNKSTAT_RATE"}, Usage: "send at most `N` requests an hour; 0: no limit"},
			&cli.IntFlag{Name: "max-requests", Usage: "stop (exit 75) after `N` requests"},
			// Eight walks at a time spend the requests of an hour within a minute. More would not be faster,
			// but wait for the rate limit together.
			&cli.IntFlag{Name: "jobs", Value: 8, Usage: "fetch `N` repositories at a time"},
			command.Enum("format", "table", "`FORMAT` of the summary", "table", "json"),
		},
		Action: env.action(runSync),
	}
}

// selectors are the flags that select repositories. A name that ends in project matches a project's key,
// every other name a slug.
var selectors = []string{"repo", "exclude-repo", "project", "exclude-project"}

// syncOptions reads the flags that are the same for every workspace. A date of --since is midnight in the
// local zone, as in reports, so that a report since that day is complete. A rate of 0 is no limit; no jobs,
// or no request, would do nothing at all and are refused.
func syncOptions(c call) (sync.Options, error) {
	patterns := func(flag string) store.Patterns {
		p, _ := store.NewPatterns(c.StringSlice(flag)...) // command.Pattern made sure that they are valid
		return p
	}
	opt := sync.Options{
		Repos: patterns("repo"), ExcludeRepos: patterns("exclude-repo"),
		Projects: patterns("project"), ExcludeProjects: patterns("exclude-project"),
		Plan: c.Bool("plan"), Audit: c.Bool("audit"), Jobs: c.Int("jobs"), Now: c.now,
	}
	for _, flag := range []struct {
		name  string
		least int
	}{{"jobs", 1}, {"rate", 0}, {"max-requests", 1}} {
		if c.IsSet(flag.name) && c.Int(flag.name) < flag.least { // a default of 0 is no limit
			return opt, command.Misuse("invalid value %d for --%s; use a number of at least %d",
				c.Int(flag.name), flag.name, flag.least)
		}
	}
	if s := c.String("since"); c.IsSet("since") {
		zone, _, err := calendar.LoadZone("local", c.getenv)
		if err != nil {
			return opt, command.Misuse("%v", err)
		}
		since, _, err := calendar.ParseMoment(s, zone, c.now())
		if err != nil {
			return opt, command.Misuse("--since: %v", err)
		}
		opt.Since, opt.HasSince = since.Unix(), true
	}
	return opt, nil
}
