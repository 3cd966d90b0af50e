package synccmd

import (
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"trunkstat/store"
	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// plainEvery is how often a line is printed where there is no terminal.
const plainEvery = 5 * time.Second

// A progress tells a person how a run is getting on: on a terminal live, elsewhere with a line now
// and then, with --quiet not at all. Its methods may be called from many goroutines.
type progress struct {
	out     io.Writer // nil: quiet
	screen  *screen   // nil: no terminal
	restore func()

	mu     sync.Mutex
	run    standing
	last   time.Time // of a plain line
	budget *bitbucket.Budget
}

// newProgress begins to tell. Until close, what the program says on stderr goes through it, so that
// no line of a request or of the database tears the live lines apart.
func newProgress(c *cli.Context, env environment, workspace string) *progress {
	now := time.Now()
	p := &progress{out: c.App.ErrWriter, last: now, restore: func() {}}
	p.run = standing{workspace: workspace, began: now}
	if c.Bool("quiet") {
		p.out = nil
		return p
	}
	if f, ok := c.App.ErrWriter.(*os.File); ok && term.IsTerminal(int(f.Fd())) && env.getenv("TERM") != "dumb" {
		p.screen = newScreen(f, p.lines)
		c.App.ErrWriter = p.screen
		p.restore = func() { c.App.ErrWriter = f }
	}
	return p
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
	}
	p.restore()
}

// event takes in what the run did.
func (p *progress) event(e engine.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run.event(e)
	switch {
	case e.Kind == engine.Finished && e.Removed > 0:
		p.say("%s was rewritten: -%d +%d commits", e.Repository, e.Removed, e.Commits)
	case e.Kind == engine.Settled && e.Err != nil:
		p.say("%s: %v", e.Repository, e.Err)
	case e.Kind == engine.Noticed:
		p.say("%s", e.Text)
	}
	if p.screen == nil && time.Since(p.last) >= plainEvery {
		p.say("%s", p.run.sentence())
	}
}

// wait tells that all walks wait for Bitbucket, and for how long they did.
func (p *progress) wait(w bitbucket.Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if w.Until.IsZero() {
		p.run.waitOver(now)
		return
	}
	p.run.waitOver(now)
	p.run.wait, p.run.waitBegan = w, now
	if p.screen == nil {
		p.say("waiting until %s: %s", w.Until.Local().Format(time.TimeOnly), w.Reason)
	}
}

// exchange tells that no answer comes, once: the client tries for a while, and silence would look
// as if the program hung.
func (p *progress) exchange(x bitbucket.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trouble := troubleWords(x)
	if p.screen == nil && trouble != "" && p.run.trouble == "" {
		p.say("%s, trying again", trouble)
	}
	p.run.trouble = trouble
}

// waited is how long the run did nothing but wait.
func (p *progress) waited() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run.waitOver(time.Now())
	return p.run.waited
}

func (p *progress) say(format string, args ...any) {
	p.last = time.Now()
	line := fmt.Sprintf("trunkstat: %s: %s\n", p.run.workspace, store.Clean(fmt.Sprintf(format, args...)))
	switch {
	case p.screen != nil:
		io.WriteString(p.screen, line)
	case p.out != nil:
		io.WriteString(p.out, line)
	}
}

// lines are the live ones, for a terminal of that size.
func (p *progress) lines(width, height int) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run.count(p.budget)
	return p.run.lines(time.Now(), width, height)
}

// A standing is how far a run has come.
type standing struct {
	workspace string
	began     time.Time

	listed, total, done, commits int
	planned                      bool
	walks                        []walking // under way, in the order in which they began

	requests, left, limit int // left and limit: -1 and 0 where there is no limit
	wait                  bitbucket.Wait
	waitBegan             time.Time
	waited                time.Duration
	trouble               string // why there is no usable answer, while there is none
}

// A walking is a repository that is being walked.
type walking struct {
	slug    string
	commits int // by this run
}

func (s *standing) event(e engine.Event) {
	switch e.Kind {
	case engine.Listing:
		s.listed = e.Repositories
	case engine.Planned:
		s.planned, s.total = true, e.Repositories
	case engine.Started:
		s.walks = append(s.walks, walking{slug: e.Repository})
	case engine.Stored:
		s.commits += e.Commits
		for i := range s.walks {
			if s.walks[i].slug == e.Repository {
				s.walks[i].commits += e.Commits
			}
		}
	case engine.Settled:
		s.walks = slices.DeleteFunc(s.walks, func(w walking) bool { return w.slug == e.Repository })
		s.done++
	}
}

func (s *standing) waitOver(now time.Time) {
	if !s.waitBegan.IsZero() {
		s.waited += now.Sub(s.waitBegan)
	}
	s.wait, s.waitBegan = bitbucket.Wait{}, time.Time{}
}

func (s *standing) count(b *bitbucket.Budget) {
	s.left = -1
	if b == nil {
		return
	}
	s.requests, s.limit = b.Requests(), b.Limit()
	if left, limited := b.Left(); limited {
		s.left = left
	}
}
