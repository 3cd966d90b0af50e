package synccmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

const (
	probeTimeout = 20 * time.Second
	maxClockSkew = 5 * time.Minute
)

// checkProxy tells which proxy the environment names, without the password it may hold.
func checkProxy(env environment) finding {
	f := finding{what: "proxy", ok: true, said: "none"}
	name, address := proxyOf(env)
	if name == "" {
		return f
	}
	if address == nil {
		f.ok, f.said, f.do = false, name+" is not a proxy's address", proxyForm
		return f
	}
	f.said = store.Clean(address.String()) + " (" + name + ")"
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if value := env.getenv(name); value != "" {
			f.said += ", but not for " + store.Clean(value)
			break
		}
	}
	return f
}

// checkNetwork sends one request without a credential. Any answer tells the time, and shows that the
// proxy lets it through and that the certificate is trusted; one of Bitbucket's shows that the
// address is right.
func checkNetwork(c *cli.Context, env environment) (findings []finding, reached bool) {
	clock := finding{what: "clock", said: "not checked without an answer of Bitbucket"}
	proxy := checkProxy(env)
	secure := finding{what: "TLS", said: "not checked without a connection"}
	api := finding{what: "API", said: "not checked without TLS"}
	resp, err := probe(c, env)
	var refused *bitbucket.ProxyError
	var cert *tls.CertificateVerificationError
	switch {
	case command.IsMisuse(err) && !proxy.ok:
		api.said = "not checked without the proxy"
	case command.IsMisuse(err):
		api.said, api.do = oneLine(err), "correct the flag or its variable"
	case errors.As(err, &refused):
		proxy.ok, api.said = false, "not checked without the proxy"
		proxy.said, proxy.do = proxy.said+": "+oneLine(err), networkAdvice(err)
	case errors.As(err, &cert):
		secure.said, secure.do = oneLine(err), networkAdvice(err)
	case err != nil:
		api.said, api.do = place(c)+": "+oneLine(err), networkAdvice(err)
	default:
		secure.ok, secure.said = true, "the certificate is trusted"
		if resp.TLS == nil {
			secure.said = "not used, on this machine"
		}
		clock, api = checkClock(resp.Header.Get("Date"), time.Now()), checkAnswer(c, resp)
	}
	return []finding{clock, proxy, secure, api}, api.ok
}

// checkAnswer knows an answer that a proxy, a captive portal or a server in trouble gives; those of
// Bitbucket are 200 and the refusals 400 to 499.
func checkAnswer(c *cli.Context, resp *http.Response) finding {
	f := finding{what: "API", said: fmt.Sprintf("%s answers %s", place(c), store.Clean(resp.Status))}
	switch {
	case resp.StatusCode >= 500:
		f.do = "try again later; https://bitbucket.status.atlassian.com tells of outages"
	case resp.StatusCode == http.StatusProxyAuthRequired:
		f.do = "give the proxy's user and password in HTTPS_PROXY"
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		f.do = "check --api-url, or log in to this network with a browser"
	case resp.StatusCode < 300 && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		f.said = "what answers at " + place(c) + " is not Bitbucket, but a page of HTML"
		f.do = "log in to this network with a browser, or check the proxy and --api-url"
	default:
		f.ok, f.said = true, place(c)+" answers"
	}
	return f
}

func place(c *cli.Context) string { return withoutUser(c.String("api-url")) }

// probe asks for an answer; an error with an exit code is that of a flag.
func probe(c *cli.Context, env environment) (*http.Response, error) {
	if err := checkConnection(c, env); err != nil {
		return nil, err
	}
	roots, err := rootCAs(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.Context, probeTimeout)
	defer cancel()
	return bitbucket.Probe(ctx, bitbucket.Config{BaseURL: c.String("api-url"), RootCAs: roots, UserAgent: userAgent(c)})
}

// checkClock allows for what a request takes and servers are off themselves.
func checkClock(date string, now time.Time) finding {
	f := finding{what: "clock"}
	server, err := http.ParseTime(date)
	if err != nil {
		f.said = "not checked: the answer tells no time"
		return f
	}
	off := now.Sub(server)
	if off.Abs() <= maxClockSkew {
		f.ok, f.said = true, "agrees with Bitbucket's"
		return f
	}
	word := "ahead of"
	if off < 0 {
		word = "behind"
	}
	f.said = "it is " + off.Abs().Round(time.Minute).String() + " " + word + " Bitbucket's"
	f.do = "set it, or let it be set over the network"
	return f
}

// networkAdvice knows the usual reasons for which no answer comes.
func networkAdvice(err error) string {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		name      *net.DNSError
		proxy     *bitbucket.ProxyError
	)
	switch {
	case errors.As(err, &authority):
		return "give the certificate of your company's proxy with --ca-cert FILE"
	case errors.As(err, &hostname):
		return "check --api-url: the certificate is another host's"
	case errors.As(err, &invalid):
		return "check the clock; a certificate is good for a time only"
	case errors.As(err, &proxy):
		return proxyAdvice(proxy)
	case errors.As(err, &name):
		return "check --api-url, the network and its name servers"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return "check the network; a firewall may drop the connection, or want a proxy (HTTPS_PROXY)"
	}
	return "check --api-url, the network and the proxy (HTTPS_PROXY)"
}
