package synccmd

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// proxyOf is the variable of the environment that names a proxy for https, "" where none does, and
// the address it names, nil where that is none; a user and a password are masked in it. net/http
// passes over what is no address without a word, and would do without the proxy.
func proxyOf(env environment) (variable string, address *url.URL) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		value := env.getenv(name)
		if value == "" {
			continue
		}
		if !strings.Contains(value, "://") { // as net/http takes it
			value = "http://" + value
		}
		u, err := url.Parse(value)
		if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
			return name, nil
		}
		if u.User != nil {
			u.User = url.User("xxxxx")
		}
		return name, &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	}
	return "", nil
}

// checkProxyVariable refuses a proxy that is no address.
func checkProxyVariable(env environment) error {
	if name, address := proxyOf(env); name != "" && address == nil {
		return command.Misuse("%s is not a proxy's address: %s", name, proxyForm)
	}
	return nil
}

const proxyForm = "write it like http://proxy.example.com:3128, special characters of a password percent-encoded (@ is %40)"

// proxyAdvice is what to do about a proxy that lets nothing through.
func proxyAdvice(err *bitbucket.ProxyError) string {
	switch {
	case len(err.Schemes) > 0:
		return "set HTTPS_PROXY to a proxy on this machine that authenticates for you, such as px or cntlm"
	case err.Status == http.StatusProxyAuthRequired:
		return "set HTTPS_PROXY=http://USER:PASSWORD@" + err.Host + ", special characters percent-encoded (@ is %40)"
	case err.Status != 0:
		return "have the proxy allow it, or set HTTPS_PROXY to another; NO_PROXY names the hosts that need none"
	}
	return "check HTTPS_PROXY, and that the proxy is up; NO_PROXY names the hosts that need none"
}
