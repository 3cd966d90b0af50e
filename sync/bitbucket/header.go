package bitbucket

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// limitHeaders returns the headers that tell of the rate limit, for people to read.
func (c *Client) limitHeaders(h http.Header) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if lower := strings.ToLower(name); strings.Contains(lower, "ratelimit") || lower == "retry-after" {
			lines = append(lines, c.scrub.clean(name+": "+strings.Join(h[name], ", ")))
		}
	}
	return lines
}

// hourlyLimit reads "1000", and the IETF's draft, "1000, 1000;w=3600", where w is a policy's window
// in seconds. It returns 0 for what names no allowance of an hour.
func hourlyLimit(value string) int {
	plain := 0
	for item := range strings.SplitSeq(value, ",") {
		number, params, _ := strings.Cut(item, ";")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 0 || n > 1_000_000 {
			return 0
		}
		_, window, _ := strings.Cut(params, "w=")
		switch window, _, _ = strings.Cut(window, ";"); {
		case window == "3600":
			return n
		case window != "": // the plain number before it is most likely of the same policy
			plain = -1
		case plain == 0:
			plain = n
		}
	}
	return max(plain, 0)
}

// retryAfter returns how long an answer asks to wait, 0 if it does not say or makes no sense.
// X-RateLimit-Reset is about the rate limit alone: other answers may have it too, and need no such wait.
func retryAfter(h http.Header, now time.Time, limited bool) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date // both by the server's clock
	}
	wait := waitUntil(h.Get("Retry-After"), now)
	if wait == 0 && limited {
		wait = waitUntil(h.Get("X-RateLimit-Reset"), now)
	}
	return wait
}

// waitUntil reads the seconds that are left, with a fraction or without, which Bitbucket sends, and what
// gateways do: a date of HTTP or of ISO 8601, or the seconds since 1970. The wait is rounded up to seconds.
func waitUntil(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil {
		seconds = 0
	}
	if seconds > 1e9 {
		seconds -= float64(now.Unix())
	}
	if date, ok := parseDate(text); ok {
		seconds = date.Sub(now).Seconds()
	} else if date, err := http.ParseTime(text); err == nil {
		seconds = date.Sub(now).Seconds()
	}
	if !(seconds > 0) { // NaN too
		return 0
	}
	return time.Duration(math.Ceil(min(seconds, maxPause.Seconds()))) * time.Second
}
