package report

import (
	"math"
	"time"
)

// A compiled is a Filter whose patterns and range are read.
type compiled struct {
	since, until             int64 // both included; an open one is as far away as a date can be
	repos, projects, authors choosing
	bots                     []pattern
}

// Check is ErrMisuse for patterns that are no patterns, and for a range that ends before it begins.
func (f Filter) Check() error {
	_, err := f.compile()
	return err
}

func (f Filter) compile() (c compiled, err error) {
	c.since, c.until = math.MinInt64, math.MaxInt64
	if !f.Since.IsZero() {
		c.since = ceilUnix(f.Since)
	}
	if !f.Until.IsZero() {
		c.until = f.Until.Unix()
	}
	if c.since > c.until {
		return c, misuse("the range ends (%s) before it begins (%s)",
			f.Until.Format(time.RFC3339), f.Since.Format(time.RFC3339))
	}
	if c.repos, err = parseChoosing("repositories", f.Repos, f.ExcludeRepos); err != nil {
		return c, err
	}
	if c.projects, err = parseChoosing("projects", f.Projects, f.ExcludeProjects); err != nil {
		return c, err
	}
	if c.authors, err = parseChoosing("authors", f.Authors, f.ExcludeAuthors); err != nil {
		return c, err
	}
	c.bots, err = parsePatterns("bots", f.BotPatterns)
	return c, err
}

// ceilUnix is the first whole second that is not before t; commits have no finer dates.
func ceilUnix(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}
