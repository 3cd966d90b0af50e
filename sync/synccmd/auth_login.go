package synccmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/store"
	"trunkstat/store/command"
	"trunkstat/store/keychain"
	"trunkstat/sync/bitbucket"
)

func loginCommand(env environment) *cli.Command {
	return &cli.Command{
		Name:  "login",
		Usage: "store or replace the credential of a workspace, after it was verified",
		// Not empty, so that a word that does not belong here comes to prepareLogin: it may be a
		// token, and must not be repeated.
		ArgsUsage: " ",
		Description: `Asks for what is missing: the workspace, the token (which is not shown), the e-mail of an API
token. Nothing is stored when Bitbucket does not accept the credential. A label and the time of
creation are kept when a credential is replaced.

   trunkstat auth login -w acme
   trunkstat auth login -w acme --with-token < token.txt
   pass show bitbucket | trunkstat auth login -w acme --email me@example.com --with-token

The keychain is waited for as long as TRUNKSTAT_KEYRING_TIMEOUT says (60s on a terminal).`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "email",
				Usage: "`E-MAIL` of the Atlassian account; the token is then an API token"},
			&cli.StringFlag{Name: "label",
				Usage: "a `NAME` for the credential, for auth list and status"},
			&cli.StringFlag{Name: "expires",
				Usage: "the `DATE` on which the token expires (2026-03-31 or RFC 3339), to be warned in time"},
			&cli.BoolFlag{Name: "with-token", Usage: "read the token from standard input"},
		},
		Action: func(c *cli.Context) error { return runLogin(c, env) },
	}
}

// A login is what is put together, asked for and verified before anything is stored.
type login struct {
	c         *cli.Context
	keys      *keychain.Keychain
	workspace string
	expires   time.Time
	cred      bitbucket.Credential
}

func runLogin(c *cli.Context, env environment) error {
	l, err := prepareLogin(c, env)
	if err != nil {
		return err
	}
	if err := l.askCredential(); err != nil {
		return err
	}
	v, err := verify(c.Context, c, l.cred, l.workspace)
	if err != nil {
		return err
	}
	if err := l.store(); err != nil {
		return keychainError(err)
	}
	if !c.Bool("quiet") {
		command.Notice(c, "the %s for %s is in the system keychain; it reaches %s", kindWords(l.cred.Kind),
			l.workspace, count(v.Repositories, "repository", "repositories"))
	}
	if source := credentialSource(env); source != fromKeychain {
		command.Notice(c, "warning: TRUNKSTAT_TOKEN or TRUNKSTAT_TOKEN_COMMAND is set, and comes before it")
	}
	warnExpiry(c, l.workspace, l.expires, time.Now())
	return nil
}

// prepareLogin looks at all that can be wrong before anybody types a token.
func prepareLogin(c *cli.Context, env environment) (*login, error) {
	if c.Args().Present() {
		return nil, command.Misuse("auth login takes no argument; a token is typed when asked for, or comes " +
			"through standard input: trunkstat auth login -w WORKSPACE --with-token < FILE")
	}
	expires, err := parseExpiry(c.String("expires"), time.Now())
	if err != nil {
		return nil, err
	}
	if err := checkConnection(c, env); err != nil {
		return nil, err
	}
	keys, err := systemKeychain(c, env)
	if err != nil {
		return nil, err
	}
	_, asking := terminal(c)
	if !asking && !c.Bool("with-token") {
		return nil, command.Misuse("cannot prompt: stdin is not a terminal; pipe the token: " +
			"trunkstat auth login -w WORKSPACE --with-token < FILE")
	}
	l := &login{c: c, keys: keys, expires: expires}
	only := ""
	if l.workspace, only, err = loginWorkspace(c); err != nil {
		return nil, err
	}
	if !asking && l.workspace == "" {
		if l.workspace = only; only == "" {
			return nil, command.Misuse("which workspace? Name it with --workspace: its slug, " +
				"or a URL like https://bitbucket.org/acme/")
		}
	}
	if err := keys.Ping(c.Context); err != nil { // fail before asking for the token
		return nil, keychainError(err)
	}
	if l.workspace == "" {
		l.workspace, err = askWorkspace(c, only)
	}
	return l, err
}

// loginWorkspace returns the workspace that was given, or else the only one in the database, if there is
// one.
func loginWorkspace(c *cli.Context) (given, only string, err error) {
	given, err = command.Workspace(c)
	if given != "" || err != nil {
		return given, "", err
	}
	known, err := command.Workspaces(c.Context, command.OpenDB(c))
	if len(known) == 1 {
		only = known[0].Slug
	}
	return "", only, err
}

// askWorkspace asks until the answer names a workspace. An empty answer is the only one known.
func askWorkspace(c *cli.Context, only string) (string, error) {
	question := "Workspace (slug or URL): "
	if only != "" {
		question = "Workspace (slug or URL) [" + only + "]: "
	}
	for {
		answer, err := ask(c, question)
		if err != nil {
			return "", err
		}
		if answer == "" && only != "" {
			return only, nil
		}
		workspace, err := command.ParseWorkspace(answer)
		if err == nil {
			return workspace, nil
		}
		command.Notice(c, "%v", err)
	}
}

