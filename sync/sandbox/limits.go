package sandbox

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// A Throttle is a form of 429.
type Throttle int

// The forms of 429.
const (
	PlainThrottle   Throttle = iota // Bitbucket's usual one: 46 bytes of text, no header that says how long
	RetrySeconds                    // Retry-After: seconds
	RetryDate                       // Retry-After: a date
	ResetSeconds                    // X-RateLimit-Reset: the seconds that are left
	ResetEpoch                      // X-RateLimit-Reset: seconds since 1970
	ResetISO                        // X-RateLimit-Reset: an ISO 8601 time
	JSONThrottle                    // the text in Bitbucket's envelope
	AbsurdThrottle                  // Retry-After: thirty years
	GarbageThrottle                 // Retry-After: no number and no date
)

// limits counts the requests of the last hour, by account.
type limits struct {
	perHour int // 0: no limit
	form    Throttle
	wait    time.Duration
	spent   map[string][]time.Time
}

// Limit grants each account so many requests an hour, counted over the last sixty minutes by the
// server's clock. The API tokens of a user share one account, an access token has its own, and so have
// all requests without a credential together. 0 is no limit.
func (s *Server) Limit(requests int) { s.change(func() { s.limits.perHour = requests }) }

// Throttle sets the form of 429, and how long to wait where it says so (0: until there is room).
func (s *Server) Throttle(form Throttle, wait time.Duration) {
	s.change(func() { s.limits.form, s.limits.wait = form, wait })
}

// account names whose allowance a request is taken from.
func (c *Credential) account() string {
	if c == nil {
		return ""
	}
	return cmp.Or(c.email, c.token)
}

// spend takes a request from the credential's allowance, and returns how many are left. The refusal is the
// answer if there was none.
func (l *limits) spend(c *Credential, now time.Time) (left int, refusal *answer) {
	if l.perHour == 0 {
		return 0, nil
	}
	list := l.spent[c.account()]
	for len(list) > 0 && now.Sub(list[0]) >= time.Hour {
		list = list[1:]
	}
	if len(list) >= l.perHour {
		return 0, l.refuse(l.perHour, list[0].Add(time.Hour).Sub(now), now)
	}
	l.spent[c.account()] = append(list, now)
	return l.perHour - len(list) - 1, nil
}

// refuse writes a 429 in the form that is set.
func (l *limits) refuse(limit int, wait time.Duration, now time.Time) *answer {
	const message = "Rate limit for this resource has been exceeded"
	if l.wait > 0 {
		wait = l.wait
	}
	seconds := (wait + time.Second - 1) / time.Second
	until := now.Add(wait + time.Second - 1).UTC()
	h := http.Header{"Content-Type": {"text/plain"}}
	switch l.form {
	case RetrySeconds:
		h.Set("Retry-After", strconv.Itoa(int(seconds)))
	case RetryDate:
		h.Set("Retry-After", until.Format(http.TimeFormat))
	case ResetSeconds:
		setReset(h, limit, strconv.Itoa(int(seconds)))
	case ResetEpoch:
		setReset(h, limit, strconv.FormatInt(until.Unix(), 10))
	case ResetISO:
		setReset(h, limit, until.Format(time.RFC3339))
	case JSONThrottle:
		return errorAnswer(http.StatusTooManyRequests, message)
	case AbsurdThrottle:
		h.Set("Retry-After", "946080000")
	case GarbageThrottle:
		h.Set("Retry-After", "soon")
	}
	return &answer{http.StatusTooManyRequests, h, []byte(message)}
}

// setReset sets the headers of the gateway, whose limit is a list.
func setReset(h http.Header, limit int, reset string) {
	n := strconv.Itoa(limit)
	h.Set("X-RateLimit-Limit", n+", "+n+";w=3600")
	h.Set("X-RateLimit-Remaining", "0")
	h.Set("X-RateLimit-Reset", reset)
}

// tell sets the headers about the allowance, which only access tokens get.
func (l *limits) tell(h http.Header, c *Credential, left int) {
	if l.perHour == 0 || c == nil || c.email != "" {
		return
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.perHour))
	h.Set("X-RateLimit-Resource", "api")
	h.Set("X-RateLimit-NearLimit", strconv.FormatBool(left*5 < l.perHour))
}
