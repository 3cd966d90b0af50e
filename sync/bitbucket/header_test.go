package bitbucket

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"
)

// limitBody is the body of a 429, to the byte.
const limitBody = "Rate limit for this resource has been exceeded"

// TestRateLimit is the matrix of what a 429 may look like and how long it is waited for.
func TestRateLimit(t *testing.T) {
	const text = "Content-Type: text/plain"
	start := newClock().now
	date := func(d time.Duration) string { return start.Add(d).UTC().Format(http.TimeFormat) }
	backoff := [2]time.Duration{time.Second, 1500 * time.Millisecond}
	exactly := func(d time.Duration) [2]time.Duration { return [2]time.Duration{d, d} }
	tests := []struct {
		name    string
		status  int
		body    string
		headers []string
		want    [2]time.Duration
	}{
		{"bare text", 429, limitBody, []string{text}, backoff},
		{"bare", 429, "", nil, backoff},
		{"envelope", 429, `{"type":"error","error":{"message":"` + limitBody + `"}}`, nil, backoff},
		{"403 text", 403, limitBody, []string{text}, backoff},
		{"403 envelope", 403, `{"type":"error","error":{"message":"API rate limit exceeded"}}`, []string{"Retry-After: 9"}, exactly(9 * time.Second)},
		{"seconds", 429, limitBody, []string{"Retry-After: 30"}, exactly(30 * time.Second)},
		{"blanks", 429, limitBody, []string{"Retry-After:  30 "}, exactly(30 * time.Second)},
		{"part of a second", 429, limitBody, []string{"Retry-After: 2.5"}, exactly(3 * time.Second)},
		{"an hour", 429, limitBody, []string{"Retry-After: 3600"}, exactly(time.Hour)},
		{"a date", 429, limitBody, []string{"Retry-After: " + date(90*time.Second), "Date: "}, exactly(90 * time.Second)},
		{"a date by a clock that is an hour ahead", 429, limitBody, []string{"Retry-After: " + date(time.Hour+90*time.Second), "Date: " + date(time.Hour)}, exactly(90 * time.Second)},
		{"a date that is over", 429, limitBody, []string{"Retry-After: " + date(-time.Hour), "Date: "}, backoff},
		{"a date in some years", 429, limitBody, []string{"Retry-After: " + date(3*365*24*time.Hour), "Date: "}, exactly(maxPause)},
		{"zero", 429, limitBody, []string{"Retry-After: 0"}, backoff},
		{"negative", 429, limitBody, []string{"Retry-After: -30"}, backoff},
		{"garbage", 429, limitBody, []string{"Retry-After: soon"}, backoff},
		{"NaN", 429, limitBody, []string{"Retry-After: NaN"}, backoff},
		{"infinite", 429, limitBody, []string{"Retry-After: Inf"}, exactly(maxPause)},
		{"absurd", 429, limitBody, []string{"Retry-After: 99999999999999999999"}, exactly(maxPause)},
		{"out of range", 429, limitBody, []string{"Retry-After: 1e999"}, backoff},
		{"reset in seconds", 429, limitBody, []string{"X-Ratelimit-Reset: 745", "X-Ratelimit-Remaining: 0"}, exactly(745 * time.Second)},
		{"reset since 1970", 429, limitBody, []string{"X-Ratelimit-Reset: 1750000120", "Date: "}, exactly(120 * time.Second)},
		{"reset in ISO 8601", 429, limitBody, []string{"X-Ratelimit-Reset: " + start.Add(90*time.Second).UTC().Format(time.RFC3339), "Date: "}, exactly(90 * time.Second)},
		{"reset in ISO 8601 by another clock", 429, limitBody, []string{"X-Ratelimit-Reset: " + start.Add(time.Hour+90*time.Second).UTC().Format(time.RFC3339), "Date: " + date(time.Hour)}, exactly(90 * time.Second)},
		{"reset in ISO 8601 that is over", 429, limitBody, []string{"X-Ratelimit-Reset: 2001-02-03T04:05:06Z"}, backoff},
		{"reset that is over", 429, limitBody, []string{"X-Ratelimit-Reset: 1749999000", "Date: "}, backoff},
		{"reset of zero", 429, limitBody, []string{"X-Ratelimit-Reset: 0"}, backoff},
		{"both", 429, limitBody, []string{"Retry-After: 10", "X-Ratelimit-Reset: 745"}, exactly(10 * time.Second)},
		{"garbage and reset", 429, limitBody, []string{"Retry-After: soon", "X-Ratelimit-Reset: 745"}, exactly(745 * time.Second)},
		{"zero and reset", 429, limitBody, []string{"Retry-After: 0", "X-Ratelimit-Reset: 745"}, exactly(745 * time.Second)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, turn{"", answer(tt.status, tt.body, tt.headers...)}, turn{"", ok(commitPage("", hashA))})
			clk := newClock()
			var waits []Wait
			b := clk.budget(BudgetConfig{OnWait: func(w Wait) { waits = append(waits, w) }})
			var traced error
			c := s.client(Config{Budget: b, Trace: func(e Exchange) {
				if e.Status != 200 {
					traced = e.Err
				}
			}})
			got, err := walk(t.Context(), c)
			if err != nil || len(got) != 1 {
				t.Fatalf("got %v, %v", got, err)
			}
			if d := clk.total(); d < tt.want[0] || d > tt.want[1] {
				t.Errorf("waited %v, want %v", d, tt.want)
			}
			if len(waits) != 2 || waits[0].Until.Before(start.Add(tt.want[0])) || waits[0].Reason == "" || !waits[1].Until.IsZero() {
				t.Errorf("said %v", waits)
			}
			if !is(traced, (*Error).limited) || IsForbidden(traced) {
				t.Errorf("traced %v", traced)
			}
		})
	}
}

