package synccmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
func findCredential(c *cli.Context, getenv func(string) string, workspace string) (
	cred bitbucket.Credential, source string, err error) {

	if err := checkConnection(c, getenv); err != nil {
		return bitbucket.Credential{}, "", err
	}
	source = credentialSource(getenv)
	switch source {
	case fromEnvironment:
		cred, err = fromToken(getenv, "TRUNKSTAT_TOKEN", getenv("TRUNKSTAT_TOKEN"))
	case fromCommand:
		cred, err = commandCredential(c, getenv)
	default:
		cred, err = keychainCredential(c, getenv, workspace)
	}
	return cred, source, err
}

// credentialSource says where findCredential looks.
func credentialSource(getenv func(string) string) string {
	switch {
	case getenv("TRUNKSTAT_TOKEN") != "":
		return fromEnvironment
	case getenv("TRUNKSTAT_TOKEN_COMMAND") != "":
		return fromCommand
	}
	return fromKeychain
}

// fromToken makes a credential of a token that came by way of the named variable.
func fromToken(getenv func(string) string, variable, token string) (bitbucket.Credential, error) {
	cred, err := bitbucket.NewCredential(getenv("TRUNKSTAT_EMAIL"), token)
	if getenv("TRUNKSTAT_EMAIL") != "" {
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

func commandCredential(c *cli.Context, getenv func(string) string) (bitbucket.Credential, error) {
	token, err := runTokenCommand(c, getenv("TRUNKSTAT_TOKEN_COMMAND"))
	if err != nil {
		return bitbucket.Credential{}, err
	}
	return fromToken(getenv, "TRUNKSTAT_TOKEN_COMMAND", token)
}

func keychainCredential(c *cli.Context, getenv func(string) string, workspace string) (
	bitbucket.Credential, error) {

	keys, err := systemKeychain(c, getenv)
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
	cred, err := bitbucket.NewCredential(secret.Email, secret.Token())
	if err != nil {
		err = fmt.Errorf("the credential of %s in the system keychain: %w", workspace, err)
		return cred, &command.Error{Code: command.ExitCredentials, Err: err, Hint: loginHint(workspace)}
	}
	return cred, nil
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
func systemKeychain(c *cli.Context, getenv func(string) string) (*keychain.Keychain, error) {
	keys := &keychain.Keychain{Getenv: getenv, Limit: 5 * time.Second}
	if interactive(c) {
		keys.Limit = time.Minute
	}
	if value := getenv("TRUNKSTAT_KEYRING_TIMEOUT"); value != "" {
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
