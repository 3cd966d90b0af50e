package synccmd

import (
	"errors"
	"fmt"
	"net/url"
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

// withCause hides the cause from Error() but keeps it for errors.Is.
type withCause struct {
	error
	cause error
}

func (w *withCause) Unwrap() []error { return []error{w.error, w.cause} }

// errEmptyListing is the cause of no_resources if Bitbucket answers 200: it leaves out what a credential
// may not see, so that an empty listing may stand for anything.
var errEmptyListing = errors.New("the listing is empty")

// tokenKinds is what differs between the kinds of token: their name, the only scope that the program
// requires, as it is called for them, why Bitbucket refuses one, where one is created in a workspace (%s),
// and how curl sends one, as DX writes it.
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
			"https://bitbucket.org/%s/workspace/settings/access-tokens",
		curl: "-H 'Authorization: Bearer YOUR_WORKSPACE_TOKEN'",
	},
}

func kindName(kind bitbucket.Kind) string { return tokenKinds[kind].name }

// answerOf returns the failed request that an error is about, zero if it is about none.
func answerOf(err error) bitbucket.Error {
	if e := (*bitbucket.Error)(nil); errors.As(err, &e) {
		return *e
	}
	return bitbucket.Error{}
}

// namedError gives a failed request for a workspace's repositories the name that DX has for it, a cause,
// and as a hint the curl command that reproduces it. A 404 or 410 must be about the workspace, not about a
// repository. It returns every other error as it is.
func namedError(err error, cred bitbucket.Credential, workspace, apiURL string) error {
	var name error
	var cause string
	kind := tokenKinds[cred.Kind]
	reason := ""
	if bitbucket.IsForbidden(err) { // why Bitbucket refuses any credential (an IP allow list, say)
		reason = strings.TrimSuffix(answerOf(err).Reason, ".")
	}
	switch {
	case err == nil:
		return nil
	case bitbucket.IsUnauthorized(err):
		name, cause = errInvalidCredentials, "Bitbucket refused the "+kind.name+": "+kind.refused
	case reason != "":
		name, cause = errInvalidPermissions, reason
	case bitbucket.IsForbidden(err):
		name, cause = errInvalidPermissions, forbiddenCause(err, cred.Kind, workspace)
	case bitbucket.IsNotFound(err):
		name, cause = errNoResources, "there is no workspace "+workspace+", or the token may not see it"
	case bitbucket.IsGone(err):
		name, cause = errNoResources, "the workspace "+workspace+" was deleted or deactivated"
	case errors.Is(err, errEmptyListing):
		name, cause = errNoResources, "the "+kind.name+" reaches no repository of "+workspace
	default:
		return unreachable(err, apiURL)
	}
	hint := curlCommand(cred.Kind, workspace, apiURL)
	if reason == "" { // a new token would not change the reason
		cause += quoteServer(err)
		hint = fix(name, cred.Kind, workspace) + "\n" + hint
	}
	code := command.ExitCredentials
	if name == errNoResources {
		code = command.ExitNoResources
	}
	return &command.Error{Code: code, Hint: hint, Err: &withCause{fmt.Errorf("%w: %s", name, cause), err}}
}

// forbiddenCause names the scope as it is called for the token's kind; Bitbucket's answer always has the
// name for access tokens.
func forbiddenCause(err error, kind bitbucket.Kind, workspace string) string {
	token, scope := tokenKinds[kind].name, tokenKinds[kind].scope
	if len(answerOf(err).MissingScopes) > 0 {
		return "the " + token + " lacks the scope " + scope
	}
	return "the " + token + " may not list the repositories of " + workspace +
		": it lacks the scope " + scope + ", or its account the permission"
}

// quoteServer quotes the message of Bitbucket's answer, which may name a cause that the status does not.
func quoteServer(err error) string {
	if text := strings.TrimSuffix(answerOf(err).Message, "."); text != "" {
		return " (Bitbucket says: " + text + ")"
	}
	return ""
}

// fix returns what to do about a named failure.
func fix(name error, kind bitbucket.Kind, workspace string) string {
	if name == errNoResources {
		return "in https://bitbucket.org/acme/website the workspace is acme\n" +
			"trunkstat auth status shows what a token reaches"
	}
	return strings.ReplaceAll(tokenKinds[kind].create, "%s", workspace) + "\n" +
		loginHint(workspace) + " (or set TRUNKSTAT_TOKEN)"
}

// unreachable says that no usable answer came, and what helps. It returns other errors as they are.
func unreachable(err error, apiURL string) error {
	place, what := withoutUser(apiURL), answerOf(err).Message
	var text, hint string
	switch {
	case bitbucket.IsNotBitbucket(err):
		if rest, ok := strings.CutPrefix(what, place); ok { // it says what the server there returned
			what = "it" + rest
		}
		text, hint = "what answers at "+place+" is not Bitbucket Cloud: "+what, notBitbucketAdvice
	case bitbucket.IsNetwork(err):
		text, hint = "no connection to "+place+": "+what, networkAdvice(err)
	default:
		return err
	}
	return &command.Error{Code: command.ExitFailed, Hint: hint + "\ntrunkstat doctor",
		Err: &withCause{errors.New(text), err}}
}

const notBitbucketAdvice = "log in to this network with a browser, or check the proxy (HTTPS_PROXY) " +
	"and --api-url"

// curlCommand returns the command of DX's page for the kind of the token. The workspace is the real one;
// the secret and the e-mail are placeholders.
func curlCommand(kind bitbucket.Kind, workspace, apiURL string) string {
	address := strings.TrimRight(withoutUser(apiURL), "/") + "/repositories/" + workspace
	return "curl " + tokenKinds[kind].curl + " -H 'Accept: application/json' " + shellQuote(address)
}

// withoutUser returns a URL without user and password.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "https://api.bitbucket.org/2.0"
	}
	u.User = nil
	return u.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
