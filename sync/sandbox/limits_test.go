package sandbox

import (
	"io"
	"net/http"
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
	s, err := New(Options{Now: func() time.Time { return time.Unix(0, now.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.Workspace("acme").NewRepository("website")
	s.AddAccessToken(token)
	return s, func(d time.Duration) { now.Add(int64(d)) }
}

// Point 13: a rolling hour, for everybody his own.
func TestRollingHour(t *testing.T) {
	s, forward := clocked(t)
	ann := s.AddAPIToken("ann@example.com", "1")
	s.AddAPIToken("ann@example.com", "2")
	s.AddAccessToken("big").Limit(5)
	s.Limit(3)
	ask := func(authorization string, want int) {
		t.Helper()
		if got := response(t, s, "/repositories/acme", authorization).StatusCode; got != want {
			t.Errorf("status %d, want %d", got, want)
		}
	}
	first, second, bearer := basic("ann@example.com", "1"), basic("ann@example.com", "2"), "Bearer "+token
	ask(first, 200)
	forward(20 * time.Minute)
	ask(second, 200)
	ask(first, 200)
	ask(second, 429) // the tokens of a user share it
	ask(bearer, 200)
	ask("", 200)
	if n := s.Spent(ann); n != 3 {
		t.Errorf("spent %d", n)
	}
	forward(39*time.Minute + 59*time.Second)
	ask(first, 429)
	forward(time.Second)
	ask(first, 200) // the first request is an hour old, the others are not
	ask(first, 429)
	for range 5 {
		ask("Bearer big", 200)
	}
	ask("Bearer big", 429)
	s.Limit(0)
	ask(first, 200)
}

func TestThrottles(t *testing.T) {
	s, forward := clocked(t)
	s.Limit(1)
	response(t, s, "/repositories/acme", "Bearer "+token)
	forward(10 * time.Minute)
	const plain = "Rate limit for this resource has been exceeded"
	for _, test := range []struct {
		mode         Throttle
		header, want string
		body         string
	}{
		{PlainThrottle, "Retry-After", "", plain},
		{RetrySeconds, "Retry-After", "3000", plain},
		{RetryDate, "Retry-After", "Fri, 01 May 2026 13:00:00 GMT", plain},
		{ResetHeader, "X-RateLimit-Reset", "3000", plain},
		{ResetHeader, "X-RateLimit-Limit", "1, 1;w=3600", plain},
		{JSONThrottle, "Content-Type", jsonType, `{"type":"error","error":{"message":"` + plain + `"}}`},
		{AbsurdThrottle, "Retry-After", "946080000", plain},
		{GarbageThrottle, "Retry-After", "soon", plain},
	} {
		s.Throttle(test.mode, 0)
		r, _ := http.NewRequest("GET", s.URL()+"/repositories/acme", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 429 || string(raw) != test.body || resp.Header.Get(test.header) != test.want {
			t.Errorf("%d: %d %q, %s: %q", test.mode, resp.StatusCode, raw, test.header, resp.Header.Get(test.header))
		}
		if test.mode == PlainThrottle {
			if len(raw) != 46 || resp.Header.Get("Content-Type") != "text/plain" {
				t.Errorf("the plain answer has %d bytes of %s", len(raw), resp.Header.Get("Content-Type"))
			}
			for name := range resp.Header {
				if strings.HasPrefix(name, "X-Ratelimit") {
					t.Errorf("the plain answer has the header %s", name)
				}
			}
		}
	}
	s.Throttle(RetrySeconds, 7*time.Second)
	if got := response(t, s, "/repositories/acme", "Bearer "+token).Header.Get("Retry-After"); got != "7" {
		t.Errorf("Retry-After %s, want 7", got)
	}
}

func TestLimitHeaders(t *testing.T) {
	s, _ := clocked(t)
	s.AddAPIToken("ann@example.com", "1")
	if h := response(t, s, "/repositories/acme", "Bearer "+token).Header; h.Get("X-RateLimit-Limit") != "" {
		t.Errorf("no limit, but %v", h)
	}
	s.Limit(10)
	for n := range 10 {
		h := response(t, s, "/repositories/acme", "Bearer "+token).Header
		near := trueOrFalse(n > 7) // less than a fifth is left
		if h.Get("X-RateLimit-Limit") != "10" || h.Get("X-RateLimit-Resource") != "api" ||
			h.Get("X-RateLimit-NearLimit") != near {
			t.Errorf("request %d: %v", n+1, h)
		}
	}
	for _, authorization := range []string{"", basic("ann@example.com", "1")} {
		if h := response(t, s, "/repositories/acme", authorization).Header; h.Get("X-RateLimit-Limit") != "" {
			t.Errorf("not an access token: %v", h)
		}
	}
}
