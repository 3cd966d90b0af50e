package bitbucket

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// errPlainHTTP refuses an address to which the credential would be sent unencrypted.
var errPlainHTTP = errors.New("plain http is allowed to a loopback address only: write https")

// A Config is what a Client needs to know.
type Config struct {
	BaseURL    string // https, or http to a loopback address
	Credential Credential
	RootCAs    *x509.CertPool // nil: the system's
	UserAgent  string
	MaxConns   int            // at a time; 0: no limit
	Attempts   int            // of a request, for faults that may pass; 0: six
	Budget     *Budget        // nil: none
	Trace      func(Exchange) // after every exchange; called by all walkers at once
}

// An Exchange is one request and its answer, if one came. It holds no secret.
type Exchange struct {
	Method   string
	Path     string // below the base URL, unescaped: /repositories/acme/{85d0…}/commits
	Page     int    // of a walk, from 1 on; 0: not a page
	Status   int    // 0: no answer
	Duration time.Duration
	Err      error    // an *Error, or that of a context that ended
	Attempt  int      // 1 is the first
	Limits   []string // the headers of the answer that tell of the rate limit, as "name: value"
}

// A Client talks to one Bitbucket with one credential. It is safe for concurrent use.
type Client struct {
	conf      Config   // with its defaults
	base      *url.URL // without a slash at the end
	transport *http.Transport
	scrub     scrubber
	maxBody   int
	failures  *atomic.Int64 // failed attempts in a row, over all requests
}

// New makes a client; it sends nothing.
func New(conf Config) (*Client, error) {
	base, err := parseBase(conf.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("API address: %w", err)
	}
	// Bitbucket answers without a credential too, but with the public repositories alone, which
	// looks like a workspace that has lost the others.
	if conf.Credential.Token() == "" {
		return nil, errors.New("no credential")
	}
	if conf.Budget == nil {
		conf.Budget = NewBudget(BudgetConfig{})
	}
	conf.UserAgent = cmp.Or(conf.UserAgent, "trunkstat")
	conf.Attempts = cmp.Or(conf.Attempts, maxAttempts)
	return &Client{
		conf: conf, base: base, transport: newTransport(conf, base),
		scrub: newScrubber(conf.Credential), maxBody: maxBody, failures: new(atomic.Int64),
	}, nil
}

// CheckBaseURL says why New would refuse a base URL, nil where it would not.
func CheckBaseURL(text string) error {
	_, err := parseBase(text)
	return err
}

// parseBase reads a base URL. A user, a query or a fragment would be lost, or sent with each request
// and printed in errors.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil { // url's errors repeat the text, which may hold a password
		return nil, errors.New("it is not a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return nil, errors.New("it must begin with https:// and a host")
	case u.User != nil:
		return nil, errors.New("it must not hold a user or a password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it must not hold a query or a fragment")
	case dotted(u.Path):
		return nil, errors.New("it must not hold . or .. as a path element")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errPlainHTTP
	}
	return u, nil
}

// dotted reports a path that servers resolve to another one, which may lie outside of the API.
func dotted(path string) bool {
	elements := strings.Split(path, "/")
	return slices.Contains(elements, ".") || slices.Contains(elements, "..")
}

// within says why the credential may not be sent to target, nil if it may: scheme, host and base
// path must be the configured ones.
func (c *Client) within(target *url.URL) error {
	switch {
	case target.Scheme != c.base.Scheme || !strings.EqualFold(target.Host, c.base.Host) || target.User != nil:
		return fmt.Errorf("leads to another server: %s", c.place(target))
	case !strings.HasPrefix(target.Path, c.base.Path+"/") || dotted(target.Path): // /2.0evil is outside
		return fmt.Errorf("leads out of the API: %s", c.place(target))
	}
	return nil
}

// place names where a URL leads to, without what it may carry: user and query.
func (c *Client) place(u *url.URL) string {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return c.scrub.clean(bare.String())
}

// get makes a request for a path below the base URL. Its elements may be names that a person or
// Bitbucket chose; those that would move the path are refused.
func (c *Client) get(elements ...string) request {
	r := request{method: http.MethodGet, url: c.base.String()}
	for _, element := range elements {
		if element == "" || element == "." || element == ".." {
			r.err = fmt.Errorf("%q cannot be the name of a workspace, repository or branch", element)
		}
		r.url += "/" + url.PathEscape(element)
		r.path += "/" + element
	}
	r.path = c.scrub.clean(r.path)
	return r
}

// Budget returns the budget that the client's requests pass.
func (c *Client) Budget() *Budget { return c.conf.Budget }

// Close closes idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
