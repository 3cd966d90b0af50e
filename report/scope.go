package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"trunkstat/report/people"
	"trunkstat/store"
)

// A Scope is a query's filter applied to a snapshot of the database: which repositories are looked at, who
// is who, and which commits are included.
type Scope struct {
	Repositories []store.Repository // by workspace, slug, UUID
	Coverage     Coverage
	Incomplete   []string          // names of the incomplete repositories
	People       *people.Directory // of the whole database, whatever is filtered
	Unmatched    []string          // sentences about patterns and filters that match nothing

	walks        map[store.UUID]store.Walk
	since, until int64 // both included
	merges       Choice
	verdicts     []verdict // by number of an author, co-authors included
	filter       *compiledFilter
	teams        *members  // of persons; nil unless teams are asked for
	groups       *members  // of all repositories; nil unless groups are asked for
	groupsOf     [][]int32 // by index of Repositories: its groups, which are the same at every date

	stored     int                // authors of the database; those beyond it are co-authors
	assistants *people.Assistants // for co-authors; nil: they do not count
	coAuthors  map[string]uint32  // numbers of co-authors, by their texts
	authors    []uint32           // see authorsOf
}

// A verdict says whether an author's commits are included, and else why not, for notes to tell. There is one
// for each author and not for each person, since commits have the numbers of authors.
type verdict uint8

const (
	included          verdict = iota
	excludedByPattern         // --author, --exclude-author
	excludedByKind            // --bots: it is a bot, or it is none
)

// NewScope applies the filter of a query. It returns ErrMisuse as Validate does.
func NewScope(tx *store.Tx, q Query) (*Scope, error) {
	q, err := q.Validate()
	if err != nil {
		return nil, err
	}
	s := &Scope{since: q.filter.since, until: q.filter.until, merges: q.Filter.Merges, filter: q.filter}
	if err := s.setRepositories(tx, q); err != nil {
		return nil, err
	}
	if err := s.setCoverage(tx, q.Filter.Workspace); err != nil {
		return nil, err
	}
	return s, s.setPeople(tx, q)
}

// Keeps reports whether a commit of one of the Repositories is included, for exports, which read commits by
// themselves. It knows no co-authors: an export has a row for a commit, and not for each of its authors.
func (s *Scope) Keeps(c *store.SharedCommit) bool {
	return s.inRange(c.Date, c.Merge) && s.checkAuthor(c.Author) == nil && s.verdicts[c.Author] == included &&
		s.teams.includes(s.People.Indexes[c.Author], c.Date) && s.matchesMessage(c.Message)
}

// inRange reports whether a commit is included as far as its date and its number of parents say.
func (s *Scope) inRange(date int64, merge bool) bool {
	return s.since <= date && date <= s.until && s.merges.includes(merge)
}

// Range returns the first and the last second that are included.
func (s *Scope) Range() (since, until int64) { return s.since, s.until }

// CountRepository counts the commits of one of the Repositories that are included, by its index. The dates
// are in UTC. A commit that other repositories have as well counts here too.
func (s *Scope) CountRepository(ctx context.Context, tx *store.Tx, i int) (Counts, error) {
	sum := newTable(nil, len(s.People.Persons))
	pass := scan{scope: s, tx: tx, families: []family{{i}}, visit: sum.add}
	err := pass.run(ctx)
	return sum.counts(0, time.UTC), err
}

// checkAuthor refuses the number of an author that is not stored. A damaged record may have any number, which
// would be an index out of range.
func (s *Scope) checkAuthor(author uint32) error {
	if int64(author) >= int64(s.stored) {
		return fmt.Errorf("%w: there is no author %d", store.ErrDamaged, author)
	}
	return nil
}

// setPeople finds out who is who among all authors of the database, whatever is filtered: a person must be
// the same one in every report. Then it applies the filters for people.
func (s *Scope) setPeople(tx *store.Tx, q Query) error {
	authors, err := tx.Authors()
	if err != nil {
		return err
	}
	s.stored = len(authors)
	if q.CoAuthors {
		if authors, err = s.addCoAuthors(tx, authors, q.Assistants); err != nil {
			return err
		}
	}
	f := q.filter
	s.People = people.Resolve(authors, q.Mailmap, f.bots.patterns)
	s.verdicts = make([]verdict, len(authors))
	byText := func(i int, p store.Pattern) bool { return s.People.Persons[i].Matches(p.MatchPart) }
	include, exclude := s.apply(f.authors, "author", len(s.People.Persons), byText)
	s.apply(patternFilter{include: f.bots}, "author", len(s.People.Persons), byText) // for its notes alone
	for i, person := range s.People.Persons {
		v := verdictOn(person, include[i] && !exclude[i], q.Filter.Bots)
		for _, n := range person.Authors {
			s.verdicts[n] = v
		}
	}
	if q.Teams != nil {
		s.teams = s.newTeams(q)
	}
	return nil
}

