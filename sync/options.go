package sync

import (
	"errors"
	"time"

	"trunkstat/store"
)

// Options say what a run is to bring up to date, and how.
type Options struct {
	Workspace string // slug

	// Repos and Projects select repositories; none selects all. ExcludeRepos and ExcludeProjects
	// leave repositories out, and out of what reports call incomplete.
	Repos, Projects, ExcludeRepos, ExcludeProjects store.Patterns

	Since    int64 // floor of first walks, seconds since 1970; a later, earlier one lowers it
	HasSince bool  // Since is given
	Plan     bool  // stop after the listing
	Audit    bool  // ask for every head, whatever the listing said
	Jobs     int   // walkers that ask Bitbucket at a time; at least 1

	// Credential tells credentials apart: each vouches only for the repositories that it listed.
	Credential string

	BudgetName string // under which the log of the client's requests is stored

	Git *Git // nil: all commits come from the API

	Now  func() time.Time
	Emit func(Event) // nil: events are dropped

	ahead int // pages; 0: maxAhead. Tests that stop after a page have few
	batch int // changes in a transaction; 0: maxBatch. Each must leave the database sound
}

// ErrNoResources is returned when the credential reaches no repository of the workspace.
var ErrNoResources = errors.New("the workspace lists no repository to this credential")

// ErrNothingMatches is returned when the options select none of the listed repositories.
var ErrNothingMatches = errors.New("no repository matches")
