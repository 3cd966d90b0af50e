package bitbucket

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// A Kind says how a token is sent.
type Kind string

// The kinds of tokens Bitbucket Cloud knows since app passwords are gone.
const (
	APIToken    Kind = "api_token"    // of a person; Basic, e-mail and token
	AccessToken Kind = "access_token" // of a repository, project or workspace; Bearer
)

// Errors of NewCredential that a caller can do something about: it can ask again.
var (
	// ErrNoToken is returned for a token with nothing in it.
	ErrNoToken = errors.New("the token is empty")

	// ErrMissingEmail is returned for an API token that comes without the e-mail of its owner.
	ErrMissingEmail = errors.New("an API token (ATATT…) needs the e-mail of its Atlassian account")
)

// A Credential is a token and how to send it. Its token shows in no fmt verb, no log record and
// no JSON, wherever the Credential is nested.
type Credential struct {
	Kind  Kind
	Email string // of an API token only

	// token is a pointer because fmt prints the unexported fields of a struct without asking
	// their methods: a pointer prints as an address.
	token *string
}

// CleanInput takes off what comes along when a token or an e-mail is pasted, printed by a command
// or kept in a file: white space and byte order marks around it, and one pair of quotes.
func CleanInput(text string) string {
	text = trimSpace(text)
	if n := len(text); n >= 2 && text[0] == text[n-1] && (text[0] == '"' || text[0] == '\'') {
		text = trimSpace(text[1 : n-1])
	}
	return text
}

// trimSpace takes byte order marks for white space, which unicode does not.
func trimSpace(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\uFEFF' })
}

// NewCredential makes a credential of what a person typed or a command printed, after CleanInput.
// With an e-mail the token is an API token, without one an access token, unless the token's prefix
// says otherwise. What Bitbucket is sure to refuse is an error, which repeats neither of the two.
func NewCredential(email, token string) (Credential, error) {
	email, token = CleanInput(email), CleanInput(token)
	if err := checkToken(token); err != nil {
		return Credential{}, err
	}
	if err := checkEmail(email); err != nil {
		return Credential{}, err
	}
	switch {
	case strings.HasPrefix(token, "ATCTT") || email == "" && !strings.HasPrefix(token, "ATATT"):
		return Credential{Kind: AccessToken, token: &token}, nil
	case email == "":
		return Credential{}, ErrMissingEmail
	}
	return Credential{Kind: APIToken, Email: email, token: &token}, nil
}

// checkToken refuses what cannot be a token of Bitbucket Cloud: it saves a request, and a server's 401
// would not say what is wrong.
func checkToken(token string) error {
	switch {
	case token == "":
		return ErrNoToken
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return errors.New("the token holds a blank, a control character or a letter " +
			"beyond ASCII; was it copied whole, and alone?")
	case strings.ContainsAny(token, ":@"):
		return errors.New("the token holds an e-mail or a user name and a colon; " +
			"give the token alone, and the e-mail apart from it")
	case strings.HasPrefix(token, "ATBB"):
		return errors.New("an app password (ATBB…) no longer works: " +
			"Bitbucket removed app passwords on 2026-07-28; create an API token with scopes at " +
			"https://id.atlassian.com/manage-profile/security/api-tokens")
	case strings.HasPrefix(token, "ATSTT"):
		return errors.New("a service account's token (ATSTT…) does not work: " +
			"it cannot be given a scope of Bitbucket; use an API token of a person, or an access token")
	}
	return nil
}

// checkEmail refuses what would make another header of a Basic one, and what people take for the
// e-mail: the names that git takes for a user.
func checkEmail(email string) error {
	switch {
	case email == "":
		return nil
	case strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r == 0x7f || r == ':' }):
		return errors.New("the e-mail holds a blank, a colon or a control character")
	case strings.EqualFold(email, "x-token-auth") || strings.EqualFold(email, "x-bitbucket-api-token-auth"):
		return errors.New("x-token-auth and x-bitbucket-api-token-auth are user names for git; " +
			"give the e-mail of the Atlassian account with an API token, and none with an access token")
	case !strings.Contains(email, "@"):
		return errors.New("the e-mail has no @; use the one of the Atlassian account")
	}
	return nil
}

// Fingerprint tells credentials apart by what they can reach: 12 hexadecimal digits of the SHA-256 of an
// API token's e-mail, or else of the token. A new API token of the same account reaches the same. A
// token cannot be computed from it: it holds 48 bits of more than 100.
func (c Credential) Fingerprint() string {
	text := c.Token()
	if c.Kind == APIToken {
		text = strings.ToLower(c.Email)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// Token returns the secret itself, "" of the zero Credential.
func (c Credential) Token() string {
	if c.token == nil {
		return ""
	}
	return *c.token
}

// String names the credential without its token.
func (c Credential) String() string {
	if c.Email == "" {
		return string(c.Kind)
	}
	return fmt.Sprintf("%s of %s", c.Kind, c.Email)
}

// GoString is String, so that %#v shows not even the address of the token.
func (c Credential) GoString() string { return "bitbucket.Credential(" + c.String() + ")" }

// authorization returns the value of the Authorization header.
func (c Credential) authorization() string {
	if c.Kind == AccessToken {
		return "Bearer " + c.Token()
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Email+":"+c.Token()))
}
