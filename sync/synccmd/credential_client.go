package synccmd

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// newClient makes the client that the flags describe. With --verbose it writes a line for each
// request to stderr. Those who watch are told of each as well.
func newClient(c *cli.Context, cred bitbucket.Credential, budget *bitbucket.Budget, jobs, attempts int,
	watch ...func(bitbucket.Exchange)) (*bitbucket.Client, error) {

	roots, err := rootCAs(c)
	if err != nil {
		return nil, err
	}
	config := bitbucket.Config{
		BaseURL:    c.String("api-url"),
		Credential: cred,
		RootCAs:    roots,
		UserAgent:  userAgent(c),
		MaxConns:   jobs,
		Attempts:   attempts,
		Budget:     budget,
	}
	if c.Bool("verbose") {
		watch = append(watch, tracer(c))
	}
	config.Trace = func(x bitbucket.Exchange) {
		for _, see := range watch {
			see(x)
		}
	}
	return bitbucket.New(config)
}

func userAgent(c *cli.Context) string { return "trunkstat/" + c.App.Version }

// tracer writes a line for each exchange; walkers call it at the same time.
func tracer(c *cli.Context) func(bitbucket.Exchange) {
	var mu sync.Mutex
	return func(x bitbucket.Exchange) {
		answer := fmt.Sprint(x.Status)
		if x.Status == 0 {
			answer = fmt.Sprintf("no answer: %v", x.Err)
		}
		path := x.Path
		if x.Page > 1 {
			path += fmt.Sprintf(" (page %d)", x.Page)
		}
		if x.Attempt > 1 {
			answer += fmt.Sprintf(" (attempt %d)", x.Attempt)
		}
		mu.Lock()
		defer mu.Unlock()
		command.Notice(c, "%s %s: %s in %v", x.Method, path, answer, x.Duration.Round(time.Millisecond))
	}
}

// checkConnection refuses flags and variables for the connection that cannot be right, so that nobody types
// a token for nothing, and no secret is read for an address it may not be sent to.
func checkConnection(c *cli.Context, env environment) error {
	if err := cmp.Or(checkAPIURL(c), checkProxyVariable(env)); err != nil {
		return err
	}
	_, err := rootCAs(c)
	return err
}

// checkAPIURL refuses an address to which the credential must not be sent.
func checkAPIURL(c *cli.Context) error {
	if err := bitbucket.CheckBaseURL(c.String("api-url")); err != nil {
		return command.Misuse("--api-url: %v", err)
	}
	return nil
}

// rootCAs is the system's pool with the certificates of --ca-cert, nil without the flag.
func rootCAs(c *cli.Context) (*x509.CertPool, error) {
	file := c.String("ca-cert")
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, command.Misuse("--ca-cert: %v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // there is none: the file has to do
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, command.Misuse("--ca-cert: %s holds no certificate in PEM form", file)
	}
	return pool, nil
}