// whereTokens tells where a token is made, and with which single scope.
const whereTokens = `Create a token with one scope:
  an access token of the workspace, scope "repository" (Premium plans):
    https://bitbucket.org/%s/workspace/settings/access-tokens
  or an API token of your account, "with scopes", for Bitbucket, scope "read:repository:bitbucket":
    https://id.atlassian.com/manage-profile/security/api-tokens
`

// askCredential gets the token, and the e-mail where the token needs one.
func (l *login) askCredential() error {
	f, asking := terminal(l.c)
	token, err := l.token(f, asking)
	if err != nil {
		return err
	}
	email := l.c.String("email")
	l.cred, err = bitbucket.NewCredential(email, token)
	unknownKind := err == nil && email == "" && !strings.HasPrefix(bitbucket.CleanInput(token), "ATCTT")
	if asking && (unknownKind || errors.Is(err, bitbucket.ErrMissingEmail)) {
		if email, err = l.askEmail(unknownKind); err != nil {
			return err
		}
		l.cred, err = bitbucket.NewCredential(email, token)
	}
	if errors.Is(err, bitbucket.ErrMissingEmail) {
		return command.Misuse("%v: give it with --email", err)
	}
	if errors.Is(err, bitbucket.ErrNoToken) && !asking {
		err = errors.New("no token came through standard input")
	}
	if err != nil {
		return &command.Error{Code: command.ExitCredentials, Err: err}
	}
	return nil
}

func (l *login) token(f *os.File, asking bool) (string, error) {
	if asking {
		fmt.Fprintf(l.c.App.ErrWriter, whereTokens, l.workspace)
		return askHidden(l.c, f, "Token (is not shown): ")
	}
	token, err := await(l.c.Context, func() (string, error) {
		b, err := io.ReadAll(io.LimitReader(l.c.App.Reader, maxToken+1))
		return string(b), err
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("read the token from standard input: %w", err)
	case len(token) > maxToken:
		return "", &command.Error{Code: command.ExitCredentials, Err: errors.New("standard input is longer than a token")}
	}
	return token, nil
}

// askEmail asks for the e-mail of an API token. Where the kind cannot be told from the token, the
// e-mail tells it.
func (l *login) askEmail(unknownKind bool) (string, error) {
	if unknownKind {
		return ask(l.c, "E-mail of your Atlassian account if it is an API token, "+
			"nothing if it is an access token: ")
	}
	return ask(l.c, "E-mail of your Atlassian account: ")
}

// verify asks Bitbucket for the repositories of the workspace, and nothing else: an access token
// may not even ask who it is.
func verify(ctx context.Context, c *cli.Context, cred bitbucket.Credential, workspace string) (
	bitbucket.Verification, error) {

	// Nobody wants to wait an hour for one answer.
	budget := bitbucket.NewBudget(bitbucket.BudgetConfig{NoWait: true})
	client, err := newClient(c, cred, budget, 1, 3, troubleNotice(c))
	if err != nil {
		return bitbucket.Verification{}, err
	}
	defer client.Close()
	v, err := client.Verify(ctx, workspace)
	switch {
	case err == nil && v.Repositories == 0:
		err = errNoRepositories
	case errors.Is(err, bitbucket.ErrBudgetSpent):
		return v, &command.Error{Code: command.ExitWorkLeft, Err: err, Hint: "the same again, later"}
	}
	return v, namedError(err, cred, workspace, c.String("api-url"))
}

// store puts the secret into the keychain and the entry into the database. When the entry cannot
// be written, the keychain is left as it was: a secret that no auth list shows would be forgotten.
func (l *login) store() error {
	before, err := l.keys.Get(l.c.Context, l.workspace)
	had := err == nil
	if err != nil && (l.c.Context.Err() != nil || errors.Is(err, keychain.ErrLocked) ||
		errors.Is(err, keychain.ErrUnavailable) || errors.Is(err, keychain.ErrTimeout)) {
		return err
	}
	secret := keychain.NewSecret(string(l.cred.Kind), l.cred.Email, l.cred.Token())
	secret.APIURL = withoutUser(l.c.String("api-url"))
	err = l.keys.Set(l.c.Context, l.workspace, secret)
	if err == nil {
		err = l.enter()
	}
	if err == nil {
		return nil
	}
	undo := context.WithoutCancel(l.c.Context)
	if had {
		return errors.Join(err, l.keys.Set(undo, l.workspace, before))
	}
	if left := l.keys.Delete(undo, l.workspace); left != nil && !errors.Is(left, keychain.ErrNotFound) {
		return errors.Join(err, left)
	}
	return err
}

// enter writes the entry. The label and the time of creation outlive a replacement.
func (l *login) enter() error {
	return command.OpenDB(l.c).Update(l.c.Context, func(tx *store.Tx) error {
		ws, _, err := tx.Workspace(l.workspace)
		if err != nil {
			return err
		}
		now := time.Now().UTC().Truncate(time.Second)
		entry := entryOf(ws)
		entry.Kind, entry.Expires, entry.Verified = string(l.cred.Kind), l.expires, now
		if l.c.IsSet("label") {
			entry.Label = l.c.String("label")
		}
		if entry.Created.IsZero() {
			entry.Created = now
		}
		ws.Slug, ws.Credential = l.workspace, &entry
		return tx.PutWorkspace(ws)
	})
}
