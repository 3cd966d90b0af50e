package store

import (
	"strings"
	"time"
)

// A UUID is a repository's, in braces, as Bitbucket writes it. It is the store's key: a slug can be
// renamed and given to another repository, a UUID cannot.
type UUID string

// A Repository is all that is stored of one repository but its commits.
type Repository struct {
	UUID       UUID      `json:"uuid"`
	Workspace  string    `json:"workspace"` // slug, lower case
	Slug       string    `json:"slug"`
	Name       string    `json:"name,omitempty"`
	Project    string    `json:"project,omitempty"`     // the project's key
	Private    bool      `json:"private,omitempty"`     // is_private
	ForkOf     string    `json:"fork_of,omitempty"`     // full name of the parent
	ForkOfUUID UUID      `json:"fork_of_uuid,omitzero"` // UUID of the parent
	MainBranch string    `json:"main_branch,omitempty"` // empty: the repository has no default branch
	UpdatedOn  time.Time `json:"updated_on,omitzero"`

	// Head: everything that it reaches is stored, up to boundaries and to the accepted ends in
	// Unknown. Zero before the first walk has ended.
	Head Hash `json:"head,omitzero"`
	// NeedsSweep: commits may be stored that Head does not reach, and their parents may be missing.
	NeedsSweep bool `json:"needs_sweep,omitempty"`
	// Floor is the date given by sync --since, seconds since 1970; 0 is no floor.
	Floor int64 `json:"floor,omitempty"`
	// Roots are the hashes of the stored commits without parents or with a parent that is not stored.
	Roots []Hash `json:"roots,omitempty"`
	// Unknown are commits that the history leads to and that Bitbucket says it does not have.
	Unknown []UnknownCommit `json:"unknown,omitempty"`

	LastSync time.Time `json:"last_sync,omitzero"` // when it was last up to date
	Audited  time.Time `json:"audited,omitzero"`   // when it was last asked for its head
	Failure  string    `json:"failure,omitempty"`  // why the last sync could not bring it up to date
	Excluded bool      `json:"excluded,omitempty"` // the last sync left it out (--exclude-repo, --exclude-project)
	Listed   time.Time `json:"listed,omitzero"`    // the last listing that had it

	// Listings counts, for each credential that ever listed the repository (by its fingerprint), the
	// complete listings in a row without it.
	Listings map[string]int `json:"listings,omitempty"`
}

// An UnknownCommit is a parent of a stored commit that Bitbucket does not have: the repository was
// pushed from a shallow clone, say.
type UnknownCommit struct {
	Hash  Hash      `json:"hash"`
	Runs  int       `json:"runs"`  // syncs in which Bitbucket said so
	Asked time.Time `json:"asked"` // the last of them
}

// Accepted reports whether two syncs were told the same, so that history may end here.
func (u UnknownCommit) Accepted() bool { return u.Runs >= 2 }

// Ends are the accepted ends of the repository's history.
func (r *Repository) Ends() (hashes []Hash) {
	for _, u := range r.Unknown {
		if u.Accepted() {
			hashes = append(hashes, u.Hash)
		}
	}
	return hashes
}

// Gone reports whether two complete listings in a row by one credential that listed it before did
// not have the repository.
func (r *Repository) Gone() bool { return r.absences() >= 2 }

// Missing reports whether the last complete listing by a credential that listed it before did not
// have the repository.
func (r *Repository) Missing() bool { return r.absences() >= 1 }

func (r *Repository) absences() (most int) {
	for _, n := range r.Listings {
		most = max(most, n)
	}
	return most
}

// A Walk is the unfinished part of a repository's synchronisation. Package sync says what it means
// and why it loses nothing.
type Walk struct {
	Target   Hash   `json:"target"`              // the head that is walked to
	Base     Hash   `json:"base,omitzero"`       // Repository.Head when the walk began; zero: there was none
	BaseSeen bool   `json:"base_seen,omitempty"` // some commit of this walk has Base as a parent
	Filling  bool   `json:"filling,omitempty"`   // the ranges that exclude Base are over
	Wanted   []Hash `json:"wanted,omitempty"`    // the target and parents of stored commits that are missing
	Hidden   []Hash `json:"hidden,omitempty"`    // parents of boundaries alone, wanted until Filling
}

// A Workspace is what is stored of a workspace; its secret is in the keychain.
type Workspace struct {
	Slug string `json:"slug"` // lower case

	Credential *Credential `json:"credential,omitempty"` // nil: none was stored from this database
	LastSync   time.Time   `json:"last_sync,omitzero"`   // end of the last sync, however it ended
	LastListed time.Time   `json:"last_listed,omitzero"` // last complete listing

	// ListingIncomplete: the last listing had fewer repositories than it said, or unusable rows.
	ListingIncomplete bool `json:"listing_incomplete,omitempty"`
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

// A Budget is the log of the requests that were sent under one name, so that two runs in a row know
// of each other.
type Budget struct {
	Limit int           `json:"limit,omitempty"` // requests an hour that were granted last; 0: not known
	Spent map[int64]int `json:"spent,omitempty"` // requests by minute since 1970
}

// State says in a word what a repository's data is worth: ok, partial, empty, gone, or failed, with the
// reason where there is one. walking is whether it has an unfinished walk.
func (r *Repository) State(walking bool) string {
	switch {
	case r.Gone():
		return "gone"
	case strings.HasPrefix(r.Failure, "partial"):
		return r.Failure
	case r.Failure != "":
		return "failed: " + r.Failure
	case walking || r.NeedsSweep || r.neverSynced():
		return "partial"
	case r.Head.IsZero():
		return "empty"
	}
	return "ok"
}

// Complete reports whether all that the repository's default branch reached at its last sync is stored.
func (r *Repository) Complete(walking bool) bool {
	return r.Failure == "" && !walking && !r.NeedsSweep && !r.neverSynced()
}

// neverSynced reports whether nothing is known of the default branch. A repository that is listed without
// one is known to be empty.
func (r *Repository) neverSynced() bool {
	return r.LastSync.IsZero() && r.Head.IsZero() && (r.MainBranch != "" || r.Listed.IsZero())
}
