package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// A Hash is a commit's SHA-1, raw.
type Hash [20]byte

const hashLength = len(Hash{})

// ParseHash reads 40 hexadecimal digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != 2*hashLength {
		return h, fmt.Errorf("hash %q does not have 40 digits", s)
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return h, fmt.Errorf("hash %q: %w", s, err)
	}
	return h, nil
}

// String writes the hash as 40 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether h stands for "no commit".
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes a hash as 40 digits, so that JSON can hold it.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 40 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHash(string(text))
	return err
}

// CompareHashes orders hashes as the keys of the file are ordered.
func CompareHashes(a, b Hash) int { return bytes.Compare(a[:], b[:]) }

// A Commit is one stored commit of one repository.
type Commit struct {
	Hash     Hash
	Date     int64 // the committer's clock, seconds since 1970 in UTC; Bitbucket gives no other date
	Author   Author
	Parents  []Hash
	Message  string
	Boundary bool // older than the floor of its repository; reports do not count it
}

// IsMerge reports whether the commit has more than one parent.
func (c *Commit) IsMerge() bool { return len(c.Parents) > 1 }

// An Author is what Bitbucket tells of who wrote a commit. Equal authors are stored once and have
// one number.
type Author struct {
	Raw  string `json:"raw"`            // free text, mostly "Name <email>"; the only part that is always there
	UUID string `json:"uuid,omitempty"` // the Bitbucket account, in braces; empty: the e-mail belongs to none
	App  bool   `json:"app,omitempty"`  // the account is an app (Bitbucket's type app_user), so a bot
}
