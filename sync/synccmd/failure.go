package synccmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// The names that DX gives to what can be wrong with a connection. The text of an error that wraps one of
// them begins with it.
var (
	errInvalidCredentials = errors.New("invalid_credentials")
	errInvalidPermissions = errors.New("invalid_permissions")
	errNoResources        = errors.New("no_resources")
)

// errEmptyListing is the cause of no_resources if Bitbucket answers 200: it leaves out what a credential
// may not see, so that an empty listing may stand for anything.
var errEmptyListing = errors.New("the listing is empty")

// A failure is a way in which a request for a workspace's repositories fails. Words in braces in its text
// and hint stand for what differs from case to case; see namedError.
type failure struct {
	matches    func(error) bool
	name       error // nil: DX has no name for it
	code       int
	text, hint string
}

// failures are all that have a text of their own; the first that matches counts.
var failures = []failure{
	{bitbucket.IsUnauthorized, errInvalidCredentials, command.ExitCredentials,
		"Bitbucket refused the {token}: {refused}{says}", hintNewToken},
	{isForbiddenToAll, errInvalidPermissions, command.ExitCredentials,
		"{reason}", "{curl}"},
	{lacksScope, errInvalidPermissions, command.ExitCredentials,
		"the {token} lacks the scope {scope}{says}", hintNewToken},
	{bitbucket.IsForbidden, errInvalidPermissions, command.ExitCredentials,
		"the {token} may not list the repositories of {workspace}: it lacks the scope {scope}, or its account " +
			"the permission{says}", hintNewToken},
	{bitbucket.IsNotFound, errNoResources, command.ExitNoResources,
		"there is no workspace {workspace}, or the token may not see it{says}", hintOtherWorkspace},
	{bitbucket.IsGone, errNoResources, command.ExitNoResources,
		"the workspace {workspace} was deleted or deactivated{says}", hintOtherWorkspace},
	{isEmptyListing, errNoResources, command.ExitNoResources,
		"the {token} reaches no repository of {workspace}", hintOtherWorkspace},
	{bitbucket.IsNotBitbucket, nil, command.ExitFailed,
		"what answers at {url} is not Bitbucket Cloud: {message}", notBitbucketAdvice + "\ntrunkstat doctor"},
	{bitbucket.IsNetwork, nil, command.ExitFailed,
		"no connection to {url}: {message}", "{network}\ntrunkstat doctor"},
}

const (
	hintNewToken       = "{create}\n{login} (or set TRUNKSTAT_TOKEN)\n{curl}"
	hintOtherWorkspace = "in https://bitbucket.org/acme/website the workspace is acme\n" +
		"trunkstat auth status shows what a token reaches\n{curl}"
	notBitbucketAdvice = "log in to this network with a browser, or check the proxy (HTTPS_PROXY) and --api-url"
)

// isForbiddenToAll reports a refusal that a new token would not change, such as by an IP allow list.
func isForbiddenToAll(err error) bool {
	return bitbucket.IsForbidden(err) && answerOf(err).Reason != ""
}

func lacksScope(err error) bool {
	return bitbucket.IsForbidden(err) && len(answerOf(err).MissingScopes) > 0
}

func isEmptyListing(err error) bool { return errors.Is(err, errEmptyListing) }

// tokenKinds is what differs between the kinds of token: their name, the only scope that the program
// requires, as it is called for them (Bitbucket's answers always have the name for access tokens), why
// Bitbucket refuses one, where one is created, and how curl sends one, as DX writes it.
var tokenKinds = map[bitbucket.Kind]struct{ name, scope, refused, create, curl string }{
	bitbucket.APIToken: {
		name:  "API token",
		scope: "read:repository:bitbucket",
		refused: "the token or the e-mail is wrong, the token is expired or revoked, or it was created " +
			"without scopes for Bitbucket (as tokens for Jira are)",
		create: `create an API token "with scopes", for Bitbucket, with the scope ` +
			"read:repository:bitbucket at https://id.atlassian.com/manage-profile/security/api-tokens",
		curl: "-u ATLASSIAN_ACCOUNT_EMAIL:API_TOKEN",
	},
	bitbucket.AccessToken: {
		name:  "access token",
		scope: "repository",
		refused: "it is wrong, expired or revoked, or it is an API token, which requires scopes for " +
			"Bitbucket and an e-mail",
		create: "create an access token with the scope repository at " +
			"https://bitbucket.org/{workspace}/workspace/settings/access-tokens",
		curl: "-H 'Authorization: Bearer YOUR_WORKSPACE_TOKEN'",
	},
}

