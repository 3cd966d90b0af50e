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

// grant hands what an access token is granted an hour to the budget. Other credentials do not
// get the header from Bitbucket; a gateway's, about something else, must not count for them.
func (c *Client) grant(h http.Header) {
	if c.conf.Credential.Kind == AccessToken {
		c.conf.Budget.grant(hourlyLimit(h.Get("X-RateLimit-Limit")))
	}
}

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
		case window != "":
			plain = -1
		case plain == 0:
			plain = n
		}
	}
	return max(plain, 0)
}

// retryAfter returns how long an answer asks to wait, 0 if it does not say or makes no sense.
// Retry-After is seconds or a date. X-RateLimit-Reset, which is about the rate limit alone, is the
// seconds left; other gateways send the seconds since 1970 or a date in ISO 8601.
func retryAfter(h http.Header, now time.Time, limited bool) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date // both by the server's clock
	}
	value := strings.TrimSpace(h.Get("Retry-After"))
	if date, err := http.ParseTime(value); err == nil {
		return clamp(date.Sub(now).Seconds())
	}
	if d := clamp(number(value)); d > 0 || !limited {
		return d
	}
	value = strings.TrimSpace(h.Get("X-RateLimit-Reset"))
	if date, ok := parseDate(value); ok {
		return clamp(date.Sub(now).Seconds())
	}
	reset := number(value)
	if reset > 1e9 {
		reset -= float64(now.Unix())
	}
	return clamp(reset)
}

// number reads seconds, with a fraction or without; 0 stands for what is no number.
func number(s string) float64 {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return 0
	}
	return f
}

// clamp makes a duration of seconds, between nothing and the longest wait there can be.
func clamp(seconds float64) time.Duration {
	if !(seconds > 0) { // NaN too
		return 0
	}
	return time.Duration(math.Ceil(min(seconds, maxPause.Seconds()))) * time.Second
}
