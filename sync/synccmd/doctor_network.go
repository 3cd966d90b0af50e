package synccmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
)

const (
	probeTimeout = 20 * time.Second
	maxClockSkew = 5 * time.Minute
)

// checkProxy tells which proxy the environment names, without the password it may hold.
func checkProxy(getenv func(string) string) finding {
	f := finding{what: "proxy", ok: true, said: "none"}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		shown, ok := maskProxy(value)
		if !ok {
			return finding{what: "proxy", said: name + " is not a proxy's address",
				do: "write it like http://proxy.example.com:3128, or unset it"}
		}
		f.said = shown + " (" + name + ")"
		break
	}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if value := getenv(name); value != "" && f.said != "none" {
			f.said += ", but not for " + render.Clean(value)
			break
		}
	}
	return f
}

// maskProxy reads an address as net/http does, which takes one without a scheme as well.
func maskProxy(value string) (string, bool) {
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.Scheme == "" {
		u, err = url.Parse("http://" + value)
	}
	if err != nil || u.Hostname() == "" {
		return "", false
	}
	if u.User != nil {
		u.User = url.User("xxxxx")
	}
	return render.Clean((&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()), true
}

// checkAPI sends one request without a credential. Any answer tells the time, and shows that the
// certificate is trusted; one of Bitbucket's shows that the address is right.
func checkAPI(c *cli.Context) (clock, secure, api finding) {
	clock = finding{what: "clock", said: "not checked without an answer of Bitbucket"}
	secure = finding{what: "TLS", said: "not checked without a connection"}
	api = finding{what: "API", said: "not checked without TLS"}
	if err := checkConnection(c); err != nil {
		api.said, api.do = oneLine(err), "correct the flag or its variable"
		return clock, secure, api
	}
	ctx, cancel := context.WithTimeout(c.Context, probeTimeout)
	defer cancel()
	resp, err := probe(ctx, c)
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cert):
		secure.said, secure.do = oneLine(err), networkAdvice(err)
		return clock, secure, api
	case err != nil:
		api.said, api.do = place(c)+": "+oneLine(err), networkAdvice(err)
		return clock, secure, api
	}
	secure.ok, secure.said = true, "the certificate is trusted"
	if resp.TLS == nil {
		secure.said = "not used, on this machine"
	}
	return checkClock(resp.Header.Get("Date"), time.Now()), secure, checkAnswer(c, resp)
}

// checkAnswer knows an answer that a proxy, a captive portal or a server in trouble gives; those of
// Bitbucket are 200 and the refusals 400 to 499.
func checkAnswer(c *cli.Context, resp *http.Response) finding {
	f := finding{what: "API", said: fmt.Sprintf("%s answers %s", place(c), render.Clean(resp.Status))}
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

// probe returns an answer, of which the body is not needed.
func probe(ctx context.Context, c *cli.Context) (*http.Response, error) {
	roots, err := rootCAs(c)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		DisableKeepAlives: true,
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	// Of the addresses that are asked for anyway; an answer without a credential costs nobody's
	// budget. Workspaces are not called -, and 404 is an answer.
	address := strings.TrimRight(c.String("api-url"), "/") + "/repositories/-?pagelen=1&fields=size"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("it is not an address")
	}
	req.Header.Set("User-Agent", userAgent(c))
	resp, err := client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // it repeats the address
			err = u.Err
		}
		return nil, err
	}
	return resp, resp.Body.Close()
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
	)
	switch {
	case errors.As(err, &authority):
		return "give the certificate of your company's proxy with --ca-cert FILE"
	case errors.As(err, &hostname):
		return "check --api-url: the certificate is another host's"
	case errors.As(err, &invalid):
		return "check the clock; a certificate is good for a time only"
	case errors.As(err, &name):
		return "check --api-url, the network and its name servers"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return "check the network; a firewall may drop the connection, or want a proxy (HTTPS_PROXY)"
	}
	return "check --api-url, the network and the proxy (HTTPS_PROXY)"
}
