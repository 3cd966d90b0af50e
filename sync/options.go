package sync

import (
	"errors"
	"time"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// Options say what a run is to bring up to date, and how.
type Options struct {
	Workspace string // slug

	// Repos and Projects select repositories; none selects all. ExcludeRepos and ExcludeProjects
	// leave repositories out, and out of what reports call incomplete.
	Repos, Projects, ExcludeRepos, ExcludeProjects store.Patterns

	Since    int64 // floor of first walks, seconds since 1970
	HasSince bool
	Plan     bool // stop after the listing
	Audit    bool // ask for every head, whatever the listing said
	Jobs     int  // walkers that ask Bitbucket at a time; at least 1

	// Credential tells credentials apart: each vouches only for the repositories that it listed.
	Credential string

	Budget     *bitbucket.Budget // the client's, made for this run; its log is stored under BudgetName
	BudgetName string

	Git *Git // nil: all commits come from the API

	Now  func() time.Time
	Emit func(Event) // nil: events are dropped

	ahead int // pages; 0: maxAhead. Tests that stop after a page have few
	batch int // changes in a transaction; 0: maxBatch. Each must leave the database sound
}

// A Summary is what a run did. The counts of repositories satisfy
// Listed = Synced + Unchanged + Empty + Failed + Pending.
type Summary struct {
	Schema       int          `json:"schema"`
	Workspace    string       `json:"workspace"`
	Complete     bool         `json:"complete"` // every repository asked for is up to date
	Repositories Repositories `json:"repositories"`
	Commits      Commits      `json:"commits"`
	Requests     int          `json:"requests"`
	Duration     float64      `json:"duration_seconds"`
	Waited       float64      `json:"waited_seconds"`
	Failures     []Failure    `json:"failures"`

	Git  *GitCounts `json:"git,omitempty"`  // with Options.Git
	Plan *Plan      `json:"plan,omitempty"` // with Options.Plan

	AccessLost bool `json:"-"` // more than half of the repositories are missing from the listing
}

// Repositories counts the repositories of a run by what became of them.
type Repositories struct {
	Listed    int `json:"listed"`
	Synced    int `json:"synced"`
	Unchanged int `json:"unchanged"`
	Empty     int `json:"empty"`
	Failed    int `json:"failed"`
	Pending   int `json:"pending"` // not reached: the budget was spent, or the run was interrupted
	Gone      int `json:"gone"`    // stored, and missing from two complete listings in a row
}

// Commits counts what a run changed in the database.
type Commits struct {
	Added   int `json:"added"`
	Removed int `json:"removed"` // no longer reached by a rewritten branch
}

// A Failure is why one repository is not up to date.
type Failure struct {
	Repository string `json:"repository"`
	Error      string `json:"error"`
	Err        error  `json:"-"`
}

// ErrNoResources is returned when the credential reaches no repository of the workspace.
var ErrNoResources = errors.New("the workspace lists no repository to this credential")

// ErrNothingMatches is returned when the options select none of the listed repositories.
var ErrNothingMatches = errors.New("no repository matches")
