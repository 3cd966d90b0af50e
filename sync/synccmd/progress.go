package synccmd

import (
	"fmt"
	"os"
	"sync"
	"time"

	"trunkstat/report/render"
	"trunkstat/store/command"
	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// plainInterval is how often a line is printed if stderr is not a terminal: the log of a long sync
// stays readable, and still shows that it goes on.
const plainInterval = 5 * time.Second

// A progress shows on stderr how far a run has come: live lines on a terminal, elsewhere a plain line now and
// then, and with --quiet nothing. Its methods may be called from many goroutines.
type progress struct {
	call
	budget *bitbucket.Budget // its requests are shown
	screen *screen           // nil: not a terminal, or quiet

	mu     sync.Mutex // locked before that of the screen, never after it: say writes to the screen
	status status
	last   time.Time // when a line was printed: any line shows that the run goes on
}

// newProgress begins to show a run. Until close, what the program prints on stderr goes through the screen,
// so that no notice is drawn into the live lines.
func newProgress(c call, workspace string, budget *bitbucket.Budget) *progress {
	now := c.now()
	p := &progress{call: c, budget: budget, last: now,
		status: status{workspace: workspace, began: now}}
	if f, ok := c.App.ErrWriter.(*os.File); ok && !c.Bool("quiet") && obeysEscapes(f, c.getenv) {
		p.screen = newScreen(f, p.lines)
		c.App.ErrWriter = p.screen
	}
	return p
}

// obeysEscapes reports whether a file is a terminal that can clear lines. One that can show colours can,
// since both are escape sequences. NO_COLOR is left out: it says what the user likes, not what the terminal
// can do.
func obeysEscapes(f *os.File, getenv func(string) string) bool {
	return render.TerminalOf(f, func(name string) string {
		if name == "NO_COLOR" {
			return ""
		}
		return getenv(name)
	}, false).Color
}

// close takes the live lines off the terminal, so that the summary stands in their place.
func (p *progress) close() {
	if p.screen != nil {
		p.screen.close()
		p.App.ErrWriter = p.screen.out
	}
}

// event counts an event, and prints the events that are worth a line of their own. Plain lines come with
// events, not with a timer: while nothing happens, there is nothing to tell.
func (p *progress) event(e engine.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.event(e)
	switch {
	case e.Kind == engine.Finished && e.Removed > 0:
		p.say("%s was rewritten: -%d +%d commits", e.Repository, e.Removed, e.Commits)
	case e.Kind == engine.Done && e.Err != nil:
		p.say("%s: %v", e.Repository, e.Err)
	case e.Kind == engine.Noticed:
		p.say("%s", e.Text)
	}
	if p.screen == nil && p.now().Sub(p.last) >= plainInterval {
		p.status.setRequests(p.budget)
		p.say("%s", p.status.headline(p.now()))
	}
}

// wait notes that all walks wait for Bitbucket, or that they no longer do.
func (p *progress) wait(w bitbucket.Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.setWait(w, p.now())
	if p.screen == nil && !w.Until.IsZero() { // the live lines have it, with the time that is left
		p.say("waiting until %s: %s", clockTime(w.Until), w.Reason)
	}
}

// waited returns how long the run did nothing but wait.
func (p *progress) waited() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status.totalWaited(p.now())
}

// say prints a line about the workspace. The caller holds p.mu.
func (p *progress) say(format string, args ...any) {
	p.last = p.now()
	command.Inform(p.flags, "%s: %s", p.status.workspace, fmt.Sprintf(format, args...))
}

// lines returns the live lines for a terminal of that size.
func (p *progress) lines(width, height int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.setRequests(p.budget)
	return p.status.lines(p.now(), width, height)
}
