package synccmd

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/sync/bitbucket"
)

// loginCommand returns auth login. It has no flag for the token: every user of the machine could read it in
// the list of processes.
func loginCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "verify a credential and store or replace it",
		// Not empty, so that prepareLogin gets an argument: it may be a token, and must not be repeated.
		ArgsUsage: " ",
		Description: `Asks for what is missing: the workspace (unless only one is stored), the
token (which is not shown), the e-mail of an API token. Nothing is stored if
Bitbucket refuses the credential. Replacing a credential keeps its label.

   trunkstat auth login -w acme
   trunkstat auth login -w acme --with-token < token.txt
   pass show bitbucket | head -n 1 |
      trunkstat auth login -w acme --email me@example.com --with-token

TRUNKSTAT_KEYRING_TIMEOUT limits the wait for the keychain (60s on a
terminal).`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "email", Usage: "`E-MAIL` of the Atlassian account of an API token"},
			&cli.StringFlag{Name: "label", Usage: "a `NAME` for auth list and auth status"},
			&cli.StringFlag{Name: "expires",
				Usage: "`DATE` on which the token expires (2026-03-31); warnings begin 14 days before"},
			&cli.BoolFlag{Name: "with-token", Usage: "read the token from stdin"},
		},
		Action: env.action(runLogin),
	}
}

// A login is a credential that is put together and verified before anything is stored.
type login struct {
	*connection
	keys      *keychain.Keychain
	workspace string    // its slug
	expires   time.Time // as --expires says; zero: not known
	cred      bitbucket.Credential
}

// runLogin verifies before it stores, so that a credential in the keychain is known to have worked once, and
// one that works is not replaced by one that does not. The warnings come last, where they are seen.
func runLogin(c call) error {
	l, err := prepareLogin(c)
	if err != nil {
		return err
	}
	if err := l.askCredential(); err != nil {
		return err
	}
	v, err := l.verify(c.Context, l.cred, l.workspace)
	if err != nil {
		return err
	}
	if err := l.store(); err != nil {
		return err
	}
	command.Inform(c.flags, "the %s for %s is stored in the system keychain; it reaches %s",
		tokenKinds[l.cred.Kind].name, l.workspace, repositories(v.Repositories))
	if c.credentialSource() != fromKeychain {
		command.Notice(c.flags, "warning: TRUNKSTAT_TOKEN or TRUNKSTAT_TOKEN_COMMAND is set and takes precedence")
	}
	warnExpiry(c, l.workspace, l.expires)
	return nil
}

// prepareLogin checks everything that can be wrong before the user types a token. Flags come first, then the
// database, then the keychain, which may ask for its password, and the user is asked last.
func prepareLogin(c call) (*login, error) {
	_, prompting := terminal(c)
	switch {
	case c.Args().Present():
		return nil, command.Misuse("auth login takes no argument; pipe the token: %s", pipeToken())
	case !prompting && !c.Bool("with-token"):
		return nil, command.Misuse("cannot prompt: stdin is not a terminal; pipe the token: %s", pipeToken())
	}
	expires, err := parseExpiry(c.String("expires"), c.now())
	if err != nil {
		return nil, err
	}
	conn, err := connect(c)
	if err != nil {
		return nil, err
	}
	keys, err := openKeychain(c)
	if err != nil {
		return nil, err
	}
	l := &login{connection: conn, keys: keys, expires: expires}
	switch workspaces, err := selectWorkspaces(c, command.OpenDB(c.flags)); {
	case err != nil:
		return nil, err
	case len(workspaces) == 1: // the one that was given, or the only one that is stored
		l.workspace = workspaces[0].Slug
	case !prompting:
		return nil, command.Misuse("cannot prompt for the workspace; use --workspace")
	}
	if err := keys.Ping(c.Context); err != nil { // before a request is spent on a token that cannot be kept
		return nil, err
	}
	if l.workspace == "" {
		l.workspace, err = askWorkspace(c)
	}
	return l, err
}

// pipeToken returns the command that stores a token from a file. PowerShell has no <.
func pipeToken() string {
	if runtime.GOOS == "windows" {
		return "Get-Content FILE | trunkstat auth login -w WORKSPACE --with-token"
	}
	return "trunkstat auth login -w WORKSPACE --with-token < FILE"
}

// whereTokens tells where a token is created, and with which single scope.
const whereTokens = `Create a token with one scope:
  an access token of the workspace, scope "repository" (Premium plans):
    https://bitbucket.org/%s/workspace/settings/access-tokens
  or an API token of your account, "with scopes", for Bitbucket, scope "read:repository:bitbucket":
    https://id.atlassian.com/manage-profile/security/api-tokens
`

// askCredential gets the token, and the e-mail if the token requires one. A prompt for the e-mail comes after
// the token, because most tokens tell by their prefix whether they have one. A pipe is not asked: stdin is
// the token.
func (l *login) askCredential() error {
	f, prompting := terminal(l.call)
	var token string
	var err error
	if prompting {
		fmt.Fprintf(l.App.ErrWriter, whereTokens, l.workspace)
		token, err = askHidden(l.call, f, "Token (is not shown): ")
	} else {
		token, err = readToken(l.call)
	}
	if err != nil {
		return err
	}
	email := l.String("email")
	l.cred, err = bitbucket.NewCredential(email, token)
	if text := emailPrompt(l.cred, email, err); prompting && text != "" {
		if email, err = ask(l.call, text); err != nil {
			return err
		}
		l.cred, err = bitbucket.NewCredential(email, token)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bitbucket.ErrMissingEmail): // the token is good, and the command lacks a flag
		return command.Misuse("%v; use --email", err)
	case errors.Is(err, bitbucket.ErrNoToken) && !prompting:
		err = errors.New("stdin holds no token")
	}
	return &command.Error{Code: command.ExitCredentials, Err: err}
}

// emailPrompt returns how to ask for the e-mail of an API token, "" if it is given or not required. If the
// token has no known prefix, the answer tells its kind.
func emailPrompt(cred bitbucket.Credential, email string, err error) string {
	switch {
	case errors.Is(err, bitbucket.ErrMissingEmail):
		return "E-mail of your Atlassian account: "
	case err == nil && email == "" && !strings.HasPrefix(cred.Token(), "ATCTT"): // which access tokens have
		return "E-mail of your Atlassian account if it is an API token, nothing if it is an access token: "
	}
	return ""
}

// store writes the entry before the secret, because auth list shows an entry without a secret, and nothing
// shows a secret without an entry. If the keychain refuses the secret, the entry is what it was before. A new
// entry keeps the label and the time of creation of the one before.
func (l *login) store() error {
	var before *store.Credential
	err := changeEntry(l.call, l.workspace, func(stored *store.Credential) *store.Credential {
		before = stored
		now := l.now().UTC().Truncate(time.Second)
		entry := store.Credential{Created: now}
		if before != nil {
			entry = *before // a copy, because before may have to be restored
		}
		entry.Kind, entry.Expires, entry.Verified = string(l.cred.Kind), l.expires, now
		if l.IsSet("label") {
			entry.Label = l.String("label")
		}
		return &entry
	})
	if err != nil {
		return err
	}
	// All that authenticates is in one item, so that a database cannot add the wrong e-mail to a token.
	secret := keychain.NewSecret(string(l.cred.Kind), l.cred.Email, l.cred.Token())
	secret.APIURL = l.String("api-url")
	if err := l.keys.Set(l.Context, l.workspace, secret); err != nil {
		restore := func(*store.Credential) *store.Credential { return before }
		return errors.Join(err, changeEntry(l.call, l.workspace, restore))
	}
	return nil
}
