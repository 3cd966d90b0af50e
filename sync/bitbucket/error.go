package bitbucket

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// An Error is a request that brought nothing: Bitbucket refused it (StatusCode is set), sent
// something else than was asked for (StatusCode is 200), or could not be reached (StatusCode is
// 0 and Err says why). Its texts are cleaned of control characters and secrets, and cut.
type Error struct {
	Method     string
	Path       string // below the base URL and without the query; the page, where not the first
	StatusCode int
	Message    string
	Detail     string

	Reason        string   // why, of a 403 that another token would get too: the network, the account, the plan
	MissingScopes []string // scopes that were required and not granted
	Shas          []string // hashes or names that Bitbucket did not find (error.data.shas); see Names

	RetryAfter   time.Duration // what Bitbucket asked to wait, 0 where it did not
	NotJSON      bool          // the body was not JSON
	NotBitbucket bool          // it was a proxy, a sign-on page or another server that answered
	Attempts     int           // how often it was tried
	Err          error         // the cause, where there is one; never a *url.Error

	temporary  bool // another attempt may succeed
	redirected bool // the next attempt goes where the redirect leads
	nextLink   bool // the link to the next page cannot be followed
	branch     bool // the branch was not found, in a repository that was
}

// Error reads like "GET /repositories/acme/x/commits: 404 Not Found: Commit not found".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Method, e.Path)
	if e.StatusCode != 0 && e.StatusCode != http.StatusOK {
		b.WriteString(": " + strings.TrimSpace(
			fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))))
	}
	for _, s := range []string{e.Message, e.Detail} {
		if s != "" {
			b.WriteString(": " + s)
		}
	}
	if len(e.MissingScopes) > 0 {
		fmt.Fprintf(&b, " (missing scope: %s)", strings.Join(e.MissingScopes, ", "))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts)", e.Attempts)
	}
	return b.String()
}

// Unwrap returns the cause of a request without an answer, say a *net.OpError.
func (e *Error) Unwrap() error { return e.Err }

// Names reports whether h is among the hashes that Bitbucket did not find. Bitbucket repeats what
// it was asked for, so a hash may be shortened or have a slash behind it; fewer than the
// seven digits of Bitbucket's pattern name nothing: an empty name would be a prefix of every hash.
func (e *Error) Names(h Hash) bool {
	return slices.ContainsFunc(e.Shas, func(sha string) bool {
		sha = strings.ToLower(strings.TrimRight(sha, "/"))
		return len(sha) >= 7 && strings.HasPrefix(h.String(), sha)
	})
}

// IsUnauthorized reports Bitbucket's 401: the credential is not, or no longer, valid.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden reports Bitbucket's 403: the credential is valid and may not do this. Error.Reason
// says where the cause is not the credential.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsNotFound reports Bitbucket's 404: there is no such workspace or repository, or the credential
// may not see it.
func IsNotFound(err error) bool {
	return hasStatus(err, http.StatusNotFound) && !IsCommitNotFound(err) && !IsBranchNotFound(err)
}

// IsBranchNotFound reports that Head found the repository and not the branch.
func IsBranchNotFound(err error) bool { return is(err, func(e *Error) bool { return e.branch }) }

// IsCommitNotFound reports that a repository does not know some of the commits that it was asked for;
// Error.Names tells which were noticed.
func IsCommitNotFound(err error) bool {
	return hasStatus(err, http.StatusNotFound) && is(err, func(e *Error) bool {
		return len(e.Shas) > 0 || strings.EqualFold(e.Message, "Commit not found")
	})
}

// IsGone reports Bitbucket's 410: a resource that was removed from the API, or a closed workspace.
func IsGone(err error) bool { return hasStatus(err, http.StatusGone) }

// IsPageLength reports that Bitbucket refused the length of a page (Range.PageLen).
func IsPageLength(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && is(err, func(e *Error) bool {
		return strings.Contains(strings.ToLower(e.Message), "invalid pagelen")
	})
}

// IsNextLink reports that a page after the first cannot be had: its link leads elsewhere, back, or
// nowhere, or Bitbucket no longer knows it. The pages before it are good, and the rest can be
// asked for anew. It may be an IsNotFound as well.
func IsNextLink(err error) bool { return is(err, func(e *Error) bool { return e.nextLink }) }

// IsNotBitbucket reports that what answered was not Bitbucket Cloud's API: an HTML page, a
// redirect to sign on, the JSON of another server, Bitbucket Data Center.
func IsNotBitbucket(err error) bool { return is(err, func(e *Error) bool { return e.NotBitbucket }) }

// IsServerError reports a 5xx that did not go away with the attempts.
func IsServerError(err error) bool {
	return is(err, func(e *Error) bool { return e.StatusCode >= 500 && !e.NotBitbucket })
}

// IsNetwork reports that no usable answer came: no connection, a broken one, or none of
// Bitbucket's making (a captive portal). The end of a context is none of these.
func IsNetwork(err error) bool {
	return is(err, func(e *Error) bool { return e.Err != nil || e.StatusCode == http.StatusOK && e.NotJSON })
}

// IsTemporary reports trouble that may pass: the client tries such a request again, a few times.
func IsTemporary(err error) bool { return is(err, func(e *Error) bool { return e.temporary }) }

// is reports whether err is, or wraps, an Error of a kind.
func is(err error, kind func(*Error) bool) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && kind(e)
}

// hasStatus reports an answer of Bitbucket itself with that status. A 403 may be a rate limit, which
// says nothing about the credential.
func hasStatus(err error, code int) bool {
	return is(err, func(e *Error) bool { return e.StatusCode == code && !e.limited() && !e.NotBitbucket })
}

// limited reports a 429, or a 403 that speaks of the rate limit. The client waits these out, so a
// caller meets one only in the Trace.
func (e *Error) limited() bool {
	switch e.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return strings.Contains(strings.ToLower(e.Message+" "+e.Detail), "rate limit")
	}
	return false
}
