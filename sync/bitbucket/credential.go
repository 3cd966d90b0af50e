package bitbucket

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// A Kind says how a token is sent.
type Kind string

// The kinds of tokens Bitbucket Cloud knows since app passwords are gone.
const (
	APIToken    Kind = "api_token"    // of a person; Basic, e-mail and token
	AccessToken Kind = "access_token" // of a repository, project or workspace; Bearer
)

// Errors of NewCredential.
var (
	// ErrMissingEmail is returned for an API token that comes without the e-mail of its owner.
	ErrMissingEmail = errors.New("an API token (ATATT…) needs the e-mail of its Atlassian account")

	// ErrAppPassword is returned for an app password; Bitbucket removed them on 2026-07-28.
	ErrAppPassword = errors.New("an app password (ATBB…) no longer works: " +
		"Bitbucket removed app passwords on 2026-07-28; create an API token with scopes at " +
		"https://id.atlassian.com/manage-profile/security/api-tokens")

	// ErrNoToken is returned for a token with nothing in it.
	ErrNoToken = errors.New("the token is empty")
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

// NewCredential makes a credential of what a person typed or a command printed. White space
// around the token is dropped. With an e-mail the token is an API token, without one an access
// token, unless the token's prefix says otherwise.
func NewCredential(email, token string) (Credential, error) {
	email, token = strings.TrimSpace(email), strings.TrimSpace(token)
	if err := checkToken(token); err != nil {
		return Credential{}, err
	}
	if strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r == 0x7f || r == ':' }) {
		return Credential{}, errors.New("the e-mail holds a blank, a colon or a control character")
	}
	switch {
	case strings.HasPrefix(token, "ATBB"):
		return Credential{}, ErrAppPassword
	case strings.HasPrefix(token, "ATCTT") || email == "" && !strings.HasPrefix(token, "ATATT"):
		return Credential{Kind: AccessToken, token: &token}, nil
	case email == "":
		return Credential{}, ErrMissingEmail
	}
	return Credential{Kind: APIToken, Email: email, token: &token}, nil
}

// checkToken refuses what cannot be a token, without repeating any of it.
func checkToken(token string) error {
	if token == "" {
		return ErrNoToken
	}
	for _, r := range token {
		if r <= ' ' || r >= 0x7f {
			return errors.New("the token holds a blank, a control character or a letter " +
				"beyond ASCII; was it copied whole, and alone?")
		}
	}
	return nil
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

// LogValue is String, for log/slog.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// authorization returns the value of the Authorization header.
func (c Credential) authorization() string {
	if c.Kind == AccessToken {
		return "Bearer " + c.Token()
	}
	return "Basic " + c.basic()
}

func (c Credential) basic() string {
	return base64.StdEncoding.EncodeToString([]byte(c.Email + ":" + c.Token()))
}
