package synccmd

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"trunkstat/store/command"
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

// A requestLog writes a line for each request to stderr, with --verbose only. It names repositories by
// their slugs, as far as it was told; requests name them by their UUIDs.
type requestLog struct {
	call
	slugs sync.Map // by UUID; walks tell theirs while others send requests
}

// name tells the slug of a repository.
func (l *requestLog) name(uuid, slug string) { l.slugs.Store(uuid, slug) }

// maxLogLine is how many characters of a request's line are printed: slugs have up to 100, and the reason of
// a failure comes behind them.
const maxLogLine = 200

// exchange prints the line of one request. The query is left out: it is as long as a URL may be, and its
// hashes say nothing to the user.
func (l *requestLog) exchange(x bitbucket.Exchange) {
	if !l.Bool("verbose") {
		return
	}
	parts := strings.Split(x.Path, "/") // "", repositories, workspace, repository, …
	if len(parts) > 3 {
		if slug, ok := l.slugs.Load(parts[3]); ok {
			parts[3] = slug.(string)
		}
	}
	line := x.Method + " " + strings.Join(parts, "/")
	if x.Page > 1 {
		line += fmt.Sprintf(" (page %d)", x.Page)
	}
	if x.Status == 0 {
		line += fmt.Sprintf(": no answer: %v", x.Err)
	} else {
		line += fmt.Sprintf(": %d", x.Status)
	}
	if x.Attempt > 1 {
		line += fmt.Sprintf(" (attempt %d)", x.Attempt)
	}
	line += fmt.Sprintf(" in %v", x.Duration.Round(time.Millisecond))
	command.Notice(l.flags, "%s", fit(line, maxLogLine))
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

// rootCAs returns the certificates to trust. checkConnection read the file before.
func rootCAs(c call) *x509.CertPool {
	roots, _ := readRootCAs(c)
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
