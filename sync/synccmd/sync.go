package synccmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
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
)

// defaultRate is what Bitbucket grants every user, in requests an hour.
const defaultRate = 1000

func syncCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "sync",
		Usage: "bring the database up to date with every repository's default branch",
		Description: `Asks Bitbucket for what is new, and for nothing that is stored already. It can be stopped at
any time: what was fetched stays, and the next run goes on from there.

   trunkstat sync --workspace acme
   trunkstat sync --repo 'payments-*' --since 2025-01-01 --max-requests 200

The token comes from TRUNKSTAT_TOKEN (with TRUNKSTAT_EMAIL for an API token), from the command in
TRUNKSTAT_TOKEN_COMMAND, or from the keychain, in this order. HTTPS_PROXY and NO_PROXY are honoured.`,
		Flags: []cli.Flag{
			command.Pattern("repo", "only repositories whose slug, or workspace/slug, matches `GLOB`"),
			command.Pattern("exclude-repo", "leave out repositories whose slug, or workspace/slug, matches `GLOB`"),
			command.Pattern("project", "only repositories of projects whose key matches `GLOB`"),
			command.Pattern("exclude-project", "leave out repositories of projects whose key matches `GLOB`"),
			&cli.StringFlag{Name: "since", Usage: "begin the history of repositories that were never synced at `DATE` (2025-03-31, 2025, 1y, …); an earlier one later goes on from there"},
			&cli.BoolFlag{Name: "plan", Usage: "say what would be asked for, after the listing alone"},
			&cli.BoolFlag{Name: "audit", Usage: "ask for every repository's head, whatever the listing says"},
			&cli.BoolFlag{Name: "no-wait", Usage: "stop (exit 75) where the request budget would make it wait"},
			&cli.IntFlag{Name: "rate", Value: defaultRate, DefaultText: "1000, or what Bitbucket grants", EnvVars: []string{"TRUNKSTAT_RATE"}, Usage: "spend at most `N` requests an hour; 0: no limit"},
			&cli.IntFlag{Name: "max-requests", Usage: "stop (exit 75) after `N` requests"},
			&cli.IntFlag{Name: "jobs", Value: 8, Usage: "walk `N` repositories at a time"},
			command.Enum("format", "table", "`FORMAT` of the summary", "table", "json"),
		},
		Action: func(c *cli.Context) error { return runSync(c, env) },
	}
}

const (
	// garbage is what a sync leaves lying, in percent of what it uses: a tenth less CPU for 5 MB more.
	garbage = 150

	// roomy is from where on it leaves less, in bytes: what a transaction takes for its time is not to be
	// taken for what a sync uses. 90 MB instead of 130 for a history of a million commits, at no cost; with
	// 8 MB less, several long histories at once that come without latency take twice the CPU.
	roomy = 44 << 20
)

// collectGarbage sets when memory is collected during a sync.
func collectGarbage() (restore func()) {
	percent := debug.SetGCPercent(garbage)
	limit := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(limit, roomy))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// runSync syncs one workspace, or all that are known, one after the other. The worst outcome is
