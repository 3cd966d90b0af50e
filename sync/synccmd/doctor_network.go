package synccmd

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"time"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// maxClockSkew allows for the duration of a request, and for servers whose clocks are not exact.
const maxClockSkew = 5 * time.Minute

const noConnection = "no connection"

// checkNetwork reports on the answer to one request, and returns whether Bitbucket gave it. Any answer tells
// the time, and shows that the proxy works and that the certificate is trusted; an answer of Bitbucket also
// shows that the address is right. The findings come in the order in which one depends on the other: a wrong
// clock makes certificates invalid, a proxy comes before TLS, and both come before any answer.
func (d *doctor) checkNetwork() (reached bool) {
	resp, err := d.probe()
	proxy, certificate, api := checkProxy(d.environment, err), checkTLS(resp, err), skipped(noConnection)
	if proxy.fix == "" && certificate.fix == "" { // else the reason why there is no answer is in their lines
		api = checkAPI(d.String("api-url"), resp, err)
	}
	d.report("clock", checkClock(resp, d.now()))
	d.report("proxy", proxy)
	d.report("TLS", certificate)
	d.report("API", api)
	return api.result == "ok"
}

// probe sends the request. It has no credential, because it may not be Bitbucket that answers.
func (d *doctor) probe() (*http.Response, error) {
	if d.connErr != nil {
		return nil, d.connErr
	}
	ctx, cancel := context.WithTimeout(d.Context, probeTimeout)
	defer cancel()
	return bitbucket.Probe(ctx, d.conn.config())
}

// checkClock compares the clock with Bitbucket's. A wrong one makes valid certificates look expired.
func checkClock(resp *http.Response, now time.Time) finding {
	if resp == nil {
		return skipped(noConnection)
	}
	server, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return skipped("the answer has no date")
	}
	off := now.Sub(server)
	if off.Abs() <= maxClockSkew {
		return passed("agrees with Bitbucket's")
	}
	word := "ahead of"
	if off < 0 {
		word = "behind"
	}
	return problem(off.Abs().Round(time.Minute).String()+" "+word+" Bitbucket's",
		"set it, or have it set over the network")
}

// checkProxy reports on the proxy of the environment, without the password that its address may hold.
func checkProxy(env environment, err error) finding {
	name, address := env.proxyVariable()
	text := "none"
	switch {
	case name != "" && address == nil:
		return problem("invalid proxy address in "+name, proxyForm)
	case name != "":
		text = address.String() + " (" + name + ")"
		if except := cmp.Or(env.getenv("NO_PROXY"), env.getenv("no_proxy")); except != "" {
			text += ", but not for " + except
		}
	}
	if refused := (*bitbucket.ProxyError)(nil); errors.As(err, &refused) {
		return problem(text+": "+err.Error(), networkAdvice(err))
	}
	return passed(text)
}

// checkTLS tells a certificate that is not trusted from a server that does not answer.
func checkTLS(resp *http.Response, err error) finding {
	cert := (*tls.CertificateVerificationError)(nil)
	switch {
	case errors.As(err, &cert):
		return problem(err.Error(), networkAdvice(err))
	case resp == nil:
		return skipped(noConnection)
	case resp.TLS == nil: // plain http, which is allowed to a loopback address only
		return passed("not used on this machine")
	}
	return passed("the certificate is trusted")
}

// checkAPI tells an answer of Bitbucket from that of a server in trouble, and from that of something else.
// Bitbucket answers this request with 200 or a refusal from 400 to 499, and never with HTML or a redirect:
// those are pages of proxies and networks to sign on at, or of a web site under a wrong address. A 407 is a
// proxy's.
func checkAPI(address string, resp *http.Response, err error) finding {
	switch {
	case command.IsMisuse(err):
		return problem(err.Error(), "correct the flag or its variable")
	case err != nil:
		return problem(address+": "+err.Error(), networkAdvice(err))
	}
	kind := resp.Header.Get("Content-Type")
	switch code := resp.StatusCode; {
	case code >= 500:
		return problem(address+" answers "+resp.Status,
			"try again later; https://bitbucket.status.atlassian.com reports outages")
	case code >= 300 && code < 400, code == http.StatusProxyAuthRequired, strings.HasPrefix(kind, "text/html"):
		return problem(strings.TrimSpace("what answers at "+address+" is not Bitbucket Cloud: it answers "+
			resp.Status+" "+kind), notBitbucketAdvice)
	}
	return passed(address + " answers")
}
