package bitbucket

import (
	"errors"
	"fmt"
	"net/http"
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

	Granted       []string // scopes of the credential, where Bitbucket named them
	MissingScopes []string // scopes that were required and not granted
	Shas          []string // hashes or names that Bitbucket did not find (error.data.shas)

	RetryAfter time.Duration // what Bitbucket asked to wait, 0 where it did not
	NotJSON    bool          // the body was not JSON: a proxy, a captive portal, another server
	Attempts   int           // how often it was tried
	Err        error         // the cause, where there is one; never a *url.Error

	passing bool // it may pass: worth another attempt
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

// IsUnauthorized reports a 401: the credential is not, or no longer, valid.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden reports a 403: the credential is valid and may not do this.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsNotFound reports a 404: there is no such workspace or repository, or the credential may not see it.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) && !IsCommitNotFound(err) }

// IsCommitNotFound reports that a repository does not know some of the commits that it was asked for;
// Error.Shas names those that were noticed.
func IsCommitNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.StatusCode == http.StatusNotFound &&
		(len(e.Shas) > 0 || strings.EqualFold(e.Message, "Commit not found"))
}

// IsGone reports a 410: a resource that was removed from the API, or a closed workspace.
func IsGone(err error) bool { return hasStatus(err, http.StatusGone) }

// IsRateLimited reports a 429, or a 403 that speaks of the rate limit. The client waits these
// out, so a caller meets one only in the Trace.
func IsRateLimited(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.limited()
}

// IsNetwork reports that no usable answer came: no connection, a broken one, or none of
// Bitbucket's making (a captive portal). The end of a context is none of these.
func IsNetwork(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Err != nil || e.StatusCode == http.StatusOK && e.NotJSON)
}

// IsPassing reports trouble that may pass: the client tries such a request again, a few times.
func IsPassing(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.passing
}

func hasStatus(err error, code int) bool {
	var e *Error
	return errors.As(err, &e) && e.StatusCode == code && !e.limited()
}

func (e *Error) limited() bool {
	switch e.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return strings.Contains(strings.ToLower(e.Message+" "+e.Detail), "rate limit")
	}
	return false
}