// the exit code.
func runSync(c *cli.Context, env environment) error {
	opt, err := syncOptions(c)
	if err != nil {
		return err
	}
	if err := checkAPIURL(c); err != nil {
		return err
	}
	db := command.OpenDB(c)
	db.Timeout = store.NoTimeout
	workspaces, err := workspacesToSync(c, db)
	if err != nil {
		return err
	}
	unlock, err := db.LockSync()
	if err != nil {
		return err
	}
	defer unlock()
	defer collectGarbage()()
	left, limited := c.Int("max-requests"), c.Int("max-requests") > 0
	var worst, nothing error
	var unmatched []sync.Summary
	for i, ws := range workspaces {
		if limited && left <= 0 {
			worst = worse(worst, stoppedWithWorkLeft(fmt.Errorf("%s: %w", ws, bitbucket.ErrBudgetSpent)))
			return worse(worst, printSummaries(c, unmatched, notBegun(workspaces[i:])))
		}
		opt.Workspace = ws
		var summary sync.Summary
		summary, err = syncWorkspace(c, env, db, opt, left)
		if errors.Is(err, sync.ErrNothingMatches) { // no fault where another workspace has what is asked for
			unmatched, nothing, err = append(unmatched, summary), err, nil
		}
		if summary.Schema == 0 && c.String("format") == "json" { // it could not begin: a line all the same
			err = worse(err, printSummaries(c, notBegun(workspaces[i:i+1])))
		}
		worst = worse(worst, err)
		if c.Context.Err() != nil || errors.Is(err, bitbucket.ErrBudgetSpent) {
			return worse(worst, printSummaries(c, unmatched, notBegun(workspaces[i+1:])))
		}
		left -= summary.Requests
	}
	if len(unmatched) == len(workspaces) {
		return nothing // a misuse, which prints nothing
	}
	return worse(worst, printSummaries(c, unmatched))
}

// notBegun are the summaries of workspaces that a stopped run did not come to, for there is one of each.
func notBegun(workspaces []string) (list []sync.Summary) {
	for _, ws := range workspaces {
		list = append(list, sync.Summary{Schema: 1, Workspace: ws, Failures: []sync.Failure{}})
	}
	return list
}

func printSummaries(c *cli.Context, lists ...[]sync.Summary) error {
	for _, s := range slices.Concat(lists...) {
		if err := printSummary(c, s); err != nil {
			return err
		}
	}
	return nil
}

func syncOptions(c *cli.Context) (sync.Options, error) {
	opt := sync.Options{Plan: c.Bool("plan"), Audit: c.Bool("audit"), Jobs: c.Int("jobs")}
	for flag, patterns := range map[string]*store.Patterns{
		"repo": &opt.Repos, "project": &opt.Projects,
		"exclude-repo": &opt.ExcludeRepos, "exclude-project": &opt.ExcludeProjects,
	} {
		var err error
		if *patterns, err = store.NewPatterns(c.StringSlice(flag)...); err != nil {
			return opt, command.Misuse("--%s: %v", flag, err)
		}
	}
	for flag, least := range map[string]int{"jobs": 1, "rate": 0, "max-requests": 1} {
		if c.IsSet(flag) && c.Int(flag) < least {
			return opt, command.Misuse("--%s %d: give a number of at least %d", flag, c.Int(flag), least)
		}
	}
	if s := c.String("since"); c.IsSet("since") {
		since, _, err := calendar.ParseMoment(s, time.Local, time.Now())
		if err != nil {
			return opt, command.Misuse("--since: %v", err)
		}
		opt.Since, opt.HasSince = since.Unix(), true
	}
	return opt, nil
}

// syncWorkspace syncs one workspace and prints its summary, however it ends but for ErrNothingMatches.
func syncWorkspace(c *cli.Context, env environment, db *store.DB, opt sync.Options, maxRequests int) (sync.Summary, error) {
	cred, source, err := findCredential(c, env, opt.Workspace)
	if err != nil {
		return sync.Summary{}, err
	}
	if source == fromKeychain {
		warnExpiryOf(c, db, opt.Workspace)
	}
	progress := newProgress(c, env, opt.Workspace)
	defer progress.close()
	opt.BudgetName, opt.Credential = budgetName(cred, opt.Workspace), cred.Fingerprint()
	opt.Budget, err = newBudget(c, db, opt.BudgetName, maxRequests, progress.wait)
	if err != nil {
		return sync.Summary{}, err
	}
	client, err := newClient(c, cred, opt.Budget, opt.Jobs, 0, progress.exchange)
	if err != nil {
		return sync.Summary{}, err
	}
	progress.watch(opt.Budget)
	opt.Emit = progress.event
	summary, err := sync.Run(c.Context, db, client, opt)
	progress.close()
	summary.Waited = progress.waited().Round(time.Millisecond).Seconds()
	if !errors.Is(err, sync.ErrNothingMatches) {
		if err := printSummary(c, summary); err != nil {
			return summary, err
		}
	}
	return summary, outcome(c, summary, err, cred)
}

