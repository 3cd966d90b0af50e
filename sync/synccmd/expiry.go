package synccmd

import (
	"time"

	"trunkstat/report"
	"trunkstat/store/command"
)

// expiryWarning is how long before a token expires warnings begin: time enough to ask an administrator for a
// new one.
const expiryWarning = 14 * 24 * time.Hour

// parseExpiry reads a date, through the end of which in UTC the token is valid. The user copies it from the
// page on which the token was made: Bitbucket's API does not tell it.
func parseExpiry(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, command.Misuse("invalid date %q for --expires; use 2026-03-31", command.Shorten(s))
	}
	expires := day.Add(24*time.Hour - time.Second) // a day's last second, which reads as that day in UTC
	if !expires.After(now) {
		return time.Time{}, command.Misuse("--expires %s is in the past", s)
	}
	return expires, nil
}

// expiryWords says when a token expires, "" if that is not soon or not known. Days are cut, not rounded: "in
// 1 day" promises a whole day.
func expiryWords(expires, now time.Time) string {
	left := expires.Sub(now)
	day := expires.UTC().Format(time.DateOnly)
	switch {
	case expires.IsZero() || left > expiryWarning:
		return ""
	case left <= 0:
		return "expired on " + day
	case left < 24*time.Hour:
		return "expires on " + day + ", within a day"
	}
	return "expires on " + day + ", in " + report.NumberOf(int(left/(24*time.Hour)), "day", "days")
}

// warnExpiry prints a warning if the token expires soon. It does so even with --quiet: a sync that a timer runs
// mostly has that flag, and the warning is found in the timer's mail or log.
func warnExpiry(c call, workspace string, expires time.Time) {
	if words := expiryWords(expires, c.now()); words != "" {
		command.Notice(c.flags, "warning: the token of %s %s; replace it with %s",
			workspace, words, loginHint(workspace))
	}
}
