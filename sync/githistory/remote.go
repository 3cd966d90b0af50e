package githistory

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// The users that Bitbucket expects in front of a token over https.
const (
	AccessTokenUser = "x-token-auth"
	APITokenUser    = "x-bitbucket-api-token-auth" // the e-mail of the account is refused
)

// A Remote is a repository on a git server.
type Remote struct {
	URL    string        // without a user
	User   string        // AccessTokenUser or APITokenUser; empty: no credential is sent
	Token  func() string // a function, because fmt shows no more of it than an address
	CAFile string        // certificates to trust beside the system's; empty: none
}

// check refuses a URL that would send the credential in the clear, or in a place where it is printed.
func (r Remote) check() (*url.URL, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return nil, errors.New("the URL of the git server is not valid")
	case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
		return nil, ErrPlainHTTP
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// authorization returns the value of the header Authorization, "" without a credential.
func (r Remote) authorization() string {
	if r.User == "" || r.Token == nil || r.Token() == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(r.User+":"+r.Token()))
}

// redact takes the credential out of an error, however it came there.
func (r Remote) redact(err error) error {
	header := r.authorization()
	if header == "" {
		return err
	}
	basic := strings.TrimPrefix(header, "Basic ")
	text := strings.NewReplacer(r.Token(), "[redacted]", basic, "[redacted]").Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return withCause(errors.New(text))
}

// OffersFilter asks a server whether it makes treeless packs of a repository. One that does not ignores
// the filter and sends all files.
func OffersFilter(ctx context.Context, client *http.Client, remote Remote) (bool, error) {
	if _, err := remote.check(); err != nil {
		return false, err
	}
	offers, err := remote.askFilter(ctx, client)
	switch {
	case err == nil:
		return offers, nil
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	}
	return false, fmt.Errorf("ask %s for its filters: %w", remote.URL, remote.redact(err))
}

// filterLine is how a server names its filters in version 2 of the protocol, behind four digits for the
// length of the line. A server of older versions only counts as one without filters.
var filterLine = regexp.MustCompile(`(?m)^.{4}fetch=(.* )?filter( .*)?$`)

const maxAdvertisement = 1 << 16 // bytes; one of version 2 has some hundred

func (r Remote) askFilter(ctx context.Context, client *http.Client) (bool, error) {
	address := r.URL + "/info/refs?service=git-upload-pack"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Git-Protocol", "version=2")
	if header := r.authorization(); header != "" {
		req.Header.Set("Authorization", header)
	}
	direct := *client // a redirect is not followed, because it leads to the page of a sign-on
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(req)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrNetwork, errors.Unwrap(err)) // its outside repeats the address
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return false, withCause(fmt.Errorf("the server returned error: %s", resp.Status))
	case resp.Header.Get("Content-Type") != "application/x-git-upload-pack-advertisement":
		return false, ErrNotGit
	}
	advertisement, err := io.ReadAll(io.LimitReader(resp.Body, maxAdvertisement))
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	return filterLine.Match(advertisement), nil
}
