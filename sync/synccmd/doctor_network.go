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

// A network is how one request without a credential ended. Any answer tells the time, and shows that the
// proxy works and that the certificate is trusted. An answer of Bitbucket shows that the address is right.
type network struct {
	call
	place string         // the API's address
	resp  *http.Response // nil: there was no answer
	err   error
}

// askNetwork sends the request. A misuse as its error is that of a flag.
func askNetwork(c call) *network {
	n := &network{call: c, place: c.String("api-url")}
	if n.err = checkConnection(c); n.err != nil {
		return n
	}
	ctx, cancel := context.WithTimeout(c.Context, probeTimeout)
	defer cancel()
	config := bitbucket.Config{BaseURL: n.place, RootCAs: rootCAs(c), UserAgent: userAgent(c)}
	n.resp, n.err = bitbucket.Probe(ctx, config)
	return n
}

func (n *network) reached() bool { return n.api().result == "ok" }

const noConnection = "no connection"

// clock compares the clock with Bitbucket's. A wrong one makes valid certificates look expired.
func (n *network) clock() finding {
	if n.resp == nil {
		return skipped(noConnection)
	}
	server, err := http.ParseTime(n.resp.Header.Get("Date"))
	if err != nil {
		return skipped("the answer has no date")
	}
	off := n.now().Sub(server)
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

// proxy reports the proxy of the environment, without the password that its address may hold.
func (n *network) proxy() finding {
	name, address := n.proxyVariable()
	text := "none"
	switch {
	case name != "" && address == nil:
		return problem("invalid proxy address in "+name, proxyForm)
	case name != "":
		text = address.String() + " (" + name + ")"
		if except := cmp.Or(n.getenv("NO_PROXY"), n.getenv("no_proxy")); except != "" {
			text += ", but not for " + except
		}
	}
	if refused := (*bitbucket.ProxyError)(nil); errors.As(n.err, &refused) {
		return problem(text+": "+n.err.Error(), networkAdvice(n.err))
	}
	return passed(text)
}

// tls tells a certificate that is not trusted from a server that does not answer.
func (n *network) tls() finding {
	cert := (*tls.CertificateVerificationError)(nil)
	switch {
	case errors.As(n.err, &cert):
		return problem(n.err.Error(), networkAdvice(n.err))
	case n.resp == nil:
		return skipped(noConnection)
	case n.resp.TLS == nil:
		return passed("not used on this machine")
	}
	return passed("the certificate is trusted")
}

// api tells an answer of Bitbucket, which is 200 or a refusal from 400 to 499, from that of a proxy, a
// sign-on page or a server in trouble. It leaves out what is the problem of a line above it.
func (n *network) api() finding {
	switch {
	case n.proxy().fix != "" || n.tls().fix != "":
		return skipped(noConnection)
	case command.IsMisuse(n.err):
		return problem(n.err.Error(), "correct the flag or its variable")
	case n.err != nil:
		return problem(n.place+": "+n.err.Error(), networkAdvice(n.err))
	}
	kind := n.resp.Header.Get("Content-Type")
	switch code := n.resp.StatusCode; {
	case code >= 500:
		return problem(n.place+" answers "+n.resp.Status,
			"try again later; https://bitbucket.status.atlassian.com reports outages")
	case code >= 300 && code < 400, code == http.StatusProxyAuthRequired, strings.HasPrefix(kind, "text/html"):
		return problem(strings.TrimSpace("what answers at "+n.place+" is not Bitbucket Cloud: it answers "+
			n.resp.Status+" "+kind), notBitbucketAdvice)
	}
	return passed(n.place + " answers")
}
