package synccmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/sync/bitbucket"
)

// Where a credential came from, as auth status shows it.
const (
	fromEnvironment = "environment" // TRUNKSTAT_TOKEN
	fromCommand     = "command"     // TRUNKSTAT_TOKEN_COMMAND
	fromKeychain    = "keychain"
)

// findCredential finds the credential for a workspace and says where it came from: the
// environment, the command named there, the keychain, in this order. Whatever comes first is
// taken alone; a token in the environment touches no keychain. Nothing secret is read when the
// flags for the connection are wrong.
func findCredential(c *cli.Context, env environment, workspace string) (
	cred bitbucket.Credential, source string, err error) {

	if err := checkConnection(c, env); err != nil {
		return bitbucket.Credential{}, "", err
	}
	source = credentialSource(env)
	switch source {
	case fromEnvironment:
		cred, err = fromToken(env, "TRUNKSTAT_TOKEN", env.getenv("TRUNKSTAT_TOKEN"))
	case fromCommand:
		cred, err = commandCredential(c, env)
	default:
		cred, err = keychainCredential(c, env, workspace)
	}
	return cred, source, err
}

// credentialSource says where findCredential looks.
func credentialSource(env environment) string {
	switch {
	case env.getenv("TRUNKSTAT_TOKEN") != "":
		return fromEnvironment
	case env.getenv("TRUNKSTAT_TOKEN_COMMAND") != "":
		return fromCommand
	}
	return fromKeychain
}

// fromToken makes a credential of a token that came by way of the named variable.
func fromToken(env environment, variable, token string) (bitbucket.Credential, error) {
	cred, err := bitbucket.NewCredential(env.getenv("TRUNKSTAT_EMAIL"), token)
	if env.getenv("TRUNKSTAT_EMAIL") != "" {
		variable += " with TRUNKSTAT_EMAIL"
	}
	if errors.Is(err, bitbucket.ErrMissingEmail) {
		return cred, &command.Error{Code: command.ExitCredentials, Err: fmt.Errorf("%s: %w", variable, err),
			Hint: "set TRUNKSTAT_EMAIL to the e-mail of that account"}
	}
	if err != nil {
		return cred, &command.Error{Code: command.ExitCredentials, Err: fmt.Errorf("%s: %w", variable, err)}
	}
	return cred, nil
}

func commandCredential(c *cli.Context, env environment) (bitbucket.Credential, error) {
	token, err := runTokenCommand(c, env.getenv("TRUNKSTAT_TOKEN_COMMAND"))
	if err != nil {
		return bitbucket.Credential{}, err
	}
	return fromToken(env, "TRUNKSTAT_TOKEN_COMMAND", token)
}

func keychainCredential(c *cli.Context, env environment, workspace string) (
	bitbucket.Credential, error) {

	keys, err := systemKeychain(c, env)
	if err != nil {
		return bitbucket.Credential{}, err
	}
	secret, err := keys.Get(c.Context, workspace)
	switch {
	case errors.Is(err, keychain.ErrNotFound):
		return bitbucket.Credential{}, noCredential(workspace, err)
	case errors.Is(err, context.Canceled):
		return bitbucket.Credential{}, err
	case err != nil:
		return bitbucket.Credential{}, &command.Error{Code: command.ExitCredentials, Err: err}
	}
	if err := checkStoredFor(secret, c.String("api-url"), workspace); err != nil {
		return bitbucket.Credential{}, err
	}
	cred, err := bitbucket.NewCredential(secret.Email, secret.Token())
	if err != nil {
		err = fmt.Errorf("the credential of %s in the system keychain: %w", workspace, err)
		return cred, &command.Error{Code: command.ExitCredentials, Err: err, Hint: loginHint(workspace)}
	}
	return cred, nil
}

// checkStoredFor returns an error if the token was stored for another API: it is sent to no other.
func checkStoredFor(secret keychain.Secret, apiURL, workspace string) error {
	if canonicalURL(secret.APIURL) == canonicalURL(apiURL) {
		return nil
	}
	stored := secret.APIURL
	if stored == "" {
		stored = "an unknown API"
	}
	return &command.Error{
		Code: command.ExitCredentials,
		Hint: loginHint(workspace) + " --api-url " + withoutUser(apiURL),
		Err: fmt.Errorf("the token of %s in the system keychain was stored for %s, not for %s",
			workspace, stored, withoutUser(apiURL)),
	}
}

// canonicalURL returns the form in which two URLs of one API are equal.
func canonicalURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.ToLower(u.Scheme+"://"+u.Host) + strings.TrimRight(u.Path, "/")
}

// keychainError gives an error of a keychain that cannot be used the exit code of missing credentials.
func keychainError(err error) error {
	for _, unusable := range []error{keychain.ErrUnavailable, keychain.ErrLocked, keychain.ErrTimeout} {
		if errors.Is(err, unusable) {
			return &command.Error{Code: command.ExitCredentials, Err: err}
		}
	}
	return err
}

// noCredential is the failure where nothing authenticates for a workspace. The cause may be nil.
func noCredential(workspace string, cause error) error {
	err := errNoCredential
	if workspace != "" {
		err = fmt.Errorf("%w for %s", err, workspace)
	}
	if cause != nil {
		err = &withCause{err, cause}
	}
	return &command.Error{Code: command.ExitCredentials, Err: err, Hint: loginHint(workspace)}
}

// errNoCredential is in the chain of every error that says that nothing was found.
var errNoCredential = errors.New("no credential is known")

func loginHint(workspace string) string {
	if workspace == "" {
		workspace = "WORKSPACE"
	}
	return "trunkstat auth login -w " + workspace
}

// systemKeychain returns the keychain with the patience that fits: somebody who sits at the
// terminal may have to unlock it.
func systemKeychain(c *cli.Context, env environment) (*keychain.Keychain, error) {
	keys := &keychain.Keychain{Items: env.secrets, Getenv: env.getenv, Limit: 5 * time.Second}
	if interactive(c) {
		keys.Limit = time.Minute
	}
	if value := env.getenv("TRUNKSTAT_KEYRING_TIMEOUT"); value != "" {
		limit, err := parseLimit(value)
		if err != nil {
			return nil, err
		}
		keys.Limit = limit
	}
	if !c.Bool("quiet") {
		keys.Waiting = func() {
			command.Notice(c, "waiting for the system keychain to be unlocked")
		}
	}
	return keys, nil
}

// parseLimit reads a positive duration (30s, 2m) or whole seconds.
func parseLimit(value string) (time.Duration, error) {
	limit, err := time.ParseDuration(value)
	if seconds, atoi := strconv.Atoi(value); atoi == nil && seconds < 1e6 {
		limit, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || limit <= 0 {
		return 0, command.Misuse("TRUNKSTAT_KEYRING_TIMEOUT is %q; it takes seconds, or a duration like 90s or 2m",
			value)
	}
	return limit, nil
}
