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
	"sync"

	"trunkstat/store/command"
	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// A connection is a command that talks to Bitbucket, with what its flags for that say, which are valid. The
// file of --ca-cert is read once a run, because it may be a pipe, such as <(…) of a shell.
type connection struct {
	call
	ca    []byte         // the certificates of --ca-cert, in PEM form; nil without the flag
	roots *x509.CertPool // the system's pool with ca in it; nil without the flag: the system's

	// tokenOfCommand runs TRUNKSTAT_TOKEN_COMMAND when it is called first, and returns the same ever after.
	// The command may ask for a password, and a user who refused it once must not be asked for each
	// workspace.
	tokenOfCommand func() (string, error)
}

// connect returns an error if a flag or a variable about the connection is invalid. It is called before a
// token is asked for, and before a secret is read that the address may not get.
func connect(c call) (*connection, error) {
	if err := bitbucket.CheckBaseURL(c.String("api-url")); err != nil {
		return nil, command.Misuse("--api-url: %v", err)
	}
	if name, address := c.proxyVariable(); name != "" && address == nil {
		// The address is not repeated, because it may hold a password.
		return nil, command.Misuse("invalid proxy address in %s; %s", name, proxyForm)
	}
	conn := &connection{call: c}
	conn.tokenOfCommand = sync.OnceValues(func() (string, error) { return runTokenCommand(c) })
	file := c.String("ca-cert")
	if file == "" {
		return conn, nil
	}
	var err error
	if conn.ca, err = os.ReadFile(file); err != nil {
		return nil, command.Misuse("--ca-cert: %v", err)
	}
	if conn.roots, err = x509.SystemCertPool(); err != nil { // the system has no pool, as in a bare container
		conn.roots = x509.NewCertPool()
	}
	if !conn.roots.AppendCertsFromPEM(conn.ca) {
		return nil, command.Misuse("--ca-cert: %s holds no certificate in PEM form", file)
	}
	return conn, nil
}

// config returns what the flags say of a client. The version in the user agent lets Bitbucket tell apart the
// requests of a release that sends too many of them.
func (conn *connection) config() bitbucket.Config {
	return bitbucket.Config{
		BaseURL: conn.String("api-url"), RootCAs: conn.roots, UserAgent: "trunkstat/" + conn.App.Version,
	}
}

// probing returns the configuration of a client that sends a few requests for a user who waits for them. It
// ends at a rate limit instead of waiting for up to an hour.
func (conn *connection) probing(cred bitbucket.Credential) bitbucket.Config {
	config := conn.config()
	config.Credential = cred
	config.MaxConns = 1 // its requests come one after the other
	// The two pauses between them, at most 1.5 s together, are enough after a connection that was reset. The
	// five of a sync may take 16 s: a user would think that the program hangs.
	config.Attempts = 3
	config.Budget = bitbucket.NewBudget(bitbucket.BudgetConfig{
		NoWait: true, Now: conn.now, Sleep: conn.sleep,
	})
	return config
}

// verify lists the workspace's repositories and asks for nothing else: an access token may not even ask
// whose it is, and the listing is what a sync begins with. It does not wait for the rate limit. Without a
// repository it returns an error, because a workspace that is empty and one that the credential may not see
// look the same.
func (conn *connection) verify(ctx context.Context, cred bitbucket.Credential, workspace string) (
	bitbucket.Verification, error) {

	config := conn.probing(cred)
	config.Trace = (&requestLog{call: conn.call, workspace: workspace}).exchange
	client, err := bitbucket.New(config)
	if err != nil {
		return bitbucket.Verification{}, err
	}
	defer client.Close()
	v, err := client.Verify(ctx, workspace)
	switch {
	case err == nil && v.Repositories == 0:
		err = engine.ErrNoResources
	case errors.Is(err, bitbucket.ErrBudgetSpent):
		return v, &command.Error{Code: command.ExitWorkLeft, Hint: "run the same command again later",
			Err: fmt.Errorf("verify the credential of %s: Bitbucket's rate limit is reached", workspace)}
	}
	return v, namedError(err, cred, workspace, conn.String("api-url"))
}

// proxyVariable returns the variable that names a proxy for https ("" if none does) and the proxy's address,
// nil if it is invalid. User and password in the address are masked. It is read here besides net/http,
// because net/http ignores an invalid address and connects without the proxy, which a user who set one does
// not expect.
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
		if u.User != nil { // the user too: a token for the proxy may be written in its place
			u.User = url.User("xxxxx")
		}
		return name, &url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	}
	return "", nil
}

// proxyForm is the fix of an invalid address. A / or % in a password is what most often makes it invalid.
const proxyForm = "use http://proxy.example.com:3128, with special characters of a password " +
	"percent-encoded (@ is %40)"
