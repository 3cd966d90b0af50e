package report

import (
	"fmt"
	"slices"
	"strings"

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
	c, err := f.compile()
	if err != nil {
		return nil, err
	}
	s := &Scope{since: c.since, until: c.until, merges: f.Merges, bots: f.Bots}
	if err := s.setRepositories(tx, f.Workspace, c); err != nil {
		return nil, err
	}
	return s, s.setPeople(tx, c, m)
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

func (s *Scope) setPeople(tx *store.Tx, c compiled, m *Mailmap) error {
	authors, err := tx.Authors()
	if err != nil {
		return err
	}
	s.People = resolve(authors, m, c.bots)
	s.fates = make([]fate, len(authors))
	for i := range s.People.Len() {
		fate := s.fateOf(i, c.authors)
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

func (s *Scope) setRepositories(tx *store.Tx, workspace string, c compiled) error {
	all, err := tx.Repositories()
	if err != nil {
		return err
	}
	s.known = len(all)
	if err := checkWorkspace(tx, workspace, all); err != nil {
		return err
	}
	for _, repo := range all {
		if workspace != "" && !strings.EqualFold(workspace, repo.Workspace) {
			continue
		}
		if c.repos.keeps(func(p pattern) bool {
			return p.matchesRepository(repo.Workspace, repo.Slug)
		}) && c.projects.keeps(func(p pattern) bool { return p.matches(repo.Project) }) {
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
