package report

import (
	"math"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"trunkstat/store"
)

// A Filter says which commits are counted. The zero Filter includes all of them.
type Filter struct {
	Workspace string // slug; empty: all

	// Since and Until are both included, to the second, since commits have no finer dates; zero is open.
	Since, Until time.Time

	// Repos are patterns for the slug, or for workspace/slug where they have a slash; Projects for the
	// key; Authors for names and e-mails, whole ones or parts of them. See store.Pattern. No pattern
	// includes everything.
	Repos, ExcludeRepos       []string
	Projects, ExcludeProjects []string
	Authors, ExcludeAuthors   []string

	// Teams and Groups are patterns for the names in Query.Teams and Query.Groups, "(no team)" and "(no
	// group)" among them.
	Teams, ExcludeTeams   []string
	Groups, ExcludeGroups []string

	// Grep and ExcludeGrep are regular expressions on whole messages. Package regexp takes time in
	// proportion to a message, so that no expression can make a report hang.
	Grep, ExcludeGrep []string

	Visibility Visibility // of repositories

	Merges, Bots Choice
	BotPatterns  []string // as Authors; people who are bots beside the built-in list
}

// A Visibility is private or public, as Bitbucket has repositories; empty: either.
type Visibility string

const (
	Private Visibility = "private"
	Public  Visibility = "public"
)

func (v Visibility) includes(private bool) bool { return v == "" || (v == Private) == private }

// A compiledFilter is a Filter whose patterns and range are ready for use. It looks at no database, so that a
// command can refuse a wrong pattern before it opens one.
type compiledFilter struct {
	since, until             int64 // both included; an open end is as far away as a date can be
	repos, projects, authors patternFilter
	teams, groups            patternFilter
	bots                     flagPatterns
	grep, excludeGrep        []*regexp.Regexp
}

// A patternFilter includes what matches one of the patterns in include, or everything if there are none,
// except for what matches one of those in exclude.
type patternFilter struct{ include, exclude flagPatterns }

// flagPatterns are the patterns that were given with one flag. Each has its text at the same index, for the
// notes on patterns that match nothing.
type flagPatterns struct {
	flag     string
	texts    []string
	patterns store.Patterns
}

// compile returns ErrMisuse for the first pattern that is invalid, and for a range that ends before it
// begins: a report of 0 commits would look like an answer.
func (f Filter) compile() (*compiledFilter, error) {
	c := &compiledFilter{since: math.MinInt64, until: math.MaxInt64}
	if !f.Since.IsZero() {
		c.since = ceilUnix(f.Since)
	}
	if !f.Until.IsZero() {
		c.until = f.Until.Unix()
	}
	if c.since > c.until {
		return nil, misuse("the range ends before it begins: --since %s is after --until %s",
			f.Since.Format(time.RFC3339), f.Until.Format(time.RFC3339))
	}
	for _, p := range []struct {
		to    *flagPatterns
		flag  string
		texts []string
	}{
		{&c.repos.include, "--repo", f.Repos}, {&c.repos.exclude, "--exclude-repo", f.ExcludeRepos},
		{&c.projects.include, "--project", f.Projects},
		{&c.projects.exclude, "--exclude-project", f.ExcludeProjects},
		{&c.authors.include, "--author", f.Authors},
		{&c.authors.exclude, "--exclude-author", f.ExcludeAuthors},
		{&c.teams.include, "--team", f.Teams}, {&c.teams.exclude, "--exclude-team", f.ExcludeTeams},
		{&c.groups.include, "--group", f.Groups}, {&c.groups.exclude, "--exclude-group", f.ExcludeGroups},
		{&c.bots, "--bot", f.BotPatterns},
	} {
		var err error
		if *p.to, err = compilePatterns(p.flag, p.texts); err != nil {
			return nil, err
		}
	}
	var err error
	if c.grep, err = compileRegexps("--grep", f.Grep); err != nil {
		return nil, err
	}
	c.excludeGrep, err = compileRegexps("--exclude-grep", f.ExcludeGrep)
	return c, err
}

// compileRegexps compiles the regular expressions of one flag.
func compileRegexps(flag string, texts []string) (all []*regexp.Regexp, err error) {
	for _, text := range texts {
		r, err := regexp.Compile(text)
		if err != nil {
			return nil, misuse("%s %q: %w", flag, text, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// compilePatterns compiles the globs of one flag. An error names the one that is invalid, and the flag.
func compilePatterns(flag string, texts []string) (flagPatterns, error) {
	single := make([]string, len(texts)) // with single blanks, as names are compared
	for i, text := range texts {
		single[i] = strings.Join(strings.Fields(text), " ")
	}
	patterns, err := store.NewPatterns(single...)
	if err != nil {
		return flagPatterns{}, misuse("%w for %s; use *, ? and [a-z]", err, flag)
	}
	return flagPatterns{flag, texts, patterns}, nil
}

// ceilUnix returns the first whole second that is not before t. Commits have no finer dates.
func ceilUnix(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// needsMessages reports whether commits are told apart by their messages, which only the records of the store
// have.
func (s *Scope) needsMessages() bool {
	return s.assistants != nil || len(s.filter.grep)+len(s.filter.excludeGrep) > 0
}

// matchesMessage applies --grep and --exclude-grep.
func (s *Scope) matchesMessage(message []byte) bool {
	matches := func(r *regexp.Regexp) bool { return r.Match(message) }
	return !slices.ContainsFunc(s.filter.excludeGrep, matches) &&
		(len(s.filter.grep) == 0 || slices.ContainsFunc(s.filter.grep, matches))
}

// matchMessages applies them to the messages of several commits, on all processors: a regular expression
// takes microseconds for each, ten times as long as all else.
func (s *Scope) matchMessages(commits []store.SharedCommit) []bool {
	matches := make([]bool, len(commits))
	var wait sync.WaitGroup
	part := len(commits)/runtime.GOMAXPROCS(0) + 1 // not 0, and no more parts than processors
	for from := 0; from < len(commits); from += part {
		wait.Go(func() {
			for i := from; i < min(from+part, len(commits)); i++ {
				matches[i] = s.matchesMessage(commits[i].Message)
			}
		})
	}
	wait.Wait()
	return matches
}