func kindName(kind bitbucket.Kind) string { return tokenKinds[kind].name }

// namedError describes a failed request for a workspace's repositories: with DX's name for it, if there is
// one, its cause, and what to do. A 404 or 410 must be about the workspace, not about a repository. It
// returns every other error as it is.
func namedError(err error, cred bitbucket.Credential, workspace, apiURL string) error {
	i := slices.IndexFunc(failures, func(f failure) bool { return f.matches(err) })
	if i < 0 {
		return err
	}
	f, kind, answer, place := failures[i], tokenKinds[cred.Kind], answerOf(err), apiURL
	says := strings.TrimSuffix(answer.Message, ".")
	if says != "" {
		says = " (Bitbucket says: " + says + ")"
	}
	fill := strings.NewReplacer(
		"{token}", kind.name, "{scope}", kind.scope, "{refused}", kind.refused,
		"{create}", strings.ReplaceAll(kind.create, "{workspace}", workspace),
		"{login}", loginHint(workspace), "{curl}", curlCommand(cred.Kind, workspace, apiURL),
		"{workspace}", workspace, "{url}", place, "{network}", networkAdvice(err),
		"{says}", says, "{reason}", strings.TrimSuffix(answer.Reason, "."),
		"{message}", strings.Replace(answer.Message, place+" returned", "it returned", 1),
	).Replace
	text := errors.New(fill(f.text))
	if f.name != nil {
		text = fmt.Errorf("%w: %w", f.name, text)
	}
	return &command.Error{Code: f.code, Hint: fill(f.hint), Err: &withCause{text, err}}
}

// networkAdvice returns what to do about the usual reasons for which no answer comes.
func networkAdvice(err error) string {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		name      *net.DNSError
		proxy     *bitbucket.ProxyError
	)
	switch {
	case errors.As(err, &authority):
		return "trust the certificate of your company's proxy with --ca-cert FILE"
	case errors.As(err, &hostname):
		return "check --api-url: the certificate is for another host"
	case errors.As(err, &invalid):
		return "check the clock: a certificate is valid for a limited time"
	case errors.As(err, &proxy):
		return proxyAdvice(proxy)
	case errors.As(err, &name):
		return "check --api-url, the network and its name servers"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return "check the network; a firewall may drop the connection, or require a proxy (HTTPS_PROXY)"
	}
	return "check --api-url, the network and the proxy (HTTPS_PROXY)"
}

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

// withCause hides the cause from Error() but keeps it for errors.Is.
type withCause struct {
	error
	cause error
}

func (w *withCause) Unwrap() []error { return []error{w.error, w.cause} }

// answerOf returns the failed request that an error is about, zero if it is about none.
func answerOf(err error) bitbucket.Error {
	if e := (*bitbucket.Error)(nil); errors.As(err, &e) {
		return *e
	}
	return bitbucket.Error{}
}

// curlCommand returns the command of DX's page for the kind of the token. The workspace is the real one;
// the secret and the e-mail are placeholders.
func curlCommand(kind bitbucket.Kind, workspace, apiURL string) string {
	address := strings.TrimRight(apiURL, "/") + "/repositories/" + workspace
	return "curl " + tokenKinds[kind].curl + " -H 'Accept: application/json' " + shellQuote(address)
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