// newBudget counts requests over a rolling hour that began before this run.
func newBudget(c *cli.Context, db *store.DB, name string, maxRequests int, onWait func(bitbucket.Wait)) (*bitbucket.Budget, error) {
	var stored store.Budget
	err := db.View(c.Context, func(tx *store.Tx) (err error) {
		stored, err = tx.Budget(name)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNoDatabase) {
		return nil, err
	}
	return bitbucket.NewBudget(bitbucket.BudgetConfig{
		Limit:   c.Int("rate"),
		Granted: !c.IsSet("rate"),
		Max:     maxRequests,
		NoWait:  c.Bool("no-wait"),
		Spent:   stored.Spent,
		OnWait:  onWait,
	}), nil
}

// budgetName is under what the requests of a credential are counted: Bitbucket counts API tokens by
// their user, and every access token for itself.
func budgetName(cred bitbucket.Credential, workspace string) string {
	if cred.Kind == bitbucket.APIToken {
		return "user " + strings.ToLower(cred.Email)
	}
	return "access token of " + workspace
}

// outcome turns the end of a run into an error with its exit code.
func outcome(c *cli.Context, s sync.Summary, err error, cred bitbucket.Credential) error {
	switch {
	case c.Context.Err() != nil:
		return context.Canceled
	case errors.Is(err, bitbucket.ErrBudgetSpent):
		return stoppedWithWorkLeft(err)
	case errors.Is(err, sync.ErrNothingMatches):
		return &command.Error{Code: command.ExitMisuse, Hint: "trunkstat repos --workspace " + s.Workspace,
			Err: fmt.Errorf("%w %s", err, selection(c))}
	case err != nil && len(s.Failures) > 0 && bitbucket.IsNetwork(err):
		return &command.Error{Code: command.ExitPartly, Hint: hintContinue, Err: err}
	case err != nil:
		return namedError(noResources(err), cred, s.Workspace, c.String("api-url"))
	case len(s.Failures) == 0 && (s.Complete || s.Plan != nil):
		return nil
	case len(s.Failures) == 0:
		return &command.Error{Code: command.ExitPartly, Hint: "trunkstat auth status --workspace " + s.Workspace,
			Err: fmt.Errorf("the listing of %s was incomplete", s.Workspace)}
	}
	partly := fmt.Errorf("%d of %d repositories could not be synced: %s", len(s.Failures), s.Repositories.Listed, failures(s))
	if s.Repositories.Failed == s.Repositories.Listed {
		switch code := commonCode(s, cred, c.String("api-url")); code {
		case 0:
		case command.ExitFailed:
			return &command.Error{Code: code, Hint: hintContinue, Err: partly}
		default:
			return &command.Error{Code: code, Err: partly,
				Hint: "trunkstat auth status --workspace " + s.Workspace + curlOf(s, cred, c)}
		}
	}
	return &command.Error{Code: command.ExitPartly, Err: partly,
		Hint: "the rest is stored; trunkstat repos shows the state of each" + curlOf(s, cred, c)}
}

// selection names the patterns that selected repositories.
func selection(c *cli.Context) string {
	var flags []string
	for _, flag := range []string{"repo", "exclude-repo", "project", "exclude-project"} {
		if patterns := c.StringSlice(flag); len(patterns) > 0 {
			flags = append(flags, fmt.Sprintf("--%s %q", flag, strings.Join(patterns, `" or "`)))
		}
	}
	return strings.ReplaceAll(strings.Join(flags, " and "), `\"`, `"`)
}

// curlOf is the command that shows a lack of permissions outside of trunkstat, as a line of a hint,
// where a repository failed for it.
func curlOf(s sync.Summary, cred bitbucket.Credential, c *cli.Context) string {
	for _, f := range s.Failures {
		if bitbucket.IsForbidden(f.Err) {
			return "\n" + curlCommand(cred.Kind, s.Workspace, c.String("api-url"))
		}
	}
	return ""
}

const hintContinue = "run trunkstat sync again to continue"

func stoppedWithWorkLeft(err error) error {
	return &command.Error{Code: command.ExitWorkLeft, Hint: hintContinue,
		Err: fmt.Errorf("stopped with work left: %w", err)}
}

// commonCode is the exit code of the one reason for which all repositories failed; 0: there are
// several.
func commonCode(s sync.Summary, cred bitbucket.Credential, apiURL string) (common int) {
	for i, f := range s.Failures {
		code, _ := command.Exit(namedError(f.Err, cred, s.Workspace, apiURL))
		if i > 0 && code != common {
			return 0
		}
		common = code
	}
	return common
}

// failures names a few of the failed repositories.
func failures(s sync.Summary) string {
	var parts []string
	for i, f := range s.Failures {
		if i == 3 {
			parts = append(parts, fmt.Sprintf("and %d more", len(s.Failures)-i))
			break
		}
		parts = append(parts, f.Repository+": "+f.Error)
	}
	return strings.Join(parts, "; ")
}

// worse is the error that decides about the exit code, the earlier one where they are equal.
func worse(a, b error) error {
	rank := func(err error) int {
		switch code, _ := command.Exit(err); code {
		case command.ExitDone:
			return 0
		case command.ExitPartly:
			return 1
		}
		return 2
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func printSummary(c *cli.Context, s sync.Summary) error {
	if c.String("format") == "json" {
		line, err := json.Marshal(s)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.App.Writer, "%s\n", line)
		return err
	}
	return writeSummary(c.App.Writer, s)
}

// writeSummary says in a few lines what a run did.
func writeSummary(w io.Writer, s sync.Summary) error {
	var b strings.Builder
	r := s.Repositories
	fmt.Fprintf(&b, "%s: %s listed", s.Workspace, count(r.Listed, "repository", "repositories"))
	for _, part := range []struct {
		n    int
		word string
	}{{r.Synced, "synced"}, {r.Unchanged, "unchanged"}, {r.Empty, "empty"}, {r.Failed, "failed"}, {r.Pending, "pending"}, {r.Gone, "gone"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, ", %s %s", render.Count(part.n), part.word)
		}
	}
	fmt.Fprintf(&b, "\n%s: +%s", s.Workspace, count(s.Commits.Added, "commit", "commits"))
	if s.Commits.Removed > 0 {
		fmt.Fprintf(&b, ", -%s that rewritten branches no longer reach", render.Count(s.Commits.Removed))
	}
	fmt.Fprintf(&b, "; %s in %s", count(s.Requests, "request", "requests"), took(s.Duration))
	if s.Waited >= 1 {
		fmt.Fprintf(&b, ", %s of it waiting", took(s.Waited))
	}
	b.WriteString("\n")
	if p := s.Plan; p != nil && p.Repositories == 0 {
		fmt.Fprintf(&b, "%s: a sync would find nothing new\n", s.Workspace)
	} else if p != nil {
		fmt.Fprintf(&b, "%s: a sync would walk %s (%d for the first time) with at least %s",
			s.Workspace, count(p.Repositories, "repository", "repositories"), p.First, count(p.Requests, "request", "requests"))
		fmt.Fprintf(&b, ", %.1f hours at the known limit\n", p.Hours)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return render.Count(n) + " " + many
}

// took is how long something took: 3.4 s, 12m05s, 1h12m.
func took(seconds float64) string {
	if seconds < 60 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return clockWords(time.Duration(seconds * float64(time.Second)))
}
