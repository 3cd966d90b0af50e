package bitbucket

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// grant hands what an access token is granted an hour to the budget. Other credentials do not
// get the header from Bitbucket; a gateway's, about something else, must not count for them.
func (c *Client) grant(h http.Header) {
	if c.cred.Kind == AccessToken {
		c.budget.grant(hourlyLimit(h.Get("X-RateLimit-Limit")))
	}
}

// hourlyLimit reads "1000", and "1000, 1000;w=3600" of the IETF's draft, where w is the window in
// seconds. It returns 0 for what is no allowance of an hour.
func hourlyLimit(value string) int {
	first, policies, _ := strings.Cut(value, ",")
	first, params, _ := strings.Cut(first, ";")
	n, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || n <= 0 || n > 1_000_000 {
		return 0
	}
	for policy := range strings.SplitSeq(policies+";"+params, ";") {
		policy, _, _ = strings.Cut(policy, ",")
		if w, ok := strings.CutPrefix(strings.TrimSpace(policy), "w="); ok && w != "3600" {
			return 0
		}
	}
	return n
}

// retryAfter returns how long an answer asks to wait, 0 if it does not say or makes no sense.
// Retry-After is seconds or a date; X-RateLimit-Reset, which is about the rate limit alone, is the
// seconds left, by some accounts of other gateways the time since 1970.
func retryAfter(h http.Header, now time.Time, limited bool) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date // both by the server's clock
	}
	value := strings.TrimSpace(h.Get("Retry-After"))
	if date, err := http.ParseTime(value); err == nil {
		return clamp(date.Sub(now).Seconds())
	}
	if d := clamp(number(value)); d > 0 {
		return d
	}
	if !limited {
		return 0
	}
	reset := number(h.Get("X-RateLimit-Reset"))
	if reset > 1e9 {
		reset -= float64(now.Unix())
	}
	return clamp(reset)
}

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
