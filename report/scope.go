package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"trunkstat/store"
)

// A Scope is a Filter compiled against a snapshot of the database: which repositories are
// looked at, who is who, and which commits are kept.
type Scope struct {
	Repositories []store.Repository // by workspace, slug, UUID
	People       *People            // of the whole database, whatever is filtered

	since, until int64 // both included
	merges       Choice
	bots         Choice
	fates        []fate // by author number
	known        int    // repositories before any filter
}

// A fate says what becomes of an author's commits.
type fate uint8

const (
	kept     fate = iota
	unwanted      // left out by the patterns for authors
	botOut        // left out as a bot's alone
	humanOut      // left out as no bot's alone
)

// NewScope compiles a filter. A nil Mailmap is none. Patterns that are no patterns, and a range
// that ends before it begins, are an ErrMisuse.
func NewScope(tx *store.Tx, f Filter, m *Mailmap) (*Scope, error) {
	s := &Scope{merges: f.Merges, bots: f.Bots}
	if err := s.setRange(f); err != nil {
		return nil, err
	}
	if err := s.setRepositories(tx, f); err != nil {
		return nil, err
	}
	return s, s.setPeople(tx, f, m)
}

// Keeps reports whether the filter keeps a commit of one of the Repositories.
func (s *Scope) Keeps(date int64, author uint32, merge bool) bool {
	return s.since <= date && date <= s.until && s.merges.keeps(merge) &&
		int64(author) < int64(len(s.fates)) && s.fates[author] == kept
}

// Range is the first and the last second that the filter keeps.
func (s *Scope) Range() (since, until int64) { return s.since, s.until }

// keeps reports whether the choice keeps a commit that is, or is not, of its kind.
func (c Choice) keeps(is bool) bool {
	return c == Include || (c == Only) == is
}

// setRange takes the bounds of the filter; an open one is as far away as a date can be.
func (s *Scope) setRange(f Filter) error {
	s.since, s.until = math.MinInt64, math.MaxInt64
	if !f.Since.IsZero() {
		s.since = ceilUnix(f.Since)
	}
	if !f.Until.IsZero() {
		s.until = f.Until.Unix()
	}
	if s.since > s.until {
		return misuse("the range ends (%s) before it begins (%s)",
			f.Until.Format(time.RFC3339), f.Since.Format(time.RFC3339))
	}
	return nil
}

// ceilUnix is the first whole second that is not before t; commits have no finer dates.
func ceilUnix(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

func (s *Scope) setPeople(tx *store.Tx, f Filter, m *Mailmap) error {
	chosen, err := parseChoosing("authors", f.Authors, f.ExcludeAuthors)
	if err != nil {
		return err
	}
	bots, err := parsePatterns("bots", f.BotPatterns)
	if err != nil {
		return err
	}
	authors, err := tx.Authors()
	if err != nil {
		return err
	}
	s.People = resolve(authors, m, bots)
	s.fates = make([]fate, len(authors))
	for i := range s.People.Len() {
		fate := s.fateOf(i, chosen)
		for _, n := range s.People.At(i).Authors {
			s.fates[n] = fate
		}
	}
	return nil
}

func (s *Scope) fateOf(person int, chosen choosing) fate {
	bot := s.People.At(person).Bot
	switch {
	case !s.People.keeps(person, chosen):
		return unwanted
	case s.bots.keeps(bot):
		return kept
	case bot:
		return botOut
	}
	return humanOut
}

func (s *Scope) setRepositories(tx *store.Tx, f Filter) error {
	slugs, err := parseChoosing("repositories", f.Repos, f.ExcludeRepos)
	if err != nil {
		return err
	}
	projects, err := parseChoosing("projects", f.Projects, f.ExcludeProjects)
	if err != nil {
		return err
	}
	all, err := tx.Repositories()
	if err != nil {
		return err
	}
	s.known = len(all)
	if err := checkWorkspace(tx, f.Workspace, all); err != nil {
		return err
	}
	for _, repo := range all {
		if f.Workspace != "" && !strings.EqualFold(f.Workspace, repo.Workspace) {
			continue
		}
		if slugs.keeps(func(p pattern) bool {
			return p.matchesRepository(repo.Workspace, repo.Slug)
		}) && projects.keeps(func(p pattern) bool { return p.matches(repo.Project) }) {
			s.Repositories = append(s.Repositories, repo)
		}
	}
	return nil
}

// checkWorkspace refuses a workspace of which nothing is known: an empty report would look like
// an answer.
func checkWorkspace(tx *store.Tx, slug string, repos []store.Repository) error {
	if slug == "" || slices.ContainsFunc(repos, func(r store.Repository) bool {
		return strings.EqualFold(r.Workspace, slug)
	}) {
		return nil
	}
	workspaces, err := tx.Workspaces()
	if err != nil {
		return err
	}
	var known []string
	for _, w := range workspaces {
		if strings.EqualFold(w.Slug, slug) {
			return nil
		}
		known = append(known, w.Slug)
	}
	if len(known) == 0 {
		return fmt.Errorf("workspace %q is not in the database, which knows none", slug)
	}
	return fmt.Errorf("workspace %q is not in the database, which knows %s", slug,
		strings.Join(known, ", "))
}
