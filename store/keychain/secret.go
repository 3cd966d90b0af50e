package keychain

import (
	"encoding/json"
	"errors"
	"fmt"
)

// maxItem is the length of the longest item that every keychain holds. Windows takes 2560 bytes. macOS
// takes a few more: a command of 4096 bytes has to hold the item in base64.
const maxItem = 2560

// A Secret is all that authenticates against one workspace. No verb of package fmt prints its token.
type Secret struct {
	Kind   string `json:"kind"`            // "api_token" or "access_token"
	Email  string `json:"email,omitempty"` // of the Atlassian account, with an API token
	APIURL string `json:"api_url"`         // the API that the token was stored for, and the only one to send it to

	token *string // a pointer, because fmt prints the content of unexported fields
}

// NewSecret returns a secret of the kind. The caller sets its APIURL.
func NewSecret(kind, email, token string) Secret {
	return Secret{Kind: kind, Email: email, token: &token}
}

// Token returns the token itself, to be sent.
func (s Secret) Token() string {
	if s.token == nil {
		return ""
	}
	return *s.token
}

// An item is what the keychain holds of a secret, as JSON.
type item struct {
	Secret
	Token string `json:"token"`
}

// encode returns the item of a secret. The limit holds on every system, so that tests on one of them show
// what the others refuse.
func (s Secret) encode() (string, error) {
	b, err := json.Marshal(item{s, s.Token()})
	if err != nil {
		return "", errors.New("it cannot be written as JSON")
	}
	if len(b) > maxItem {
		return "", fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooBig, len(b), maxItem)
	}
	return string(b), nil
}

// decode reads an item. Errors of encoding/json quote what they read, so they are not passed on.
func decode(s string) (Secret, error) {
	var it item
	if json.Unmarshal([]byte(s), &it) != nil || it.Token == "" {
		return Secret{}, errors.New("the item in the system keychain was not stored by trunkstat")
	}
	it.Secret.token = &it.Token
	return it.Secret, nil
}
