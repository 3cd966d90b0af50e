package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// clocked serves with a clock that the test moves.
func clocked(t *testing.T) (s *Server, forward func(time.Duration)) {
	t.Helper()
	var now atomic.Int64
	now.Store(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	s, w := start(t)
	s.SetClock(func() time.Time { return time.Unix(0, now.Load()) })
	w.NewRepository("website")
	return s, func(d time.Duration) { now.Add(int64(d)) }
}

// A rolling hour, for each account its own.
func TestRollingHour(t *testing.T) {
	s, forward := clocked(t)
	s.AddAPIToken("ann@example.com", "1")
	s.AddAPIToken("ann@example.com", "2")
	s.Limit(3)
	check := func(authorization string, want int) {
		t.Helper()
		if got := ask(s, list, authorization).status; got != want {
			t.Errorf("status %d, want %d", got, want)
		}
	}
	first, second := basic("ann@example.com", "1"), basic("ann@example.com", "2")
	check(first, 200)
	forward(20 * time.Minute)
	check(second, 200)
	check(first, 200)
	check(second, 429) // the tokens of a user share it
	check(bearer, 200)
	check("", 200)
	forward(39*time.Minute + 59*time.Second)
	check(first, 429)
	forward(time.Second)
	check(first, 200) // the first request is an hour old, the others are not
	check(first, 429)
	s.Limit(0)
	check(first, 200)
}

// A 429 is a text without a header that tells how long to wait, until a test adds one.
func TestThrottle(t *testing.T) {
	s, forward := clocked(t)
	s.Limit(1)
	ask(s, list, bearer)
	forward(10 * time.Minute)
	const plain = "Rate limit for this resource has been exceeded"
	got := ask(s, list, bearer)
	if got.status != 429 || got.body != plain || len(plain) != 46 || got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("%d %q, %v", got.status, got.body, got.header)
	}
	for _, name := range []string{"Retry-After", "X-RateLimit-Reset", "X-RateLimit-Limit"} {
		if value := got.header.Get(name); value != "" {
			t.Errorf("%s: %s", name, value)
		}
	}
	s.Throttle(func(until time.Time) http.Header {
		return http.Header{"Retry-After": {until.UTC().Format(http.TimeFormat)}}
	})
	if got := ask(s, list, bearer).header.Get("Retry-After"); got != "Fri, 01 May 2026 13:00:00 GMT" {
		t.Errorf("Retry-After %s", got)
	}
}

func TestLimitHeaders(t *testing.T) {
	s, _ := clocked(t)
	s.AddAPIToken("ann@example.com", "1")
	if h := ask(s, list, bearer).header; h.Get("X-RateLimit-Limit") != "" {
		t.Errorf("no limit, but %v", h)
	}
	s.Limit(10)
	for n := range 10 {
		h := ask(s, list, bearer).header
		near := strconv.FormatBool(n > 7) // less than a fifth is left
		if h.Get("X-RateLimit-Limit") != "10" || h.Get("X-RateLimit-Resource") != "api" ||
			h.Get("X-RateLimit-NearLimit") != near {
			t.Errorf("request %d: %v", n+1, h)
		}
	}
	for _, authorization := range []string{"", basic("ann@example.com", "1")} {
		for name := range ask(s, list, authorization).header {
			if strings.HasPrefix(name, "X-Ratelimit") {
				t.Errorf("not an access token, but the header %s", name)
			}
		}
	}
}
