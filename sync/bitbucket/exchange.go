package bitbucket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// maxAttempts is for faults that may pass; a 429 does not count. The pauses between six attempts
	// are 8 s together on average, 16 s at most. After manyFailures failed attempts in a row, over all
	// requests of the client, a request gets fewAttempts.
	maxAttempts  = 6
	manyFailures = 16
	fewAttempts  = 2

	firstBackoff    = 500 * time.Millisecond
	lastBackoff     = 15 * time.Second
	maxRedirects    = 5               // of one page or object; each costs a request
	exchangeTimeout = 5 * time.Minute // of one attempt; a page may be 64 MiB on a slow line
)

// A request is one page or object to be asked for, as often as it takes.
type request struct {
	method string
	url    string
	form   string // the body of a POST
	path   string // below the base URL, unescaped
	page   int    // 1 is the first
	err    error  // why it cannot be sent; do returns it
	decode func(body []byte, h http.Header) error
}

// label is the path for people.
func (r request) label() string {
	if r.page > 1 {
		return fmt.Sprintf("%s (page %d)", r.path, r.page)
	}
	return r.path
}

// fail says in an error which request failed; wrap does so for an error of a context or of the budget.
func (r request) fail(e *Error) *Error {
	e.Method, e.Path = r.method, r.label()
	return e
}

func (r request) wrap(err error) error { return fmt.Errorf("%s %s: %w", r.method, r.label(), err) }

// do sends a request until it is answered, refused, or has failed too often. Every request may
// be sent again: a POST is a GET with a long query.
func (c *Client) do(ctx context.Context, r request) error {
	if r.err != nil {
		return r.err
	}
	redirects := 0
	for attempt := 1; ; {
		err := c.once(ctx, &r, attempt)
		e, ok := errors.AsType[*Error](err)
		switch {
		case !ok: // no error, or that of a context or of the budget
			return err
		case e.limited():
			// The budget makes the next attempt wait.
		case e.redirected && redirects < maxRedirects:
			redirects++
		case !e.temporary || attempt >= c.attemptsNow():
			return e
		default:
			if err := c.conf.Budget.conf.Sleep(ctx, retryPause(attempt, e.RetryAfter)); err != nil {
				return r.wrap(err)
			}
			attempt++
		}
	}
}

// attemptsNow is how often a request may be tried. When everything fails, each of many
// repositories would otherwise cost all its attempts.
func (c *Client) attemptsNow() int {
	if c.failures.Load() >= manyFailures {
		return min(c.conf.Attempts, fewAttempts)
	}
	return c.conf.Attempts
}

// retryPause is full jitter below a bound that doubles, or the time that a server that fails
// asks for, up to a minute.
func retryPause(attempt int, named time.Duration) time.Duration {
	return max(rand.N(doubled(firstBackoff, lastBackoff, attempt)), min(named, time.Minute))
}

// once sends a request once, when the budget allows it. What it returns is nil, an *Error, or the
// error of a context or budget that ended.
func (c *Client) once(ctx context.Context, r *request, attempt int) error {
	permit, err := c.conf.Budget.acquire(ctx)
	if err != nil {
		return r.wrap(err)
	}
	x := Exchange{Method: r.method, Path: r.path, Page: r.page, Attempt: attempt}
	begin := time.Now()
	e := c.exchange(ctx, r, &x)
	x.Duration = time.Since(begin)
	switch {
	case e == nil:
		c.failures.Store(0)
	case ctx.Err() != nil: // the attempt failed because of the caller
		x.Err = r.wrap(ctx.Err())
	default:
		e.Attempts = attempt
		x.Err = r.fail(e)
		if e.temporary {
			c.failures.Add(1)
		} else if !e.limited() { // a refusal is an answer
			c.failures.Store(0)
		}
	}
	// A 5xx may come from a gateway before Bitbucket, so that it does not end a pause after a 429.
	if e != nil && e.limited() {
		c.conf.Budget.limited(permit, e.RetryAfter)
	} else {
		c.conf.Budget.answered(permit, x.Status != 0 && !temporary(x.Status))
	}
	if c.conf.Trace != nil {
		c.conf.Trace(x)
	}
	return x.Err
}

// exchange sends the request and reads the answer, which it notes in x.
func (c *Client) exchange(ctx context.Context, r *request, x *Exchange) *Error {
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return &Error{Message: "the address is not valid"}
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return c.transportError(proxyError(err, req))
	}
	defer resp.Body.Close()
	x.Status, x.Limits = resp.StatusCode, c.limitHeaders(resp.Header)
	// Whatever the status: a 429 tells the limit as well.
	c.conf.Budget.grant(hourlyLimit(resp.Header.Get("X-RateLimit-Limit")))
	return c.checkResponse(r, resp)
}

// newRequest makes a request for each attempt: a body can be read once.
func (c *Client) newRequest(ctx context.Context, r *request) (*http.Request, error) {
	var body io.Reader
	if r.method == http.MethodPost {
		body = strings.NewReader(r.form)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.conf.UserAgent)
	req.Header.Set("Authorization", c.conf.Credential.authorization())
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, nil
}

// checkResponse decodes an answer, or says why it is not what was asked for.
func (c *Client) checkResponse(r *request, resp *http.Response) *Error {
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
		body, err := io.ReadAll(io.LimitReader(resp.Body, int64(c.maxBody)+1))
		if err == nil && len(body) > c.maxBody {
			err = errTooLarge
		}
		if err != nil {
			return c.transportError(err)
		}
		return c.decode(r, resp.Header, body)
	case status >= 300 && status < 400 && resp.Header.Get("Location") != "":
		return c.redirect(r, resp)
	default:
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxSample)) // what is missing is said by the status
		e := c.refusal(status, resp.Header, body)
		e.RetryAfter = retryAfter(resp.Header, c.conf.Budget.conf.Now(), e.limited())
		return e
	}
}

// redirect directs a request to where a redirect within the API leads, for GET only: of a POST, the
// server would have to be sent the body, or another method.
func (c *Client) redirect(r *request, resp *http.Response) *Error {
	e := &Error{StatusCode: resp.StatusCode}
	to, err := resp.Location()
	switch {
	case err != nil:
		e.Message = "a redirect to no valid address"
	case c.within(to) != nil: // to sign on, mostly
		e.NotBitbucket = true
		e.Message = "the redirect " + c.within(to).Error()
	case r.method != http.MethodGet:
		e.Message = "a redirect of a POST to " + c.place(to)
	default:
		e.Message = "redirected to " + c.place(to)
		e.redirected, r.url = true, to.String()
	}
	return e
}

// transportError makes the error of a request without a (whole) answer. url.Error is taken off:
// it repeats the URL with its query.
func (c *Client) transportError(err error) *Error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("no whole answer in %v", exchangeTimeout) // not the caller's deadline
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		err = fmt.Errorf("connection closed in the middle of the answer: %w", err)
	}
	if text := err.Error(); c.scrub.redact(text) != text { // bytes of a broken answer
		err = errors.New(c.scrub.redact(text))
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	proxy, ok := errors.AsType[*ProxyError](err)
	final := untrusted || errors.Is(err, errTooLarge) || ok && proxy.final()
	return &Error{Message: c.scrub.clean(err.Error()), Err: err, temporary: !final}
}
