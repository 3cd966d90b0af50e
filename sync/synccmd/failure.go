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

// namedError gives a failed request for a workspace's repositories the name that DX has for it, a cause,
// and as a hint the curl command that reproduces it. A 404 or 410 must be about the workspace, not about a
// repository. It returns every other error as it is.
func namedError(err error, cred bitbucket.Credential, workspace, apiURL string) error {
	var name error
	code, cause := command.ExitCredentials, ""
	switch {
	case err == nil:
		return nil
	case bitbucket.IsUnauthorized(err):
		name, cause = errInvalidCredentials, unauthorizedCause(cred)+quoteServer(err)
	case reasonOf(err) != "":
		name, cause = errInvalidPermissions, strings.TrimSuffix(reasonOf(err), ".")
	case bitbucket.IsForbidden(err):
		name, cause = errInvalidPermissions, forbiddenCause(err, cred, workspace)+quoteServer(err)
	case bitbucket.IsNotFound(err):
		name, code = errNoResources, command.ExitNoResources
		cause = "there is no workspace " + workspace + ", or the token may not see it" + quoteServer(err)
	case bitbucket.IsGone(err):
		name, code = errNoResources, command.ExitNoResources
		cause = "the workspace " + workspace + " was deleted or deactivated" + quoteServer(err)
	case errors.Is(err, errEmptyListing):
		name, code = errNoResources, command.ExitNoResources
		cause = "the " + kindName(cred.Kind) + " reaches no repository of " + workspace
	default:
		return unreachable(err, apiURL)
	}
	hint := curlCommand(cred.Kind, workspace, apiURL)
	if reasonOf(err) == "" {
		hint = fix(name, cred.Kind, workspace) + "\n" + hint
	}
	return &command.Error{Code: code, Hint: hint, Err: &withCause{fmt.Errorf("%w: %s", name, cause), err}}
}

// reasonOf returns why Bitbucket refuses any credential (an IP allow list, say), "" if it does not say so.
func reasonOf(err error) string {
	var answer *bitbucket.Error
	if !bitbucket.IsForbidden(err) || !errors.As(err, &answer) {
		return ""
	}
	return answer.Reason
}

// fix returns what to do about a named failure.
func fix(name error, kind bitbucket.Kind, workspace string) string {
	if name == errNoResources {
		return "in https://bitbucket.org/acme/website the workspace is acme\n" +
			"trunkstat auth status shows what a token reaches"
	}
	create := "create an access token with the scope repository at https://bitbucket.org/" + workspace +
		"/workspace/settings/access-tokens"
	if kind == bitbucket.APIToken {
		create = `create an API token "with scopes", for Bitbucket, with the scope ` + requiredScope(kind) +
			" at https://id.atlassian.com/manage-profile/security/api-tokens"
	}
	return create + "\n" + loginHint(workspace) + " (or set TRUNKSTAT_TOKEN)"
}

// unreachable says that no usable answer came, and what helps. It returns other errors as they are.
func unreachable(err error, apiURL string) error {
	var answer *bitbucket.Error
	if !bitbucket.IsNetwork(err) && !bitbucket.IsNotBitbucket(err) || !errors.As(err, &answer) {
		return err
	}
	place := withoutUser(apiURL)
	text, hint := "no connection to "+place+": "+answer.Message, networkAdvice(err)
	if bitbucket.IsNotBitbucket(err) {
		text, hint = notBitbucket(place, answer), notBitbucketAdvice
	}
	return &command.Error{Code: command.ExitFailed, Hint: hint + "\ntrunkstat doctor",
		Err: &withCause{errors.New(text), err}}
}

// notBitbucket says that another server answered. The message of the answer begins with its address if it
// says what that server returned.
func notBitbucket(place string, answer *bitbucket.Error) string {
	what := answer.Message
	if rest, ok := strings.CutPrefix(what, place); ok {
		what = "it" + rest
	}
	return "what answers at " + place + " is not Bitbucket Cloud: " + what
}

const notBitbucketAdvice = "log in to this network with a browser, or check the proxy (HTTPS_PROXY) " +
	"and --api-url"

func unauthorizedCause(cred bitbucket.Credential) string {
	if cred.Kind == bitbucket.APIToken {
		return "Bitbucket refused the API token: the token or the e-mail is wrong, the token is expired or " +
			"revoked, or it was created without scopes for Bitbucket (as tokens for Jira are)"
	}
	return "Bitbucket refused the access token: it is wrong, expired or revoked, or it is an API token, " +
		"which requires scopes for Bitbucket and an e-mail"
}

// forbiddenCause names the scope as it is called for the token's kind; Bitbucket's answer always has the
// name for access tokens.
func forbiddenCause(err error, cred bitbucket.Credential, workspace string) string {
	token, scope := kindName(cred.Kind), requiredScope(cred.Kind)
	var answer *bitbucket.Error
	if errors.As(err, &answer) && len(answer.MissingScopes) > 0 {
		return "the " + token + " lacks the scope " + scope
	}
	return "the " + token + " may not list the repositories of " + workspace +
		": it lacks the scope " + scope + ", or its account the permission"
}

// requiredScope returns the only scope that the program needs.
func requiredScope(kind bitbucket.Kind) string {
	if kind == bitbucket.APIToken {
		return "read:repository:bitbucket"
	}
	return "repository"
}

func kindName(kind bitbucket.Kind) string {
	if kind == bitbucket.APIToken {
		return "API token"
	}
	return "access token"
}

// quoteServer quotes the message of Bitbucket's answer, which may name a cause that the status does not.
func quoteServer(err error) string {
	var answer *bitbucket.Error
	if !errors.As(err, &answer) || answer.Message == "" {
		return ""
	}
	return fmt.Sprintf(" (Bitbucket says: %s)", strings.TrimSuffix(answer.Message, "."))
}

// curlCommand returns the command of DX's page for the kind of the token. The workspace is the real one;
// the secret and the e-mail are placeholders.
func curlCommand(kind bitbucket.Kind, workspace, apiURL string) string {
	auth := "-H 'Authorization: Bearer YOUR_WORKSPACE_TOKEN'"
	if kind == bitbucket.APIToken {
		auth = "-u ATLASSIAN_ACCOUNT_EMAIL:API_TOKEN"
	}
	address := strings.TrimRight(withoutUser(apiURL), "/") + "/repositories/" + workspace
	return "curl " + auth + " -H 'Accept: application/json' " + shellQuote(address)
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