// TestRateLimitDoesNotCountAsFault: there are more 429s than attempts, and faults between them.
func TestRateLimitDoesNotCountAsFault(t *testing.T) {
	limited := turn{"", answer(429, limitBody, "Content-Type: text/plain")}
	turns := slices.Repeat([]turn{limited}, 3*maxAttempts)
	for range maxAttempts - 1 {
		turns = append(turns, turn{"", answer(502, "")}, limited)
	}
	s := newStub(t, append(turns, turn{"", ok(commitPage("", hashA))})...)
	if got, err := walk(t.Context(), s.client(Config{})); err != nil || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestNoWaitStopsAt429(t *testing.T) {
	s := newStub(t, turn{"", answer(503, "")}, turn{"", answer(429, limitBody)})
	b := newClock().budget(BudgetConfig{NoWait: true})
	_, err := walk(t.Context(), s.client(Config{Budget: b}))
	if !errors.Is(err, ErrBudgetSpent) || err.Error() != "GET /repositories/acme/x/commits: the request budget is spent: Bitbucket's rate limit is reached" {
		t.Errorf("got %v", err)
	}
}

// TestMaxCountsAttempts: nothing is sent beyond Max, whatever it would be sent for.
func TestMaxCountsAttempts(t *testing.T) {
	s := newStub(t, turn{"", answer(503, "")}, turn{"", answer(503, "")})
	b := newClock().budget(BudgetConfig{Max: 2})
	_, err := walk(t.Context(), s.client(Config{Budget: b}))
	if !errors.Is(err, ErrBudgetSpent) || b.Requests() != 2 {
		t.Errorf("got %v after %d requests", err, b.Requests())
	}
}

func TestGrantedLimit(t *testing.T) {
	tests := []struct {
		name, header string
		granted      bool
		want         int
	}{
		{"plain", "5000", true, 5000},
		{"with its policy", "1500, 1500;w=3600", true, 1500},
		{"several policies", `10, 10;w=1, 1500;comment="x";w=3600`, true, 1500},
		{"of a minute", "60, 60;w=60", true, 1000},
		{"parameter at once", "60;w=3600", true, 60},
		{"none", "", true, 1000},
		{"garbage", "many", true, 1000},
		{"zero", "0", true, 1000},
		{"negative", "-5", true, 1000},
		{"absurd", "99999999999999999999", true, 1000},
		{"the user's own", "5000", false, 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, turn{"", answer(200, commitPage("", hashA), "X-Ratelimit-Limit: "+tt.header)})
			b := newClock().budget(BudgetConfig{Limit: 1000, Granted: tt.granted})
			if _, err := walk(t.Context(), s.client(Config{Budget: b})); err != nil {
				t.Fatal(err)
			}
			if b.Limit() != tt.want {
				t.Errorf("the limit is %d, want %d", b.Limit(), tt.want)
			}
		})
	}
}

func FuzzHeaders(f *testing.F) {
	for _, s := range []string{"", "0", "30", "-1", "1e308", "NaN", "+Inf", "0x1p-2", "Mon, 31 Mar 2025 12:00:00 GMT",
		"1000, 1000;w=3600", "60;w=60", "Monday, 02-Jan-06 15:04:05 MST", "1_000"} {
		f.Add(s, s, s)
	}
	now := time.Unix(1_750_000_000, 0)
	f.Fuzz(func(t *testing.T, retry, reset, date string) {
		h := http.Header{"Retry-After": {retry}, "X-Ratelimit-Reset": {reset}, "Date": {date}}
		for _, limited := range []bool{false, true} {
			if d := retryAfter(h, now, limited); d < 0 || d > maxPause {
				t.Errorf("a wait of %v", d)
			}
		}
		if n := hourlyLimit(retry); n < 0 || n > 1_000_000 {
			t.Errorf("an allowance of %d", n)
		}
	})
}
