package sync

import (
	"sync"
	"time"
)

// A Kind says what an Event tells.
type Kind int

// The events of a run, in the order in which they come for one repository.
const (
	Listing  Kind = iota // a page of the workspace's repositories has come: Repositories so far
	Planned              // the listing is done: Repositories that will be walked
	Started              // work on a repository begins
	Stored               // a page is stored: Commits added by it
	Finished             // a walk has come to its head: Commits added, Removed
	Settled              // work on a repository is over: Err, where it is not up to date
	Noticed              // something a person should know: Text
)

// An Event is a piece of news of a run. Events are emitted one at a time, after what they tell
// is safe on disk; the receiver must not block for long.
type Event struct {
	Kind         Kind
	Workspace    string
	Repository   string // slug
	UUID         string // the repository's, of Started
	Repositories int
	Commits      int
	Removed      int
	Text         string
	Err          error
	Time         time.Time
}

// events hands events on, one at a time.
type events struct {
	mu   sync.Mutex
	emit func(Event)
	base Event
	now  func() time.Time
}

func (e *events) send(ev Event) {
	if e.emit == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	ev.Workspace, ev.Time = e.base.Workspace, e.now()
	e.emit(ev)
}
