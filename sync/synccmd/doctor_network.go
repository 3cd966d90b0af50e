package synccmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// maxClockSkew allows for the duration of a request, and for servers whose clocks are not exact.
const maxClockSkew = 5 * time.Minute

// checkProxy reports the proxy of the environment, without the password that its address may hold.
func checkProxy(env environment) finding {
	f := finding{what: "proxy", text: "none"}
	name, address := proxyOf(env)
	if name == "" {
		return f
	}
	if address == nil {
		f.text, f.fix = "invalid proxy address in "+name, proxyForm
		return f
	}
	f.text = address.String() + " (" + name + ")"
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if value := env.getenv(name); value != "" {
			f.text += ", but not for " + value
			break
		}
	}
	return f
}

// checkNetwork sends one request without a credential. Any answer tells the time, and shows that the proxy
// works and that the certificate is trusted. An answer of Bitbucket shows that the address is right.
func checkNetwork(c *cli.Context, env environment) (findings []finding, reached bool) {
	const noConnection = "no connection"
	proxy := checkProxy(env)
	clock := finding{what: "clock", text: noConnection, skipped: true}
	secure := finding{what: "TLS", text: noConnection, skipped: true}
	api := finding{what: "API", text: noConnection, skipped: true}
	place := withoutUser(c.String("api-url"))
	resp, err := probe(c, env)
	var refused *bitbucket.ProxyError
	var cert *tls.CertificateVerificationError
	switch {
	case command.IsMisuse(err) && proxy.fix != "": // the rest is skipped
	case command.IsMisuse(err):
		api = finding{what: "API", text: err.Error(), fix: "correct the flag or its variable"}
	case errors.As(err, &refused):
		proxy.text, proxy.fix = proxy.text+": "+err.Error(), networkAdvice(err)
	case errors.As(err, &cert):
		secure = finding{what: "TLS", text: err.Error(), fix: networkAdvice(err)}
	case err != nil:
		api = finding{what: "API", text: place + ": " + err.Error(), fix: networkAdvice(err)}
	default:
		secure = finding{what: "TLS", text: "the certificate is trusted"}
		if resp.TLS == nil {
			secure.text = "not used on this machine"
		}
		clock, api = checkClock(resp.Header.Get("Date"), env.now()), checkAnswer(place, resp)
		reached = api.fix == ""
	}
	return []finding{clock, proxy, secure, api}, reached
}

// checkAnswer tells an answer of Bitbucket, which is 200 or a refusal from 400 to 499, from that of a proxy,
// a sign-on page or a server in trouble.
func checkAnswer(place string, resp *http.Response) finding {
	f := finding{what: "API", text: place + " answers " + resp.Status}
	notBitbucket := func(what string) {
		f.text, f.fix = "what answers at "+place+" is not Bitbucket Cloud: it "+what, notBitbucketAdvice
	}
	switch {
	case resp.StatusCode >= 500:
		f.fix = "try again later; https://bitbucket.status.atlassian.com reports outages"
	case resp.StatusCode == http.StatusProxyAuthRequired:
		f.fix = "set HTTPS_PROXY with the proxy's user and password"
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		notBitbucket("answers " + resp.Status)
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		notBitbucket("returned an HTML page, not Bitbucket's API")
	default:
		f.text = place + " answers"
	}
	return f
}

// probe sends the request. A misuse among its errors is that of a flag.
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
	config := bitbucket.Config{BaseURL: c.String("api-url"), RootCAs: roots, UserAgent: userAgent(c)}
	return bitbucket.Probe(ctx, config)
}

func checkClock(date string, now time.Time) finding {
	f := finding{what: "clock"}
	server, err := http.ParseTime(date)
	if err != nil {
		f.skipped, f.text = true, "the answer has no date"
		return f
	}
	off := now.Sub(server)
	if off.Abs() <= maxClockSkew {
		f.text = "agrees with Bitbucket's"
		return f
	}
	word := "ahead of"
	if off < 0 {
		word = "behind"
	}
	f.text = off.Abs().Round(time.Minute).String() + " " + word + " Bitbucket's"
	f.fix = "set it, or have it set over the network"
	return f
}

// networkAdvice returns what to do about the usual reasons for which no answer comes.
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
		return "trust the certificate of your company's proxy with --ca-cert FILE"
	case errors.As(err, &hostname):
		return "check --api-url: the certificate is for another host"
	case errors.As(err, &invalid):
		return "check the clock: a certificate is valid for a limited time"
	case errors.As(err, &proxy):
		return proxyAdvice(proxy)
	case errors.As(err, &name):
		return "check --api-url, the network and its name servers"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return "check the network; a firewall may drop the connection, or require a proxy (HTTPS_PROXY)"
	}
	return "check --api-url, the network and the proxy (HTTPS_PROXY)"
}
