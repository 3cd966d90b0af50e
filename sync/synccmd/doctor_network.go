package synccmd

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
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

// checkAPI sends one request without a credential: any answer shows that the address can be
// reached and its certificate is trusted, and every answer tells the time.
func checkAPI(c *cli.Context) []finding {
	clock := finding{what: "clock", said: "not checked without an answer of Bitbucket"}
	if err := checkConnection(c); err != nil {
		return []finding{{what: "API", said: oneLine(err), do: "correct the flag or its variable"}, clock}
	}
	ctx, cancel := context.WithTimeout(c.Context, probeTimeout)
	defer cancel()
	date, err := probe(ctx, c)
	if err != nil {
		return []finding{{what: "API", said: place(c) + ": " + oneLine(err), do: networkAdvice(err)}, clock}
	}
	secure := "over TLS with a trusted certificate"
	if strings.HasPrefix(c.String("api-url"), "http:") {
		secure = "without TLS, on this machine"
	}
	return []finding{
		{what: "API", ok: true, said: place(c) + " answers " + secure},
		checkClock(date, time.Now()),
	}
}

func place(c *cli.Context) string { return withoutUser(c.String("api-url")) }

// probe returns the time at which the server answered.
func probe(ctx context.Context, c *cli.Context) (date string, err error) {
	roots, err := rootCAs(c)
	if err != nil {
		return "", err
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
		return "", errors.New("it is not an address")
	}
	req.Header.Set("User-Agent", userAgent(c))
	resp, err := client.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // it repeats the address
			err = u.Err
		}
		return "", err
	}
	resp.Body.Close()
	return resp.Header.Get("Date"), nil
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
