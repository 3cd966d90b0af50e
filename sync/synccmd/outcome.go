package synccmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"trunkstat/report/render"
	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// authStatus returns the command that shows whether a credential still works.
func authStatus(workspace string) string { return "trunkstat auth status --workspace " + workspace }

// hintContinue is the hint wherever what is stored is sound and more is to come.
const hintContinue = "run trunkstat sync again to continue"

// outcome turns the end of one workspace's sync into an error with its exit code, nil if all is up to date.
// The order of the cases matters: what ended the run comes before what is wrong with single repositories, and
// those before what is wrong with the listing, because an error has one sentence and one exit code.
func (r *syncRun) outcome(s sync.Summary, err error, cred bitbucket.Credential) error {
	switch {
	case r.Context.Err() != nil: // whatever error came of it: requests that Ctrl-C ended failed
		return context.Canceled
	case errors.Is(err, bitbucket.ErrBudgetSpent):
		return r.stopped(s)
	case errors.Is(err, sync.ErrNothingMatches):
		return &command.Error{Code: command.ExitMisuse, Hint: "trunkstat repos --workspace " + s.Workspace,
			Err: fmt.Errorf("%w %s", err, selection(r.call))}
	case bitbucket.IsServerError(err): // of the listing, or of many repositories in a row
		return &command.Error{Code: command.ExitFailed, Err: err,
			Hint: hintContinue + "\nhttps://bitbucket.status.atlassian.com reports outages"}
	case err != nil:
		return namedError(err, cred, s.Workspace, r.String("api-url"))
	case len(s.Failures) > 0:
		return r.partly(s, cred)
	case s.Complete || s.Plan != nil && !s.AccessLost: // a plan fetches nothing, so it is never complete
		return nil
	case s.AccessLost:
		return &command.Error{Code: command.ExitPartly, Hint: authStatus(s.Workspace),
			Err: fmt.Errorf("access to %s was probably lost: most of its repositories are no longer listed",
				s.Workspace)}
	}
	return &command.Error{Code: command.ExitPartly, Hint: hintContinue,
		Err: fmt.Errorf("the listing of %s was incomplete; what it listed is up to date", s.Workspace)}
}

// stopped returns the error of a run that Bitbucket's rate limit, or --max-requests, stopped. It counts what
// is left, so that a user can tell how many more runs it takes.
func (r *syncRun) stopped(s sync.Summary) error {
	reason := "--max-requests" // the budget does not say which of the two it was
	if limit := r.Int("max-requests"); limit == 0 || r.sent < limit {
		reason = "the rate limit is reached, and --no-wait is given"
	}
	left := "the listing of " + s.Workspace + " is not complete"
	if n := s.Repositories; n.Listed > 0 {
		verb := "are"
		if n.Pending == 1 {
			verb = "is"
		}
		left = fmt.Sprintf("%s of %s %s left", render.Count(n.Pending), repositories(n.Listed), verb)
	}
	return &command.Error{Code: command.ExitWorkLeft, Hint: hintContinue,
		Err: fmt.Errorf("stopped after %s (%s); %s", requests(r.sent), reason, left)}
}

// partly returns the error of a run in which repositories failed. If all of them failed for one reason, that
// reason's exit code is the run's: a token that lost its scope is a matter of credentials. Then nothing of
// the rest is stored, and the hint does not say so.
func (r *syncRun) partly(s sync.Summary, cred bitbucket.Credential) error {
	e := &command.Error{Code: command.ExitPartly,
		Hint: "the rest is stored; trunkstat repos shows the state of each",
		Err: fmt.Errorf("%d of %s could not be synced: %s", len(s.Failures),
			repositories(s.Repositories.Listed), firstFailures(s))}
	apiURL := r.String("api-url")
	exitCode := func(f sync.Failure) int {
		code, _ := command.Exit(namedError(f.Err, cred, s.Workspace, apiURL))
		return code
	}
	first := exitCode(s.Failures[0])
	differs := func(f sync.Failure) bool { return exitCode(f) != first }
	if s.Repositories.Failed == s.Repositories.Listed && !slices.ContainsFunc(s.Failures, differs) {
		e.Code, e.Hint = first, authStatus(s.Workspace)
		if first == command.ExitFailed {
			e.Hint = hintContinue
		}
	}
	forbidden := func(f sync.Failure) bool { return bitbucket.IsForbidden(f.Err) }
	if slices.ContainsFunc(s.Failures, forbidden) { // which can be seen outside of this program as well
		e.Hint += "\n" + curlCommand(cred.Kind, s.Workspace, apiURL)
	}
	return e
}

// firstFailures names the first repositories that failed, with their errors. One error must stay readable
// when hundreds fail; trunkstat repos shows all.
func firstFailures(s sync.Summary) string {
	const most = 3
	var parts []string
	for _, f := range s.Failures[:min(len(s.Failures), most)] {
		parts = append(parts, f.Repository+": "+f.Error)
	}
	if more := len(s.Failures) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// selection returns the flags that selected repositories, "" if there are none.
func selection(c call) string {
	var flags []string
	for _, flag := range selectors {
		if patterns := c.StringSlice(flag); len(patterns) > 0 {
			flags = append(flags, "--"+flag+` "`+strings.Join(patterns, `" or "`)+`"`)
		}
	}
	return strings.Join(flags, " and ")
}

// worst returns the error that decides about the exit code, nil if all are, and prints the others. A wrong
// credential is worse than one that reaches nothing; both are worse than other failures, and these than what
// is partly done: the less the next run can do about it by itself, the worse it is.
func worst(c call, errs []error) error {
	rank := func(err error) int {
		switch code, _ := command.Exit(err); code {
		case command.ExitCredentials:
			return 0
		case command.ExitNoResources:
			return 1
		case command.ExitPartly:
			return 3
		}
		return 2
	}
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	slices.SortStableFunc(errs, func(a, b error) int { return rank(a) - rank(b) })
	if len(errs) == 0 {
		return nil
	}
	for _, err := range errs[1:] {
		command.Notice(c.flags, "%v", err)
	}
	return errs[0]
}
