package synccmd

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"trunkstat/store/command"
	"trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// The names that DX gives to what can be wrong with a connection. The text of an error that wraps one of
// them begins with it.
var (
	errInvalidCredentials = errors.New("invalid_credentials")
	errInvalidPermissions = errors.New("invalid_permissions")
	errNoResources        = errors.New("no_resources")
)

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

// namedError describes a failed request for a workspace's repositories: with DX's name for it, if there is
// one, its cause, and what to do. A 404 or 410 must be about the workspace, not about a repository. It
// returns every other error as it is.
//
// The hints end with a curl command, because it tells a fault of the credential from one of this program, and
// can be sent to an administrator, who may not have the program.
func namedError(err error, cred bitbucket.Credential, workspace, apiURL string) error {
	kind, answer := tokenKinds[cred.Kind], answerOf(err)
	says := ""
	if answer.Message != "" {
		says = " (Bitbucket says: " + strings.TrimSuffix(answer.Message, ".") + ")"
	}
	curl := curlCommand(cred.Kind, workspace, apiURL)
	newToken := strings.ReplaceAll(kind.create, "{workspace}", workspace) + "\n" + loginHint(workspace) +
		" (or set TRUNKSTAT_TOKEN)\n" + curl
	otherWorkspace := "in https://bitbucket.org/acme/website the workspace is acme\n" +
		"trunkstat auth status shows what a token reaches\n" + curl
	switch forbidden := bitbucket.IsForbidden(err); {
	case bitbucket.IsUnauthorized(err):
		return named(errInvalidCredentials, newToken,
			"Bitbucket refused the "+kind.name+": "+kind.refused+says)
	case forbidden && answer.Reason != "": // such as an IP allow list, which no other token would pass
		return named(errInvalidPermissions, curl, strings.TrimSuffix(answer.Reason, "."))
	case forbidden && len(answer.MissingScopes) > 0:
		return named(errInvalidPermissions, newToken, "the "+kind.name+" lacks the scope "+kind.scope+says)
	case forbidden:
		return named(errInvalidPermissions, newToken, "the "+kind.name+" may not list the repositories of "+
			workspace+": it lacks the scope "+kind.scope+", or its account the permission"+says)
	case bitbucket.IsNotFound(err):
		return named(errNoResources, otherWorkspace,
			"there is no workspace "+workspace+", or the token may not see it"+says)
	case bitbucket.IsGone(err):
		return named(errNoResources, otherWorkspace,
			"the workspace "+workspace+" was deleted or deactivated"+says)
	case errors.Is(err, sync.ErrNoResources): // a listing leaves out what the credential may not see
		return named(errNoResources, otherWorkspace, "the "+kind.name+" reaches no repository of "+workspace)
	}
	return connectionError(err, apiURL)
}

// named returns an error whose text begins with DX's name for it, and which has the name's exit code. A user
// finds the name on DX's pages about connections.
func named(name error, hint, text string) error {
	code := command.ExitCredentials
	if name == errNoResources {
		code = command.ExitNoResources
	}
	return &command.Error{Code: code, Hint: hint, Err: fmt.Errorf("%w: %s", name, text)}
}

// connectionError describes an error if it was not Bitbucket that answered, or if nothing did. It advises no
// new token: the credential was not looked at.
func connectionError(err error, apiURL string) error {
	switch message := answerOf(err).Message; {
	case bitbucket.IsNotBitbucket(err):
		return &command.Error{Code: command.ExitFailed, Hint: notBitbucketAdvice + "\ntrunkstat doctor",
			Err: fmt.Errorf("what answers at %s is not Bitbucket Cloud: %s", apiURL,
				strings.Replace(message, apiURL+" returned", "it returned", 1))} // the address once
	case bitbucket.IsNetwork(err):
		return &command.Error{Code: command.ExitFailed, Hint: networkAdvice(err) + "\ntrunkstat doctor",
			Err: fmt.Errorf("no connection to %s: %s", apiURL, message)}
	}
	return err
}

// notBitbucketAdvice names what mostly answers in Bitbucket's place: a network that wants a login, and a
// proxy.
const notBitbucketAdvice = "log in to this network with a browser, " +
	"or check the proxy (HTTPS_PROXY) and --api-url"

// networkAdvice returns what to do about the usual reasons for which no answer comes. An unknown authority is
// mostly a company's proxy that opens TLS, and a certificate that is not valid now is mostly a wrong clock:
// Bitbucket's own certificates are renewed in time.
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
	}
	return "check --api-url, the network and the proxy (HTTPS_PROXY)"
}

// proxyAdvice returns what to do about a proxy that does not lead to Bitbucket.
func proxyAdvice(err *bitbucket.ProxyError) string {
	switch {
	case len(err.Schemes) > 0: // such as NTLM, which net/http does not have
		return "set HTTPS_PROXY to a proxy on this machine that authenticates for you, such as px or cntlm"
	case err.Status == http.StatusProxyAuthRequired:
		return "set HTTPS_PROXY=http://USER:PASSWORD@" + err.Host +
			", special characters percent-encoded (@ is %40)"
	case err.Status != 0:
		return "have the proxy allow it, or change HTTPS_PROXY; NO_PROXY lists the hosts that need none"
	}
	return "check HTTPS_PROXY, and that the proxy is up; NO_PROXY lists the hosts that need none"
}

// answerOf returns the failed request that an error is about, zero if it is about none.
func answerOf(err error) bitbucket.Error {
	if e := (*bitbucket.Error)(nil); errors.As(err, &e) {
		return *e
	}
	return bitbucket.Error{}
}

// curlCommand returns the command of DX's page for the kind of the token. The workspace is the real one;
// the secret and the e-mail are placeholders, because a hint ends up in logs and tickets.
func curlCommand(kind bitbucket.Kind, workspace, apiURL string) string {
	address := strings.TrimRight(apiURL, "/") + "/repositories/" + workspace
	return "curl " + tokenKinds[kind].curl + " -H 'Accept: application/json' " + shellQuote(address)
}

// shellQuote quotes a text for a POSIX shell: an address of --api-url may hold what a shell would evaluate.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
