package sync

import (
	"fmt"
	"strconv"
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
	Done                 // work on a repository is over: Err, where it is not up to date
	Noticed              // something a person should know: Text
)

// An Event is a piece of news of a run. Events are emitted one at a time, after what they tell
// is safe on disk; the receiver must not block for long.
type Event struct {
	Kind         Kind
	Repository   string // slug
	UUID         string // the repository's, of Started
	Repositories int
	Commits      int
	Removed      int
	Text         string
	Err          error
}

// send hands an event on. Walkers and the writer send, and a receiver need not be safe for concurrent use, so
// it lets one at a time through.
func (e *engine) send(ev Event) {
	if e.opt.Emit == nil {
		return
	}
	e.emitting.Lock()
	defer e.emitting.Unlock()
	e.opt.Emit(ev)
}

// notice tells a person something that changes no count of the summary.
func (e *engine) notice(format string, args ...any) {
	e.send(Event{Kind: Noticed, Text: fmt.Sprintf(format, args...)})
}

// repositories writes a number of repositories for people, and commits one of commits: there may be millions,
// so it has separators.
func repositories(n int) string {
	if n == 1 {
		return "1 repository"
	}
	return fmt.Sprintf("%d repositories", n)
}

func commits(n int) string {
	if n == 1 {
		return "1 commit"
	}
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + " commits"
}
