package synccmd

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// The names that DX gives to what can be wrong with a connection. An error with one of them has the name
// at the beginning of its text, and wraps it.
var (
	errInvalidCredentials = errors.New("invalid_credentials")
	errInvalidPermissions = errors.New("invalid_permissions")
	errNamedNoResources   = errors.New("no_resources")
)

// withCause hides the cause from Error() but keeps it for errors.Is.
type withCause struct {
	error
	cause error
}

func (w *withCause) Unwrap() []error { return []error{w.error, w.cause} }

// errNoRepositories is the cause of no_resources where Bitbucket answers 200: it leaves out what a
// credential may not see, so an empty listing is all one gets to know.
var errNoRepositories = errors.New("the listing is empty")

// namedError gives an answer to the question for a workspace's repositories the name that DX has
// for it, the cause in a sentence, and as a hint the curl command that shows the same. 404 and
// 410 must be the workspace's own, not a repository's. Every other error is returned as it is.
func namedError(err error, cred bitbucket.Credential, workspace, apiURL string) error {
	code, cause := command.ExitCredentials, ""
	var name error
	switch {
	case err == nil:
		return nil
	case bitbucket.IsUnauthorized(err):
		name, cause = errInvalidCredentials, unauthorizedCause(cred)
	case bitbucket.IsForbidden(err):
		name, cause = errInvalidPermissions, forbiddenCause(err, cred, workspace)
	case bitbucket.IsNotFound(err):
		name, code = errNamedNoResources, command.ExitNoResources
		cause = "there is no workspace " + workspace + ", or the token may not see it"
	case bitbucket.IsGone(err):
		name, code = errNamedNoResources, command.ExitNoResources
		cause = "the workspace " + workspace + " is gone or was deactivated"
	case errors.Is(err, errNoRepositories):
		name, code = errNamedNoResources, command.ExitNoResources
		cause = "the " + kindWords(cred.Kind) + " reaches no repository of " + workspace
	default:
		return unreachable(err, apiURL)
	}
	return &command.Error{
		Code: code,
		Hint: fix(name, cred.Kind, workspace) + "\n" + curlCommand(cred.Kind, workspace, apiURL),
		Err:  &withCause{fmt.Errorf("%w: %s%s", name, cause, serverSays(err)), err},
	}
}

// fix is what to do about a named failure.
func fix(name error, kind bitbucket.Kind, workspace string) string {
	if name == errNamedNoResources {
		return "in https://bitbucket.org/acme/website the workspace is acme; trunkstat auth status shows what a token reaches"
	}
	where := "create an access token with the scope repository at https://bitbucket.org/" + workspace +
		"/workspace/settings/access-tokens"
	if kind == bitbucket.APIToken {
		where = `create an API token "with scopes", for Bitbucket, with the scope ` + requiredScope(kind) +
			" at https://id.atlassian.com/manage-profile/security/api-tokens"
	}
	return where + "\n" + loginHint(workspace) + " (or set TRUNKSTAT_TOKEN)"
}

// unreachable says where no usable answer came from, and what helps. Other errors are returned as
// they are.
func unreachable(err error, apiURL string) error {
	var answer *bitbucket.Error
	if !bitbucket.IsNetwork(err) && !bitbucket.IsNotBitbucket(err) || !errors.As(err, &answer) {
		return err
	}
	place := withoutUser(apiURL)
	text := "no connection to " + place + ": " + answer.Message
	hint := networkAdvice(err)
	if answer.NotBitbucket || answer.NotJSON && answer.Err == nil {
		text = "what answers at " + place + " is not Bitbucket, but a page of HTML or the like"
		hint = "log in to this network with a browser, or check the proxy and --api-url"
	}
	return &command.Error{Code: command.ExitFailed, Err: &withCause{errors.New(text), err}, Hint: hint + "\ntrunkstat doctor"}
}

func unauthorizedCause(cred bitbucket.Credential) string {
	if cred.Kind == bitbucket.APIToken {
		return "Bitbucket does not accept the API token with this e-mail: one of the two is wrong, " +
			"the token is expired or revoked, or it was not created with scopes for Bitbucket " +
			"(as tokens for Jira are)"
	}
	return "Bitbucket does not accept the access token: it is wrong, expired or revoked, or it is " +
		"an API token, which must be created with scopes for Bitbucket and needs its e-mail"
}

// forbiddenCause names the scope in the words of the token's kind; Bitbucket's answer always has
// those of access tokens.
func forbiddenCause(err error, cred bitbucket.Credential, workspace string) string {
	token, scope := kindWords(cred.Kind), requiredScope(cred.Kind)
	var answer *bitbucket.Error
	if errors.As(err, &answer) && len(answer.MissingScopes) > 0 {
		return "the " + token + " lacks the scope " + scope + "; create one that has it"
	}
	return "the " + token + " may not list the repositories of " + workspace +
		": it lacks the scope " + scope + ", or its account the permission"
}

// requiredScope is the only scope the program needs.
func requiredScope(kind bitbucket.Kind) string {
	if kind == bitbucket.APIToken {
		return "read:repository:bitbucket"
	}
	return "repository"
}

func kindWords(kind bitbucket.Kind) string {
	if kind == bitbucket.APIToken {
		return "API token"
	}
	return "access token"
}

// serverSays quotes Bitbucket, whose own words name causes that a status does not: an address
// that is not on the allow list, a plan without the feature.
func serverSays(err error) string {
	var answer *bitbucket.Error
	if !errors.As(err, &answer) {
		return ""
	}
	message := strings.Join(strings.Fields(store.Clean(answer.Message)), " ")
	message = strings.TrimSuffix(message, ".")
	if message == "" {
		return ""
	}
	const most = 200
	if utf8.RuneCountInString(message) > most {
		message = string([]rune(message)[:most]) + "…"
	}
	return fmt.Sprintf(" (Bitbucket says: %s)", message)
}

// curlCommand is the command of DX's page for the method in use: the workspace is the real one,
// the secret and the e-mail are placeholders.
func curlCommand(kind bitbucket.Kind, workspace, apiURL string) string {
	auth := "-H 'Authorization: Bearer YOUR_WORKSPACE_TOKEN'"
	if kind == bitbucket.APIToken {
		auth = "-u ATLASSIAN_ACCOUNT_EMAIL:API_TOKEN"
	}
	address := strings.TrimRight(withoutUser(apiURL), "/") + "/repositories/" + workspace
	return "curl " + auth + " -H 'Accept: application/json' " + shellQuote(address)
}

// withoutUser drops a user name and password from a URL.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "https://api.bitbucket.org/2.0"
	}
	u.User = nil
	return u.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
