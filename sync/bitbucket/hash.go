package bitbucket

import (
	"encoding/hex"
	"fmt"
)

// A Hash is a commit's SHA-1, raw; the zero Hash is no commit's.
type Hash [20]byte

// String writes 40 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

var errNoHash = notHash("")

func notHash(text string) error { return fmt.Errorf("%.60q is not a hash of 40 digits", text) }

// parseHash reads 40 hexadecimal digits.
func parseHash(text []byte) (h Hash, err error) {
	if len(text) != 2*len(h) {
		return Hash{}, notHash(string(text))
	}
	if _, err := hex.Decode(h[:], text); err != nil {
		return Hash{}, notHash(string(text))
	}
	return h, nil
}
