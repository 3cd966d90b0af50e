package synccmd

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/calendar"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
	"trunkstat/sync/githistory"
)

// defaultRate is how many requests an hour Bitbucket grants every user.
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
			&cli.IntFlag{Name: "jobs", Value: 8, Usage: "fetch `N` repositories at a time"},
			command.Enum("format", "table", "`FORMAT` of the summary", "table", "json"),
		},
		Action: env.action(runSync),
	}
}

// selectors are the flags that select repositories.
var selectors = []string{"repo", "exclude-repo", "project", "exclude-project"}

// A syncRun is one command sync, over one workspace or several.
type syncRun struct {
	call
	db   *store.DB
	opt  sync.Options
	sent int // requests, to all workspaces so far
}

// runSync syncs one workspace, or all that are stored, one after the other. The worst outcome is the exit
// code.
func runSync(c call) error {
	opt, err := syncOptions(c)
	if err != nil {
		return err
	}
	if err := checkConnection(c); err != nil {
		return err
	}
	r := &syncRun{call: c, db: command.OpenDB(c.flags), opt: opt}
	r.db.Timeout = store.NoTimeout
	workspaces, err := selectWorkspaces(c, r.db)
	if err == nil && len(workspaces) == 0 {
		err = &command.Error{Code: command.ExitMisuse, Hint: "trunkstat auth login",
			Err: errors.New("no workspace is stored yet; name one with --workspace")}
	}
	if err != nil {
		return err
	}
	if r.opt.Git, err = findGit(c, r.db.Path()); err != nil {
		return err
	}
	unlock, err := r.db.LockSync()
	if err != nil {
		return err
	}
	defer unlock()
	if err := githistory.RemoveTemp(r.db.Path()); err != nil {
		return err
	}
	return r.all(workspaces)
}

// all syncs the workspaces and prints a summary of each, also of those that it does not come to. Summaries
// without a match are held back: if no workspace has a match, that is a misuse, which prints nothing.
func (r *syncRun) all(workspaces []store.Workspace) error {
	var errs []error
	var unmatched []sync.Summary
	stopped := false
	for _, ws := range workspaces {
		var summary sync.Summary
		var err error
		if !stopped {
			summary, err = r.workspace(ws)
			code, _ := command.Exit(err)
			stopped = code == command.ExitWorkLeft || r.Context.Err() != nil
		}
		if !errors.Is(err, sync.ErrNothingMatches) {
			errs = append(errs, err, r.print(ws.Slug, summary))
		} else if unmatched = append(unmatched, summary); len(unmatched) == len(workspaces) {
			return err
		}
	}
	for _, summary := range unmatched {
		errs = append(errs, r.print(summary.Workspace, summary))
	}
	if err := r.Context.Err(); err != nil {
		return err
	}
	err := worst(r.call, errs)
	code, _ := command.Exit(err)
	listed := code == command.ExitDone || code == command.ExitPartly // all workspaces
	if listed && selection(r.call) != "" {
		r.noticeUnmatched(workspaces)
	}
	return err
}

// print prints the summary of a workspace. It is zero if its sync could not begin: then JSON has a line all
// the same.
func (r *syncRun) print(workspace string, s sync.Summary) error {
	if r.String("format") == "json" {
		if s.Schema == 0 {
			s = sync.Summary{Schema: 1, Workspace: workspace, Failures: []sync.Failure{}}
		}
		return render.JSON(r.App.Writer, s)
	}
	if s.Schema == 0 {
		return nil
	}
	for _, line := range summaryLines(s) {
		if err := command.PrintLine(r.flags, workspace+": "+line); err != nil {
			return err
		}
	}
	return nil
}

