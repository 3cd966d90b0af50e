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
	"time"
)

// The users that Bitbucket expects in front of a token over https.
const (
	AccessTokenUser = "x-token-auth"
	APITokenUser    = "x-bitbucket-api-token-auth" // the e-mail of the account is refused
)

// A Remote is a repository on a git server.
type Remote struct {
	URL   string        // without a user
	User  string        // AccessTokenUser or APITokenUser; empty: no credential is sent
	Token func() string // a function, because fmt shows no more of it than an address
	CAs   []byte        // certificates in PEM form that git trusts beside the system's; nil: none

	// Transport asks the server for its filters, which git has no command for.
	Transport http.RoundTripper
}

// ErrUnreadable is returned by OffersFilter and Fetch where the server has no such repository or branch, or
// the credential may not read it: that concerns this repository alone.
var ErrUnreadable = errors.New("the git server has no such repository or branch, or forbids to read it")

// check refuses a URL that would send the credential in the clear, or in a place where it is printed.
func (r Remote) check() error {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || u.User != nil ||
		u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return errors.New("git needs an https URL without a user; plain http is for loopback addresses only")
	}
	return nil
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

// redact takes the credential out of an error, however it came there: git shows URLs and what servers say,
// and a server may repeat the header.
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
	return errors.New(text)
}

// OffersFilter asks a server whether it makes treeless packs of a repository. One that does not ignores
// the filter and sends all files.
func OffersFilter(ctx context.Context, remote Remote) (bool, error) {
	if err := remote.check(); err != nil {
		return false, err
	}
	asking, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	advertisement, err := remote.advertisement(asking)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err != nil && asking.Err() != nil {
		err = fmt.Errorf("no whole answer in %v", answerTimeout)
	}
	if err != nil {
		return false, fmt.Errorf("ask %s for its filters: %w", remote.URL, remote.redact(err))
	}
	return filterLine.Match(advertisement), nil
}

// filterLine is how a server names its filters in version 2 of the protocol, behind four digits for the
// length of the line: "0027fetch=shallow wait-for-done filter". A server of older versions only counts as
// one without filters.
var filterLine = regexp.MustCompile(`(?m)^.{4}fetch=(.* )?filter( .*)?$`)

const (
	advertisementType = "application/x-git-upload-pack-advertisement"
	maxAdvertisement  = 1 << 16 // bytes; one of version 2 has some hundred

	// answerTimeout is how long a server may take for an advertisement, as long as git may wait for a byte.
	answerTimeout = time.Minute
)

// advertisement asks for what the server can do. Errors have the number of a status and not its text, which
// the server may write as it likes.
func (r Remote) advertisement(ctx context.Context) ([]byte, error) {
	address := r.URL + "/info/refs?service=git-upload-pack"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Git-Protocol", "version=2")
	if header := r.authorization(); header != "" {
		req.Header.Set("Authorization", header)
	}
	// A transport follows no redirect, which leads to the page of a sign-on, and its errors repeat no
	// address.
	resp, err := r.Transport.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("the git server does not answer: %w", err)
	}
	defer resp.Body.Close()
	status := fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		return nil, errors.New("the git server refuses the credential (401)")
	case code == http.StatusForbidden || code == http.StatusNotFound || code == http.StatusGone:
		return nil, fmt.Errorf("%w: %s", ErrUnreadable, status)
	case code >= 400:
		return nil, errors.New("the git server does not answer: " + status)
	case code != http.StatusOK || resp.Header.Get("Content-Type") != advertisementType:
		return nil, errors.New("what answers is not a git server")
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxAdvertisement))
}
