package synccmd

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/sync/bitbucket"
)

// Sources of a credential, as auth status shows them. Scripts compare these words.
const (
	fromEnvironment = "environment" // TRUNKSTAT_TOKEN
	fromCommand     = "command"     // TRUNKSTAT_TOKEN_COMMAND
	fromKeychain    = "keychain"
)

// errNoCredential is wrapped by every error that says that no credential was found. auth status tells it from
// a credential that cannot be read or is refused.
var errNoCredential = errors.New("no credential")

// credential returns the credential for a workspace: that of the environment, of the command named there, or
// of the keychain. The first that is set is the only one used, so a token in the environment touches no
// keychain.
func (conn *connection) credential(workspace string) (bitbucket.Credential, error) {
	switch conn.credentialSource() {
	case fromEnvironment:
		return conn.credentialFrom("TRUNKSTAT_TOKEN", conn.getenv("TRUNKSTAT_TOKEN"))
	case fromKeychain:
		return keychainCredential(conn.call, workspace)
	}
	token, err := conn.tokenOfCommand()
	if err != nil {
		return bitbucket.Credential{}, err
	}
	return conn.credentialFrom("TRUNKSTAT_TOKEN_COMMAND", token)
}

// credentialSource returns where the credential is looked for. It reads no secret and cannot fail, so that
// auth status --offline and doctor can name the source without it.
func (env environment) credentialSource() string {
	switch {
	case env.getenv("TRUNKSTAT_TOKEN") != "":
		return fromEnvironment
	case env.getenv("TRUNKSTAT_TOKEN_COMMAND") != "":
		return fromCommand
	}
	return fromKeychain
}

// credentialFrom makes a credential of a token that the named variable gave. The error names the variables to
// change, because with an e-mail the fault may be in either of two.
func (env environment) credentialFrom(variable, token string) (bitbucket.Credential, error) {
	email := env.getenv("TRUNKSTAT_EMAIL")
	cred, err := bitbucket.NewCredential(email, token)
	if err == nil {
		return cred, nil
	}
	if email != "" {
		variable += " with TRUNKSTAT_EMAIL"
	}
	var hint string
	if errors.Is(err, bitbucket.ErrMissingEmail) {
		hint = "set TRUNKSTAT_EMAIL to the e-mail of that account"
	}
	err = fmt.Errorf("%s: %w", variable, err)
	return cred, &command.Error{Code: command.ExitCredentials, Hint: hint, Err: err}
}

// keychainCredential returns the credential that auth login stored. It is checked again, because what was
// valid then may be refused now, such as an app password.
func keychainCredential(c call, workspace string) (bitbucket.Credential, error) {
	keys, err := openKeychain(c)
	if err != nil {
		return bitbucket.Credential{}, err
	}
	secret, err := keys.Get(c.Context, workspace)
	switch {
	case errors.Is(err, keychain.ErrNotFound):
		return bitbucket.Credential{}, noCredential(workspace)
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

// checkStoredFor returns an error if the token was stored for another API: it is sent to no other. Otherwise
// a TRUNKSTAT_API_URL that another person set would be enough to have it sent to their server. Only the
// spelling of the address may differ, in case and a slash at the end; a token without an address is sent
// nowhere.
func checkStoredFor(secret keychain.Secret, apiURL, workspace string) error {
	if strings.EqualFold(strings.TrimRight(secret.APIURL, "/"), strings.TrimRight(apiURL, "/")) {
		return nil
	}
	return &command.Error{
		Code: command.ExitCredentials,
		Hint: loginHint(workspace) + " --api-url " + apiURL,
		Err: fmt.Errorf("the token of %s in the system keychain was stored for %s, not for %s",
			workspace, cmp.Or(secret.APIURL, "an unknown API"), apiURL),
	}
}

// noCredential returns the error if nothing authenticates for a workspace.
func noCredential(workspace string) error {
	err := errNoCredential
	if workspace != "" {
		err = fmt.Errorf("%w for %s", err, workspace)
	}
	return &command.Error{Code: command.ExitCredentials, Err: err, Hint: loginHint(workspace)}
}

// loginHint returns the command that stores a credential.
func loginHint(workspace string) string {
	return "trunkstat auth login -w " + cmp.Or(workspace, "WORKSPACE")
}

// openKeychain returns the keychain with its time limit. It is longer on a terminal, where the user may have
// to unlock it; without one, a dialog may be open where it is not seen.
func openKeychain(c call) (*keychain.Keychain, error) {
	keys := &keychain.Keychain{
		Items: c.secrets, Getenv: c.getenv, Limit: 5 * time.Second, NoticeAfter: c.noticeAfter,
	}
	if interactive(c) {
		keys.Limit = time.Minute
	}
	if value := c.getenv("TRUNKSTAT_KEYRING_TIMEOUT"); value != "" {
		limit, err := time.ParseDuration(value)
		if err != nil || limit <= 0 {
			return nil, command.Misuse("invalid value %q of TRUNKSTAT_KEYRING_TIMEOUT; use a duration like 90s or 2m",
				value)
		}
		keys.Limit = limit
	}
	keys.Waiting = func() { command.Inform(c.flags, "waiting for the system keychain to be unlocked") }
	return keys, nil
}
