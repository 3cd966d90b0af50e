package bitbucket

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	maxAttempts     = 6 // for trouble that may pass; a 429 does not count
	firstBackoff    = 500 * time.Millisecond
	lastBackoff     = 15 * time.Second
	maxRedirects    = 5
	exchangeTimeout = 5 * time.Minute // of one attempt, its body included
	maxBody         = 256 << 20
	maxErrorBody    = 1 << 20
)

// A request is one page or object to be asked for, as often as it takes.
type request struct {
	method string
	url    string
	form   string // the body of a POST
	label  string // the path for people
	decode func(body []byte, h http.Header) error
	moved  string // where to ask instead, after a redirect
}

func (r request) fail(e *Error) *Error {
	e.Method, e.Path = r.method, r.label
	return e
}

// do sends a request until it is answered, refused, or has failed too often. Sending any of ours
// again is safe: POST is but a GET with a long query.
func (c *Client) do(ctx context.Context, r request) error {
	redirects := 0
	for attempt := 1; ; {
		err := c.once(ctx, &r, attempt)
		var e *Error
		switch {
		case err == nil || !errors.As(err, &e):
			return err
		case e.limited():
			// The budget makes the next attempt wait.
		case r.moved != "" && redirects < maxRedirects:
			redirects++
			r.url, r.moved = r.moved, ""
		case !e.passing || attempt == maxAttempts:
			return e
		default:
			if err := c.budget.conf.Sleep(ctx, faultPause(attempt, e.RetryAfter)); err != nil {
				return fmt.Errorf("%s %s: %w", r.method, r.label, err)
			}
			attempt++
		}
	}
}

// faultPause is full jitter below a bound that doubles. A server that is down may ask for a
// little more.
func faultPause(attempt int, named time.Duration) time.Duration {
	bound := min(lastBackoff, firstBackoff<<(attempt-1))
	return max(jitter(bound), min(named, time.Minute))
}

// once sends a request once, when the budget allows it. What it returns is nil, an *Error, or the
// error of a context or budget that ended.
func (c *Client) once(ctx context.Context, r *request, attempt int) error {
	permit, err := c.budget.acquire(ctx)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.label, err)
	}
	begin := time.Now()
	status, err := c.exchange(ctx, r)
	if ctx.Err() != nil && err != nil {
		err = fmt.Errorf("%s %s: %w", r.method, r.label, ctx.Err())
	}
	var e *Error
	if errors.As(err, &e) {
		e.Attempts = attempt
	}
	if e != nil && e.limited() {
		c.budget.limited(permit, e.RetryAfter)
	} else {
		c.budget.answered(permit, status != 0 && !passing(status))
	}
	if c.trace != nil {
		c.trace(Exchange{
			Method: r.method, Path: c.scrub.redact(strings.TrimPrefix(r.url, c.prefix)),
			Status: status, Duration: time.Since(begin), Err: err, Attempt: attempt,
		})
	}
	return err
}

// exchange sends the request and reads the answer, whole. Its error is an *Error.
func (c *Client) exchange(ctx context.Context, r *request) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	req, err := c.newRequest(ctx, r)
	if err != nil {
		return 0, r.fail(&Error{Message: "the address is not valid"})
	}
	resp, err := c.wire.RoundTrip(req)
	if err != nil {
		return 0, r.fail(c.broken(blameProxy(err, req)))
	}
	defer resp.Body.Close()
	c.grant(resp.Header)
	buf := buffers.Get().(*bytes.Buffer)
	defer recycle(buf)
	limit := c.most
	if resp.StatusCode != http.StatusOK {
		limit = min(limit, maxErrorBody)
	}
	if err := readBody(buf, resp.Body, limit); err != nil && resp.StatusCode == http.StatusOK {
		return resp.StatusCode, r.fail(c.broken(err))
	}
	if err := c.judge(r, resp, buf.Bytes()); err != nil {
		return resp.StatusCode, r.fail(err)
	}
	return resp.StatusCode, nil
}

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
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Authorization", c.cred.authorization())
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, nil
}

// judge makes of an answer what was asked for, or says why not.
func (c *Client) judge(r *request, resp *http.Response, body []byte) *Error {
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
		return c.accept(r, resp.Header, body)
	case status >= 300 && status < 400 && resp.Header.Get("Location") != "":
		return c.redirect(r, resp)
	default:
		e := c.scrub.refusal(status, resp.Header, body)
		e.RetryAfter = retryAfter(resp.Header, c.budget.conf.Now(), e.limited())
		return e
	}
}

// accept decodes a body. One that is not what was asked for may come from a proxy that is
// about to get better, so it is worth another attempt; data that is wrong in itself is not.
func (c *Client) accept(r *request, h http.Header, body []byte) *Error {
	err := r.decode(body, h)
	var shape shapeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &shape):
		e := c.scrub.refusal(http.StatusOK, h, body)
		e.passing = true
		e.Message = c.scrub.clean(shape.wanted) + ": " + cmp.Or(e.Message, shape.lacks)
		return e
	}
	return &Error{StatusCode: http.StatusOK, Message: c.scrub.clean(err.Error())}
}

// A shapeError is a body that is not of the form that was asked for.
type shapeError struct{ wanted, lacks string }

func (s shapeError) Error() string { return s.wanted + ": " + s.lacks }

// What a page may lack.
const noValues = "it has no values"

func ofAnotherKind(field string) string { return fmt.Sprintf("its field %q is of another kind", field) }

// redirect prepares to follow a redirect within the API, for GET only: the server would have to
// be sent the body, or another method, otherwise.
func (c *Client) redirect(r *request, resp *http.Response) *Error {
	e := &Error{StatusCode: resp.StatusCode}
	to, err := resp.Location()
	switch {
	case err != nil:
		e.Message = "a redirect to no valid address"
	case c.within(to) != nil:
		e.Message = "the redirect " + c.within(to).Error()
	case r.method != http.MethodGet:
		e.Message = "a redirect of a POST to " + c.place(to)
	default:
		e.Message = "redirected to " + c.place(to)
		r.moved = to.String()
	}
	return e
}

// broken makes the error of a request without a (whole) answer. url.Error is taken off: it
// repeats the URL with its query.
func (c *Client) broken(err error) *Error {
	var u *url.Error
	if errors.As(err, &u) {
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
	var cert *tls.CertificateVerificationError
	var proxy *ProxyError
	final := errors.As(err, &cert) || errors.Is(err, errTooLarge) || errors.As(err, &proxy) && proxy.final()
	return &Error{Message: c.scrub.clean(err.Error()), Err: err, passing: !final}
}

var errTooLarge = errors.New("the answer is too large")

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func recycle(buf *bytes.Buffer) {
	if buf.Cap() <= 4<<20 {
		buf.Reset()
		buffers.Put(buf)
	}
}

func readBody(buf *bytes.Buffer, body io.Reader, limit int) error {
	n, err := buf.ReadFrom(io.LimitReader(body, int64(limit)+1))
	if err == nil && n > int64(limit) {
		return errTooLarge
	}
	return err
}