// noticeUnmatched tells of patterns that match no repository of the workspaces, which are listed by now.
func (r *syncRun) noticeUnmatched(workspaces []store.Workspace) {
	repos, err := command.Read(r.Context, r.db, (*store.Tx).Repositories)
	if err != nil { // the sync said it, or it was interrupted
		return
	}
	repos = slices.DeleteFunc(repos, func(repo store.Repository) bool {
		return !slices.ContainsFunc(workspaces, func(ws store.Workspace) bool { return ws.Slug == repo.Workspace })
	})
	for _, flag := range selectors {
		for _, text := range r.StringSlice(flag) {
			patterns, _ := store.NewPatterns(text) // command.Pattern checked it
			matches := func(repo store.Repository) bool {
				if strings.HasSuffix(flag, "project") {
					return patterns.Match(repo.Project)
				}
				return patterns.MatchRepository(repo.Workspace, repo.Slug)
			}
			if !slices.ContainsFunc(repos, matches) {
				command.Inform(r.flags, "no repository matches --%s %q", flag, text)
			}
		}
	}
}

// syncOptions reads the flags. A date of --since is midnight in the local zone, as in reports.
func syncOptions(c call) (sync.Options, error) {
	patterns := func(flag string) store.Patterns {
		p, _ := store.NewPatterns(c.StringSlice(flag)...) // command.Pattern checked them
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
		if c.IsSet(flag.name) && c.Int(flag.name) < flag.least {
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

// workspace syncs one workspace. The summary is zero if the sync could not begin.
func (r *syncRun) workspace(ws store.Workspace) (sync.Summary, error) {
	if limit := r.Int("max-requests"); limit > 0 && r.sent >= limit {
		return sync.Summary{}, r.stopped(sync.Summary{Workspace: ws.Slug})
	}
	opt := r.opt
	opt.Workspace = ws.Slug
	cred, err := findCredential(r.call, ws.Slug)
	if err != nil {
		return sync.Summary{}, err
	}
	warnExpiry(r.call, ws.Slug, r.entry(ws).Expires)
	var shown *progress // of no use before the budget exists, which calls it first when it waits
	opt.BudgetName, opt.Credential = budgetName(cred, ws.Slug), cred.Fingerprint()
	opt.Budget, err = r.newBudget(opt.BudgetName, func(w bitbucket.Wait) { shown.wait(w) })
	if err != nil {
		return sync.Summary{}, err
	}
	config := bitbucket.Config{Credential: cred, Budget: opt.Budget, MaxConns: opt.Jobs}
	log := &requestLog{call: r.call}
	client, err := newClient(r.call, config, troubleNotice(r.call, ws.Slug), log.exchange)
	if err != nil {
		return sync.Summary{}, err
	}
	opt.Git = withRemotes(r.call, r.opt.Git, cred, ws.Slug)
	shown = newProgress(r.call, ws.Slug, opt.Budget)
	opt.Emit = func(e sync.Event) {
		if e.Kind == sync.Started {
			log.name(e.UUID, e.Repository)
		}
		shown.event(e)
	}
	summary, err := sync.Run(r.Context, r.db, client, opt)
	shown.close()
	r.sent += summary.Requests
	summary.Waited = shown.waited().Round(time.Millisecond).Seconds()
	return summary, r.outcome(summary, err, cred)
}

// newBudget returns a budget that counts the requests of earlier runs within the rolling hour.
func (r *syncRun) newBudget(name string, onWait func(bitbucket.Wait)) (*bitbucket.Budget, error) {
	stored, err := command.Read(r.Context, r.db, func(tx *store.Tx) (store.Budget, error) {
		return tx.Budget(name)
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		return nil, err
	}
	return bitbucket.NewBudget(bitbucket.BudgetConfig{
		Limit:   r.Int("rate"),
		Granted: !r.IsSet("rate"),
		Max:     max(r.Int("max-requests")-r.sent, 0),
		NoWait:  r.Bool("no-wait"),
		Spent:   stored.Spent,
		OnWait:  onWait,
		Now:     r.now,
		Sleep:   r.sleep,
	}), nil
}

// budgetName returns the name under which the requests of a credential are counted: Bitbucket counts API
// tokens by their user, and every access token for itself.
func budgetName(cred bitbucket.Credential, workspace string) string {
	if cred.Kind == bitbucket.APIToken {
		return "user " + strings.ToLower(cred.Email)
	}
	return "access token of " + workspace
}
