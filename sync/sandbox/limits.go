package sandbox

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// limits counts the requests of the last hour, by account.
type limits struct {
	perHour int // 0: no limit
	spent   map[string][]time.Time
	headers func(until time.Time) http.Header // see Throttle; nil: none
}

// Limit grants each account so many requests an hour, counted over the last sixty minutes by the
// server's clock. The API tokens of a user share one account, an access token has its own, and so have
// all requests without a credential together. 0 is no limit.
func (s *Server) Limit(requests int) { s.change(func() { s.limits.perHour = requests }) }

// Throttle adds headers to each 429, which may say until when to wait: then there is room again.
// Bitbucket's usual 429 has none that tells.
func (s *Server) Throttle(headers func(until time.Time) http.Header) {
	s.change(func() { s.limits.headers = headers })
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
		return 0, l.refuse(list[0].Add(time.Hour))
	}
	l.spent[c.account()] = append(list, now)
	return l.perHour - len(list) - 1, nil
}

// refuse writes a 429: 46 bytes of text.
func (l *limits) refuse(until time.Time) *answer {
	header := http.Header{"Content-Type": {"text/plain"}}
	if l.headers != nil {
		maps.Copy(header, l.headers(until))
	}
	return &answer{
		http.StatusTooManyRequests, header, []byte("Rate limit for this resource has been exceeded"),
	}
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
