package bitbucket

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// newTransport makes what talks HTTP, with connections enough for every walker and no more. net/http
// would keep two of them open, and make the others anew for each request. The transport is
// used without an http.Client, which would follow redirects by itself (see Client.redirect) and
// whose errors repeat URLs with their queries.
func newTransport(conf Config, base *url.URL) *http.Transport {
	// The timeouts are those of net/http's own transport, or longer: a second request would count, too.
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	if base.Scheme == "http" {
		dialer.Control = loopbackOnly
	}
	return &http.Transport{
		Proxy:                  proxyFor,
		OnProxyConnectResponse: checkProxyResponse,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: conf.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    20 * time.Second,
		ForceAttemptHTTP2:      true,
		// A ping finds a connection that was lost without being closed, as after a laptop slept.
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 30 * time.Second},
		MaxConnsPerHost:       max(conf.MaxConns, 0),
		MaxIdleConns:          max(conf.MaxConns, 8),
		MaxIdleConnsPerHost:   max(conf.MaxConns, 8),
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: time.Minute,
	}
}

// isLoopback reports whether a host is written as this machine's. Whatever it is resolved to, loopbackOnly
// checks again.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(host, ".")
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// loopbackOnly refuses a connection to another machine, whatever a name was resolved to.
func loopbackOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !to.Addr().Unmap().IsLoopback() {
		return errPlainHTTP
	}
	return nil
}

// proxyFor is the proxy of the environment. Plain http, which is for this machine, goes through none.
func proxyFor(req *http.Request) (*url.URL, error) {
	if req.URL.Scheme == "http" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(req)
}

// A ProxyError is returned where the proxy of the environment does not lead to Bitbucket. It names
// the proxy by its host and port: the rest of its address may hold a password.
type ProxyError struct {
	Host    string
	Status  int      // what it answered; 0: nothing, and Err says why
	Schemes []string // of a 407: the ways to authenticate that it offers, none of which can be used
	Err     error
}

// Error reads like "the proxy proxy.example.com:3128 wants a user and a password".
func (e *ProxyError) Error() string {
	switch {
	case len(e.Schemes) > 0:
		return "the proxy " + e.Host + " offers only " + strings.Join(e.Schemes, " and ") +
			" authentication, which is not supported"
	case e.Status == http.StatusProxyAuthRequired:
		return "the proxy " + e.Host + " wants a user and a password"
	case e.Status != 0:
		return fmt.Sprintf("the proxy %s refuses the connection: %d %s",
			e.Host, e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("the proxy %s does not answer: %v", e.Host, e.Err)
}

// Unwrap returns why the proxy does not answer.
func (e *ProxyError) Unwrap() error { return e.Err }

// final reports whether the proxy will say the same again: it refused, and did not fail.
func (e *ProxyError) final() bool { return e.Status >= 400 && e.Status < 500 }

// checkProxyResponse checks a proxy's answer to the request for a tunnel. Without it, net/http
// makes an error of the words of the status alone.
func checkProxyResponse(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	e := &ProxyError{Host: proxy.Host, Status: answer.StatusCode}
	if e.Status == http.StatusProxyAuthRequired {
		e.Schemes = unsupported(answer.Header.Values("Proxy-Authenticate"))
	}
	return e
}

// schemes are ways to authenticate that net/http does not have; it has Basic alone.
var schemes = []string{"NTLM", "Negotiate", "Kerberos", "Digest"}

// unsupported names the ways to authenticate that a proxy offers, nil where others than these are
// among them.
func unsupported(challenges []string) (only []string) {
	for _, challenge := range challenges {
		offer, _, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		i := slices.IndexFunc(schemes, func(s string) bool { return strings.EqualFold(s, offer) })
		if i < 0 {
			return nil
		}
		only = append(only, schemes[i])
	}
	return only
}

// proxyError finds a proxy that cannot be reached behind what a round trip failed of: net/http's error
// does not name it.
func proxyError(err error, req *http.Request) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		if proxy, _ := proxyFor(req); proxy != nil {
			return &ProxyError{Host: proxy.Host, Err: op.Err}
		}
	}
	return err
}

// Probe sends one request without a credential, the way a Client made of conf would. It takes any
// answer, and does not read its body.
func Probe(ctx context.Context, conf Config) (*http.Response, error) {
	base, err := parseBase(conf.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("API address: %w", err)
	}
	transport := newTransport(conf, base)
	defer transport.CloseIdleConnections()
	// The address is like those that are asked for anyway; an answer without a credential costs
	// no budget. No workspace is called -, and 404 is an answer.
	address := base.String() + "/repositories/-?pagelen=1&fields=size"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address is not valid")
	}
	req.Header.Set("User-Agent", conf.UserAgent)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, proxyError(err, req)
	}
	return resp, resp.Body.Close()
}
