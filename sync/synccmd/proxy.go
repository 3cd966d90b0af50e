package synccmd

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// proxyOf returns the variable of the environment that names a proxy for https ("" if none does) and the
// proxy's address, nil if it is invalid. User and password in the address are masked. net/http ignores an
// invalid address and connects without the proxy.
func proxyOf(env environment) (variable string, address *url.URL) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		value := env.getenv(name)
		if value == "" {
			continue
		}
		if !strings.Contains(value, "://") { // as net/http reads it
			value = "http://" + value
		}
		u, err := url.Parse(value)
		schemes := []string{"http", "https", "socks5", "socks5h"}
		if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
			return name, nil
		}
		if u.User != nil {
			u.User = url.User("xxxxx")
		}
		return name, &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	}
	return "", nil
}

// checkProxyVariable returns an error if a proxy's address is invalid. The error does not repeat it,
// because it may hold a password.
func checkProxyVariable(env environment) error {
	if name, address := proxyOf(env); name != "" && address == nil {
		return command.Misuse("invalid proxy address in %s; %s", name, proxyForm)
	}
	return nil
}

const proxyForm = "use http://proxy.example.com:3128, with special characters of a password " +
	"percent-encoded (@ is %40)"

// proxyAdvice returns what to do about a proxy that does not lead to Bitbucket.
func proxyAdvice(err *bitbucket.ProxyError) string {
	switch {
	case len(err.Schemes) > 0:
		return "set HTTPS_PROXY to a proxy on this machine that authenticates for you, such as px or cntlm"
	case err.Status == http.StatusProxyAuthRequired:
		return "set HTTPS_PROXY=http://USER:PASSWORD@" + err.Host +
			", special characters percent-encoded (@ is %40)"
	case err.Status != 0:
		return "have the proxy allow it, or change HTTPS_PROXY; NO_PROXY lists the hosts that need none"
	}
	return "check HTTPS_PROXY, and that the proxy is up; NO_PROXY lists the hosts that need none"
}
