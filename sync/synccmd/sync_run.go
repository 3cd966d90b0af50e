package synccmd

import (
	"errors"
	"slices"
	"strings"
	"time"

	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// A syncRun is one command sync, over one workspace or several.
type syncRun struct {
	*connection
	db      *store.DB
	opt     sync.Options
	fetches bool // from git servers, as --via git asks for
	sent    int  // requests, to all workspaces so far
}

// runSync syncs one workspace, or all that are stored, one after the other: an API token has one rate limit
// for all of them. The worst outcome is the exit code. Flags are checked before the database is opened, and
// all that needs no secret before one is read.
func runSync(c call) error {
	opt, err := syncOptions(c)
	if err != nil {
		return err
	}
	conn, err := connect(c)
	if err != nil {
		return err
	}
	r := &syncRun{connection: conn, db: command.OpenDB(c.flags), opt: opt}
	r.db.Timeout = store.NoTimeout // a slow reader must not end a sync of many hours
	workspaces, err := selectWorkspaces(c, r.db)
	if err == nil && len(workspaces) == 0 {
		err = &command.Error{Code: command.ExitMisuse, Hint: "trunkstat auth login",
			Err: errors.New("no workspace is stored yet; name one with --workspace")}
	}
	if err != nil {
		return err
	}
	if r.opt.Git, r.fetches, err = findGit(c); err != nil {
		return err
	}
	unlock, err := r.db.LockSync() // for all workspaces: a second sync would spend the same rate limit
	if err != nil {
		return err
	}
	defer unlock()
	return r.all(workspaces)
}

// all syncs the workspaces and prints a summary of each, also of those that it does not come to. Summaries
// without a match are held back: if no workspace has a match, that is a misuse, which prints nothing. What
// --max-requests or the rate limit ended is not begun in the next workspace; a failure ends one workspace
// only.
func (r *syncRun) all(workspaces []store.Workspace) error {
	var errs []error
	var unmatched []sync.Summary
	stopped := false // by the rate limit, --max-requests or Ctrl-C, which the next workspace would meet too
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
	for _, summary := range unmatched { // a pattern may be meant for another workspace
		errs = append(errs, r.print(summary.Workspace, summary))
	}
	if err := r.Context.Err(); err != nil { // Ctrl-C outranks the failures, which may come of it
		return err
	}
	err := worst(r.call, errs)
	// With any other code, a workspace was not listed, and may have what a pattern asks for.
	if code, _ := command.Exit(err); code == command.ExitDone || code == command.ExitPartly {
		r.noticeUnmatched(workspaces)
	}
	return err
}

// print prints the summary of a workspace. It is zero if its sync could not begin: then JSON has a line all
// the same, because scripts read a line for each workspace.
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

// noticeUnmatched tells of patterns that match no repository of the workspaces, which are listed by now. A
// pattern that is mistyped would otherwise leave out repositories without a word. Each is tried against all
// workspaces, since it may be meant for one of them.
func (r *syncRun) noticeUnmatched(workspaces []store.Workspace) {
	if selection(r.call) == "" {
		return
	}
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

// workspace syncs one workspace. The summary is zero if the sync could not begin. Each workspace has a client
// and a budget of its own, because it may have another credential.
func (r *syncRun) workspace(ws store.Workspace) (sync.Summary, error) {
	if limit := r.Int("max-requests"); limit > 0 && r.sent >= limit { // the workspaces before spent them all
		return sync.Summary{}, r.stopped(sync.Summary{Workspace: ws.Slug})
	}
	opt := r.opt // a copy: what follows is of this workspace
	opt.Workspace = ws.Slug
	cred, err := r.credential(ws.Slug)
	if err != nil {
		return sync.Summary{}, err
	}
	warnExpiry(r.call, ws.Slug, r.entry(ws).Expires)
	var shown *progress // made after the budget, which calls it when it waits, and not before a request
	opt.BudgetName, opt.Credential = budgetName(cred, ws.Slug), cred.Fingerprint()
	budget, err := r.newBudget(cred, opt.BudgetName, func(w bitbucket.Wait) { shown.wait(w) })
	if err != nil {
		return sync.Summary{}, err
	}
	config := r.config()
	config.Credential, config.Budget, config.MaxConns = cred, budget, opt.Jobs
	log := &requestLog{call: r.call, workspace: ws.Slug}
	config.Trace = log.exchange
	client, err := bitbucket.New(config)
	if err != nil {
		return sync.Summary{}, err
	}
	if r.fetches {
		git := *r.opt.Git
		git.Remote = r.gitRemotes(cred, ws.Slug)
		opt.Git = &git
	}
	// Nothing below returns before shown.close, which gives the terminal back.
	shown = newProgress(r.call, ws.Slug, budget)
	opt.Emit = func(e sync.Event) {
		if e.Kind == sync.Started { // before its first request
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

// newBudget returns a budget that counts the requests of earlier runs within the rolling hour, as Bitbucket
// does. Without a database there were none.
func (r *syncRun) newBudget(cred bitbucket.Credential, name string, onWait func(bitbucket.Wait)) (
	*bitbucket.Budget, error) {

	stored, err := command.Read(r.Context, r.db, func(tx *store.Tx) (store.Budget, error) {
		return tx.Budget(name)
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		return nil, err
	}
	return bitbucket.NewBudget(bitbucket.BudgetConfig{
		Limit: r.Int("rate"),
		// What the user typed outranks what Bitbucket says. It names the limit to access tokens alone: for
		// another token, the header would be that of a gateway, about something else.
		Granted: !r.IsSet("rate") && cred.Kind == bitbucket.AccessToken,
		Max:     max(r.Int("max-requests")-r.sent, 0), // 0, no limit, only without the flag: see workspace
		NoWait:  r.Bool("no-wait"),
		Spent:   stored.Spent,
		OnWait:  onWait,
		Now:     r.now,
		Sleep:   r.sleep,
	}), nil
}

// budgetName returns the name under which the requests of a credential are counted: Bitbucket counts API
// tokens by their user, whatever the workspace, and every access token for itself.
func budgetName(cred bitbucket.Credential, workspace string) string {
	if cred.Kind == bitbucket.APIToken {
		return "user " + strings.ToLower(cred.Email)
	}
	return "access token of " + workspace
}
