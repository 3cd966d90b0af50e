package synccmd

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"trunkstat/store/command"
	"trunkstat/sync/bitbucket"
)

// A requestLog tells on stderr of the requests to a workspace: with --verbose each of them, and otherwise
// that no usable answer comes. It names repositories by their slugs, as far as it was told; requests name
// them by their UUIDs, which stay when one is renamed, and which say nothing to the user.
type requestLog struct {
	call
	workspace string
	slugs     sync.Map // by UUID; a walk tells its own while others send requests

	mu   sync.Mutex
	last time.Time // when trouble was told
}

// name tells the slug of a repository.
func (l *requestLog) name(uuid, slug string) { l.slugs.Store(uuid, slug) }

// exchange is called after every request, by all walks at once.
func (l *requestLog) exchange(x bitbucket.Exchange) {
	l.line(x)
	l.trouble(x)
}

// trouble says, at most once a minute, that no usable answer comes. The client tries again for a while, and
// without a word the program would seem to hang. While one repository fails, others are answered, so an
// answer does not end the trouble.
func (l *requestLog) trouble(x bitbucket.Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if words := troubleWords(x); words != "" && time.Since(l.last) > time.Minute {
		l.last = time.Now()
		command.Inform(l.flags, "%s: %s; trying again", l.workspace, words)
	}
}

// troubleWords says why no usable answer came. It returns "" for an answer, also for a refusal, and if the
// client does not try again: then the error says it.
func troubleWords(x bitbucket.Exchange) string {
	switch e := answerOf(x.Err); {
	case !bitbucket.IsTemporary(x.Err):
		return ""
	case x.Status >= 500: // whatever its body is, mostly a page of HTML
		return fmt.Sprintf("Bitbucket answered %d", x.Status)
	case bitbucket.IsNotBitbucket(x.Err) || e.NotJSON && e.Err == nil: // and not a body that broke off
		return e.Message
	case bitbucket.IsNetwork(x.Err):
		return "no answer (" + e.Message + ")"
	}
	return ""
}

// maxLogLine is how many characters of a request's line are printed: slugs have up to 100, and the reason of
// a failure comes behind them.
const maxLogLine = 200

// line prints the line of one request. The query is left out: it is as long as a URL may be, and its
// hashes say nothing to the user.
func (l *requestLog) line(x bitbucket.Exchange) {
	if !l.Bool("verbose") {
		return
	}
	parts := strings.Split(x.Path, "/") // "", repositories, workspace, repository, …
	if len(parts) > 3 {
		if slug, ok := l.slugs.Load(parts[3]); ok {
			parts[3] = slug.(string)
		}
	}
	line := x.Method + " " + strings.Join(parts, "/")
	if x.Page > 1 {
		line += fmt.Sprintf(" (page %d)", x.Page)
	}
	if x.Status == 0 {
		line += fmt.Sprintf(": no answer: %v", x.Err)
	} else {
		line += fmt.Sprintf(": %d", x.Status)
	}
	if x.Attempt > 1 {
		line += fmt.Sprintf(" (attempt %d)", x.Attempt)
	}
	line += fmt.Sprintf(" in %v", x.Duration.Round(time.Millisecond))
	command.Notice(l.flags, "%s", fit(line, maxLogLine))
}
