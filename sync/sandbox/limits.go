package sandbox

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Throttle is a way to say 429.
type Throttle int

// The ways to say 429. PlainThrottle is what Bitbucket does to most: 46 bytes of text, and no
// header that says how long to wait.
const (
	PlainThrottle   Throttle = iota
	RetrySeconds             // Retry-After: seconds
	RetryDate                // Retry-After: a date
	ResetHeader              // X-RateLimit-Reset: seconds, as the gateway does to the anonymous
	JSONThrottle             // the message in Bitbucket's envelope
	AbsurdThrottle           // Retry-After: thirty years
	GarbageThrottle          // Retry-After: no number and no date
)

// limits counts the requests of the last hour, by who made them.
type limits struct {
	mu      sync.Mutex
	perHour int
	mode    Throttle
	wait    time.Duration
	spent   map[string][]time.Time
}

// Limit grants everybody requests an hour, counted over the last sixty minutes by the server's
// clock: the API tokens of a user share it, an access token has its own, so has the anonymous
// crowd. 0 is no limit.
func (s *Server) Limit(requests int) {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	s.limits.perHour = requests
}

// Throttle sets how 429 is said, and how long to wait where it says so (0: until there is room).
func (s *Server) Throttle(mode Throttle, wait time.Duration) {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	s.limits.mode, s.limits.wait = mode, wait
}

// Spent returns how many requests of the last hour count against the credential, nil for none.
func (s *Server) Spent(c *Credential) int {
	now := s.now()
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	return len(s.limits.hour(c.payer(), now))
}

// payer is whose allowance a request is taken from.
func (c *Credential) payer() string {
	switch {
	case c == nil:
		return ""
	case c.kind == APIToken:
		return "user " + c.email
	}
	return "token " + c.token
}

func (l *limits) hour(payer string, now time.Time) []time.Time {
	list := l.spent[payer]
	for len(list) > 0 && now.Sub(list[0]) >= time.Hour {
		list = list[1:]
	}
	if l.spent == nil {
		l.spent = map[string][]time.Time{}
	}
	l.spent[payer] = list
	return list
}

// grant is what of an allowance the answer tells.
type grant struct{ limit, left int }

// spend takes a request from the allowance; ok is false where there is none left.
func (l *limits) spend(c *Credential, now time.Time) (g grant, refusal answer, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g.limit = l.perHour
	if c != nil && c.limit > 0 {
		g.limit = c.limit
	}
	if g.limit == 0 {
		return g, answer{}, true
	}
	list := l.hour(c.payer(), now)
	if len(list) >= g.limit {
		return g, l.refuse(g.limit, list[0].Add(time.Hour).Sub(now), now), false
	}
	l.spent[c.payer()] = append(list, now)
	g.left = g.limit - len(list) - 1
	return g, answer{}, true
}

// tooMany refuses a request as if the allowance were spent.
func (l *limits) tooMany(now time.Time) answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refuse(1000, time.Second, now)
}

func (l *limits) refuse(limit int, wait time.Duration, now time.Time) answer {
	const message = "Rate limit for this resource has been exceeded"
	if l.wait > 0 {
		wait = l.wait
	}
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	header := http.Header{"Content-Type": {"text/plain"}}
	a := answer{http.StatusTooManyRequests, header, []byte(message)}
	switch l.mode {
	case RetrySeconds:
		a.header.Set("Retry-After", seconds)
	case RetryDate:
		a.header.Set("Retry-After", now.Add(wait+time.Second-1).UTC().Format(http.TimeFormat))
	case ResetHeader:
		n := strconv.Itoa(limit)
		a.header.Set("X-RateLimit-Limit", n+", "+n+";w=3600")
		a.header.Set("X-RateLimit-Remaining", "0")
		a.header.Set("X-RateLimit-Reset", seconds)
	case JSONThrottle:
		return errorAnswer(http.StatusTooManyRequests, message, "")
	case AbsurdThrottle:
		a.header.Set("Retry-After", "946080000")
	case GarbageThrottle:
		a.header.Set("Retry-After", "soon")
	}
	return a
}

// tell sets the headers about the allowance, which only access tokens get.
func (g grant) tell(h http.Header, c *Credential) {
	if g.limit == 0 || c == nil || c.kind != AccessToken {
		return
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(g.limit))
	h.Set("X-RateLimit-Resource", "api")
	h.Set("X-RateLimit-NearLimit", trueOrFalse(g.left*5 < g.limit))
}
