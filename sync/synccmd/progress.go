package synccmd

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"trunkstat/report/render"
	"trunkstat/store/command"
	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// plainInterval is how often a line is printed if stderr is not a terminal.
const plainInterval = 5 * time.Second

// A progress shows on stderr how far a run has come: live lines on a terminal, elsewhere a plain line now and
// then, and with --quiet nothing. Its methods may be called from many goroutines.
type progress struct {
	c      *cli.Context
	now    func() time.Time
	screen *screen   // nil: not a terminal, or quiet
	stderr io.Writer // of the app, in whose place the screen is meanwhile

	mu     sync.Mutex
	status status
	last   time.Time // when a plain line was printed
	budget *bitbucket.Budget
}

// newProgress begins to show a run. Until close, what the program prints on stderr goes through the screen,
// so that no notice is drawn into the live lines.
func newProgress(c *cli.Context, env environment, workspace string) *progress {
	now := env.now()
	p := &progress{c: c, now: env.now, stderr: c.App.ErrWriter, last: now}
	p.status = status{workspace: workspace, began: now}
	if f, ok := c.App.ErrWriter.(*os.File); ok && !c.Bool("quiet") && obeysEscapes(f, env) {
		p.screen = newScreen(f, p.lines)
		c.App.ErrWriter = p.screen
	}
	return p
}

// obeysEscapes reports whether a file is a terminal that can clear lines. Those that can show colours can,
// also where the user wants no colours.
func obeysEscapes(f *os.File, env environment) bool {
	getenv := func(name string) string {
		if name == "NO_COLOR" {
			return ""
		}
		return env.getenv(name)
	}
	return render.TerminalOf(f, getenv, false).Color
}

// watch has the requests of the budget shown.
func (p *progress) watch(b *bitbucket.Budget) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget = b
}

// close takes the live lines off the terminal. It can be called twice.
func (p *progress) close() {
	if p.screen != nil {
		p.screen.close()
		p.c.App.ErrWriter = p.stderr
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
	case e.Kind == engine.Settled && e.Err != nil:
		p.say("%s: %v", e.Repository, e.Err)
	case e.Kind == engine.Noticed:
		p.say("%s", e.Text)
	}
	if p.screen == nil && p.now().Sub(p.last) >= plainInterval {
		p.say("%s", p.status.plainLine())
	}
}

// wait notes that all walks wait for Bitbucket, or that they no longer do.
func (p *progress) wait(w bitbucket.Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.status.endWait(now)
	if w.Until.IsZero() {
		return
	}
	p.status.wait, p.status.waitBegan = w, now
	if p.screen == nil {
		p.say("waiting until %s: %s", w.Until.Local().Format(time.TimeOnly), w.Reason)
	}
}

// exchange tells once that no usable answer comes: the client retries for a while, and without a word the
// program would seem to hang.
func (p *progress) exchange(x bitbucket.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trouble := troubleWords(x)
	if p.screen == nil && trouble != "" && p.status.trouble == "" {
		p.say("%s; trying again", trouble)
	}
	p.status.trouble = trouble
}

// waited returns how long the run did nothing but wait.
func (p *progress) waited() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.endWait(p.now())
	return p.status.waited
}

func (p *progress) say(format string, args ...any) {
	p.last = p.now()
	command.Inform(p.c, "%s: %s", p.status.workspace, fmt.Sprintf(format, args...))
}

// lines returns the live lines for a terminal of that size.
func (p *progress) lines(width, height int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status.count(p.budget)
	return p.status.lines(p.now(), width, height)
}

// troubleWords says why no usable answer came. It returns "" for an answer, also for a refusal, and if the
// client does not try again.
func troubleWords(x bitbucket.Exchange) string {
	switch e := answerOf(x.Err); {
	case !bitbucket.IsTemporary(x.Err):
		return ""
	case x.Status >= 500:
		return fmt.Sprintf("Bitbucket answered %d", x.Status)
	case bitbucket.IsNotBitbucket(x.Err) || e.NotJSON && e.Err == nil:
		return e.Message
	case bitbucket.IsNetwork(x.Err):
		return "no answer (" + e.Message + ")"
	}
	return ""
}

// troubleNotice returns a watcher that tells once that no answer comes, for requests one after the other.
func troubleNotice(c *cli.Context) func(bitbucket.Exchange) {
	told := false
	return func(x bitbucket.Exchange) {
		if words := troubleWords(x); words != "" && !told {
			told = true
			command.Inform(c, "%s; trying again", words)
		}
	}
}
