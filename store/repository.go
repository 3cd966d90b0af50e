package store

import "time"

// A UUID is a repository's, in braces, as Bitbucket writes it. It is the store's key: a slug can
// be renamed and given to another repository, a UUID cannot.
type UUID string

// A Repository is all that is known of one repository but its commits.
type Repository struct {
	UUID       UUID      `json:"uuid"`
	Workspace  string    `json:"workspace"` // slug, lower case
	Slug       string    `json:"slug"`
	Name       string    `json:"name,omitempty"`
	Project    string    `json:"project,omitempty"`     // the project's key
	ForkOf     string    `json:"fork_of,omitempty"`     // full name of the parent
	ForkOfUUID UUID      `json:"fork_of_uuid,omitzero"` // UUID of the parent
	MainBranch string    `json:"main_branch,omitempty"` // absent: an empty repository
	UpdatedOn  time.Time `json:"updated_on,omitzero"`

	// Head: everything that it reaches is stored (up to boundaries), and, where no walk is
	// unfinished and Dirty is false, nothing else is. Zero before the first walk has ended.
	Head Hash `json:"head,omitzero"`
	// Dirty: a walk was abandoned, so commits may be stored that no head reaches.
	Dirty bool `json:"dirty,omitempty"`
	// Floor is the date given by sync --since, seconds since 1970; 0 is no floor.
	Floor int64 `json:"floor,omitempty"`
	// Roots are the hashes of the stored commits without parents, and of the boundaries.
	// Repositories that share one are a family: they may hold the same commits.
	Roots []Hash `json:"roots,omitempty"`

	LastSync time.Time `json:"last_sync,omitzero"` // when it was last known to be up to date
	Audited  time.Time `json:"audited,omitzero"`   // when it was last asked for its head itself, not the listing
	Failure  string    `json:"failure,omitempty"`  // why the last sync could not bring it up to date
	Absent   int       `json:"absent,omitempty"`   // complete listings in a row without it
	Listed   time.Time `json:"listed,omitzero"`    // the last listing that had it
}

// Gone reports whether the repository is missing from two complete listings in a row.
func (r Repository) Gone() bool { return r.Absent >= 2 }

// MarshalText and UnmarshalText let hashes stand in JSON as 40 digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 40 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHash(string(text))
	return err
}

// A Walk is the unfinished part of a repository's synchronisation. See package sync for what
// it means and why it loses nothing.
type Walk struct {
	Target Hash   // the head that is walked to
	Base   Hash   // Repository.Head when the walk began; zero: there was none
	Met    bool   // some commit of this walk has Base as a parent
	Wanted []Hash // the target and the parents of stored commits, as far as they are not stored
}

// A Workspace is what is known of a workspace but its secret.
type Workspace struct {
	Slug string `json:"slug"` // lower case

	Credential *Credential `json:"credential,omitempty"` // nil: none was stored from this database
	LastSync   time.Time   `json:"last_sync,omitzero"`   // end of the last sync, however it ended
	LastListed time.Time   `json:"last_listed,omitzero"` // last complete listing
}

// A Credential is what may be told of a stored credential. The e-mail and the token are in the
// keychain and nowhere else.
type Credential struct {
	Kind     string    `json:"kind"` // "api_token" or "access_token"
	Label    string    `json:"label,omitempty"`
	Expires  time.Time `json:"expires,omitzero"`
	Created  time.Time `json:"created,omitzero"`
	Verified time.Time `json:"verified,omitzero"`
}
