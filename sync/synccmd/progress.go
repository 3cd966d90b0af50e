package synccmd

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	engine "trunkstat/sync"
	"trunkstat/sync/bitbucket"
)

// plainEvery is how often a line is printed where there is no terminal.
const plainEvery = 5 * time.Second

// A progress tells a person how a run is getting on.
type progress struct {
	mu        sync.Mutex
	out       io.Writer // nil: quiet
	workspace string
	last      time.Time

	total, done, commits int
	waitBegan            time.Time
	waited               time.Duration
}

func newProgress(c *cli.Context, workspace string) *progress {
	p := &progress{out: c.App.ErrWriter, workspace: workspace, last: time.Now()}
	if c.Bool("quiet") {
		p.out = nil
	}
	return p
}

func (p *progress) event(e engine.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e.Kind {
	case engine.Planned:
		p.total = e.Repositories
	case engine.Stored:
		p.commits += e.Commits
	case engine.Finished:
		p.done++
		if e.Removed > 0 {
			p.say("%s was rewritten: -%d +%d commits", e.Repository, e.Removed, e.Commits)
		}
	case engine.Failed:
		p.done++
		p.say("%s: %v", e.Repository, e.Err)
	case engine.Noticed:
		p.say("%s", e.Text)
	}
	if time.Since(p.last) >= plainEvery {
		p.say("%d of %d repositories, %d commits", p.done, p.total, p.commits)
	}
}

// wait tells that all walks wait for Bitbucket, and for how long they did.
func (p *progress) wait(w bitbucket.Wait) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.Until.IsZero() {
		if !p.waitBegan.IsZero() {
			p.waited += time.Since(p.waitBegan)
			p.waitBegan = time.Time{}
		}
		return
	}
	p.waitBegan = time.Now()
	p.say("waiting until %s: %s", w.Until.Local().Format(time.TimeOnly), w.Reason)
}

func (p *progress) say(format string, args ...any) {
	p.last = time.Now()
	if p.out != nil {
		fmt.Fprintf(p.out, "trunkstat: %s: %s\n", p.workspace, fmt.Sprintf(format, args...))
	}
}

func (p *progress) close() {}
