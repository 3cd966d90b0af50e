package keychain

import (
	"encoding/json"
	"errors"
	"fmt"
)

// maxItem is the most that every keychain holds: Windows takes 2560 bytes. On macOS a whole command
// of 4096 bytes has to hold the item in base64, which is a little more.
const maxItem = 2560

// A Secret is all that authenticates against one workspace. Printed in any way, it does not show
// its token.
type Secret struct {
	Kind  string // "api_token" or "access_token"
	Email string // with an API token: the Atlassian account's

	token *string // a pointer, because fmt prints the content of unexported fields
}

// NewSecret puts a secret together.
func NewSecret(kind, email, token string) Secret {
	return Secret{Kind: kind, Email: email, token: &token}
}

// Token returns the token itself, for whoever sends it.
func (s Secret) Token() string {
	if s.token == nil {
		return ""
	}
	return *s.token
}

// An item is what the keychain holds of a secret, as JSON.
type item struct {
	Kind  string `json:"kind"`
	Email string `json:"email,omitempty"`
	Token string `json:"token"`
}

func (s Secret) encode() (string, error) {
	b, err := json.Marshal(item{Kind: s.Kind, Email: s.Email, Token: s.Token()})
	if err != nil {
		return "", errors.New("it cannot be written as JSON")
	}
	if len(b) > maxItem {
		return "", fmt.Errorf("%w: %d bytes with its e-mail, of at most %d", ErrTooBig, len(b), maxItem)
	}
	return string(b), nil
}

// decode reads an item. Errors of encoding/json quote what they read, so they are not passed on.
func decode(s string) (Secret, error) {
	var it item
	if json.Unmarshal([]byte(s), &it) != nil || it.Token == "" {
		return Secret{}, errors.New("the item in the system keychain is not one of trunkstat's")
	}
	return NewSecret(it.Kind, it.Email, it.Token), nil
}
