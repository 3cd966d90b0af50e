package bitbucket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// A ProxyError is the proxy of the environment being no way to Bitbucket. It names the proxy by its
// host and port: the rest of its address may hold a password.
type ProxyError struct {
	Host   string
	Status int // what it answered; 0: nothing, and Err says why
	Err    error
}

// Error reads like "the proxy proxy.example.com:3128 wants a user and a password".
func (e *ProxyError) Error() string {
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return "the proxy " + e.Host + " wants a user and a password"
	case e.Status != 0:
		return fmt.Sprintf("the proxy %s refuses the connection: %d %s", e.Host, e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("the proxy %s does not answer: %v", e.Host, e.Err)
}

// Unwrap returns why the proxy does not answer.
func (e *ProxyError) Unwrap() error { return e.Err }

// final reports whether the proxy will say the same again.
func (e *ProxyError) final() bool { return e.Status >= 400 && e.Status < 500 }

// tunnelled judges a proxy's answer to the request for a tunnel. Without it, net/http makes an error
// of the words of the status alone.
func tunnelled(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Host: proxy.Host, Status: answer.StatusCode}
}

// blameProxy finds a proxy that cannot be reached behind what a round trip failed of.
func blameProxy(err error, req *http.Request) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		if proxy, _ := http.ProxyFromEnvironment(req); proxy != nil {
			return &ProxyError{Host: proxy.Host, Err: op.Err}
		}
	}
	return err
}

// Probe sends one request without a credential, the way a Client made of conf would. Any answer
// will do, be it none of Bitbucket's; its body is not read.
func Probe(ctx context.Context, conf Config) (*http.Response, error) {
	base, err := parseBase(conf.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("API address: %w", err)
	}
	wire := newTransport(conf)
	defer wire.CloseIdleConnections()
	// Of the addresses that are asked for anyway; an answer without a credential costs nobody's
	// budget. Workspaces are not called -, and 404 is an answer.
	address := base.String() + "/repositories/-?pagelen=1&fields=size"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address is not valid")
	}
	req.Header.Set("User-Agent", conf.UserAgent)
	resp, err := wire.RoundTrip(req)
	if err != nil {
		return nil, blameProxy(err, req)
	}
	return resp, resp.Body.Close()
}