// verdictOn applies --author before --bots: notes tell of the bots among the authors that are asked for
// alone.
func verdictOn(person *people.Person, isAsked bool, bots Choice) verdict {
	switch {
	case !isAsked:
		return excludedByPattern
	case bots.includes(person.Bot):
		return included
	}
	return excludedByKind
}

// setRepositories applies the filters for repositories. A repository that the last sync did not list is among
// them, since its commits were made.
func (s *Scope) setRepositories(tx *store.Tx, q Query) error {
	all, err := tx.Repositories()
	if err != nil {
		return err
	}
	known, workspace, f := len(all), q.Filter.Workspace, q.filter // known: whatever is filtered
	if err := checkWorkspace(tx, workspace, all); err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(r store.Repository) bool {
		return workspace != "" && !strings.EqualFold(workspace, r.Workspace)
	})
	bySlug := func(i int, p store.Pattern) bool { return p.MatchRepository(all[i].Workspace, all[i].Slug) }
	byProject := func(i int, p store.Pattern) bool { return p.Match(all[i].Project) }
	if q.Groups != nil {
		s.groups = s.newGroups(q, all)
	}
	inRepos, notRepos := s.apply(f.repos, "repository", len(all), bySlug)
	inProjects, notProjects := s.apply(f.projects, "repository", len(all), byProject)
	for i, repo := range all {
		if !inRepos[i] || notRepos[i] || !inProjects[i] || notProjects[i] ||
			!q.Filter.Visibility.includes(repo.Private) || !s.groups.includes(int32(i), 0) {
			continue
		}
		s.Repositories = append(s.Repositories, repo)
		if s.groups != nil {
			s.groupsOf = append(s.groupsOf, slices.Clone(s.groups.of(int32(i), 0)))
		}
	}
	if len(s.Repositories) == 0 && len(s.Unmatched) == 0 && known > 0 {
		s.Unmatched = append(s.Unmatched, fmt.Sprintf("no repository matches all filters; %s known",
			NumberOf(known, "repository is", "repositories are")))
	}
	return nil
}

// apply tells for each of n things whether a filter includes it, and whether it excludes it, which takes
// precedence. It notes the patterns that match nothing, in a sentence for each flag.
func (s *Scope) apply(
	f patternFilter, what string, n int, matches func(i int, p store.Pattern) bool,
) (include, exclude []bool) {
	match := func(flag flagPatterns) []bool {
		matched := make([]bool, n)
		var unmatched []string
		for at, p := range flag.patterns {
			any := false
			for i := range n {
				if matches(i, p) {
					matched[i], any = true, true
				}
			}
			if !any {
				unmatched = append(unmatched, fmt.Sprintf("%q", flag.texts[at]))
			}
		}
		if len(unmatched) > 0 {
			s.Unmatched = append(s.Unmatched,
				fmt.Sprintf("no %s matches %s %s", what, flag.flag, strings.Join(unmatched, " or ")))
		}
		return matched
	}
	include, exclude = match(f.include), match(f.exclude)
	for i := range include {
		include[i] = include[i] || len(f.include.patterns) == 0
	}
	return include, exclude
}

// checkWorkspace refuses a workspace that was never synced: a report of 0 commits would look like an
// answer.
func checkWorkspace(tx *store.Tx, slug string, repos []store.Repository) error {
	workspaces, err := tx.Workspaces()
	if err != nil {
		return err
	}
	var known []string
	for _, w := range workspaces {
		known = append(known, w.Slug)
	}
	for _, r := range repos {
		known = append(known, r.Workspace)
	}
	if slug == "" || slices.ContainsFunc(known, func(w string) bool { return strings.EqualFold(w, slug) }) {
		return nil
	}
	slices.Sort(known)
	return &UnknownWorkspaceError{slug, slices.Compact(known)}
}

// An UnknownWorkspaceError is returned when a query names a workspace that the database does not have.
type UnknownWorkspaceError struct {
	Slug  string
	Known []string // the workspaces that it has, sorted
}

func (e *UnknownWorkspaceError) Error() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("workspace %q has not been synced", e.Slug)
	}
	return fmt.Sprintf("workspace %q has not been synced; the database has %s", e.Slug,
		strings.Join(e.Known, ", "))
}
