package store

import (
	"encoding/hex"
	"fmt"
)

// A Hash is a commit's SHA-1, raw.
type Hash [20]byte

// ParseHash reads 40 hexadecimal digits.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != 2*len(h) {
		return h, fmt.Errorf("hash %q has not 40 digits", s)
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

// A Commit is one stored commit of one repository.
type Commit struct {
	Hash    Hash
	Date    int64 // the committer's clock, seconds since 1970 in UTC; Bitbucket gives no other date
	Author  Author
	Parents []Hash
	Message string

	// Boundary marks a commit older than the floor of its repository. It is kept so that the
	// graph is closed (its parents are not wanted), and is counted by nothing.
	Boundary bool
}

// IsMerge reports whether the commit has more than one parent.
func (c Commit) IsMerge() bool { return len(c.Parents) > 1 }

// An Author is what Bitbucket says of who wrote a commit. Equal authors are stored once and
// are known by a number.
type Author struct {
	Raw  string // free text, mostly "Name <email>"; the only part that is always there
	UUID string // the Bitbucket account, in braces; empty where the e-mail belongs to none
	App  bool   // the account is an app (Bitbucket's type app_user), so a bot
}
