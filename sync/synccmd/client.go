package synccmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// newClient returns the client that the flags describe. Each watcher is called after every request.
func newClient(c call, config bitbucket.Config, watchers ...func(bitbucket.Exchange)) (
	*bitbucket.Client, error) {

	config.BaseURL, config.RootCAs, config.UserAgent = c.String("api-url"), rootCAs(c), userAgent(c)
	config.Trace = func(x bitbucket.Exchange) {
		for _, watch := range watchers {
			watch(x)
		}
	}
	return bitbucket.New(config)
}

// userAgent lets Bitbucket tell the requests of this program, and their version, from others.
func userAgent(c call) string { return "trunkstat/" + c.App.Version }

// verify lists the workspace's repositories and asks for nothing else: an access token may not even ask
// whose it is. It does not wait for the rate limit.
func verify(ctx context.Context, c call, cred bitbucket.Credential,
	workspace string) (bitbucket.Verification, error) {

	client, err := newClient(c, probing(c, cred), (&requestLog{call: c}).exchange, troubleNotice(c, workspace))
	if err != nil {
		return bitbucket.Verification{}, err
	}
	defer client.Close()
	v, err := client.Verify(ctx, workspace)
	switch {
	case err == nil && v.Repositories == 0:
		err = sync.ErrNoResources
	case errors.Is(err, bitbucket.ErrBudgetSpent):
		return v, &command.Error{Code: command.ExitWorkLeft, Hint: "run the same command again later",
			Err: fmt.Errorf("verify the credential of %s: Bitbucket's rate limit is reached", workspace)}
	}
	return v, namedError(err, cred, workspace, c.String("api-url"))
}

// probing returns the configuration of a client that sends a few requests for a user who waits for them: it
// gives up early, and ends at a rate limit instead of waiting for up to an hour.
func probing(c call, cred bitbucket.Credential) bitbucket.Config {
	budget := bitbucket.NewBudget(bitbucket.BudgetConfig{NoWait: true, Now: c.now, Sleep: c.sleep})
	return bitbucket.Config{Credential: cred, Budget: budget, MaxConns: 1, Attempts: 3}
}

// checkConnection returns an error if a flag or a variable about the connection is invalid. It is called
// before a token is asked for, and before a secret is read that the address may not get.
func checkConnection(c call) error {
	if err := bitbucket.CheckBaseURL(c.String("api-url")); err != nil {
		return command.Misuse("--api-url: %v", err)
	}
	if err := c.checkProxy(); err != nil {
		return err
	}
	_, err := readRootCAs(c)
	return err
}

// rootCAs returns the certificates to trust. checkConnection read the file before and reported what is wrong
// with it; if it has become unreadable since, nothing is trusted.
func rootCAs(c call) *x509.CertPool {
	roots, err := readRootCAs(c)
	if err != nil {
		return x509.NewCertPool()
	}
	return roots
}

// readRootCAs returns the system's pool with the certificates of --ca-cert, nil without the flag: then the
// system's are trusted.
func readRootCAs(c call) (*x509.CertPool, error) {
	file := c.String("ca-cert")
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, command.Misuse("--ca-cert: %v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // the system has no pool
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, command.Misuse("--ca-cert: %s holds no certificate in PEM form", file)
	}
	return pool, nil
}

// proxyVariable returns the variable that names a proxy for https ("" if none does) and the proxy's address,
// nil if it is invalid. User and password in the address are masked. net/http ignores an invalid address and
// connects without the proxy.
func (env environment) proxyVariable() (variable string, address *url.URL) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} { // in the order of net/http
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

// checkProxy returns an error if a proxy's address is invalid. The error does not repeat it,
// because it may hold a password.
func (env environment) checkProxy() error {
	if name, address := env.proxyVariable(); name != "" && address == nil {
		return command.Misuse("invalid proxy address in %s; %s", name, proxyForm)
	}
	return nil
}

const proxyForm = "use http://proxy.example.com:3128, with special characters of a password " +
	"percent-encoded (@ is %40)"
