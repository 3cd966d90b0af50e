package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/report/people"
	"trunkstat/store"
)

// Contributors says how many people committed in some whole days, the last of which is yesterday.
type Contributors struct {
	Days         int
	Rows         []Contributor // one for each person, the most commits first
	Emails       int           // distinct e-mails of the counted commits, as the commits have them
	Repositories int           // with a counted commit
	Bots         int           // that committed in these days and are left out

	// Incomplete has the repositories that lack commits of these days, each with the reason.
	Incomplete []string
	BeginLate  bool // some of them begin at a date given by sync --since

	About Result // the range, the zone, the coverage and the notes; it has no rows
}

// A Contributor is a person who committed.
type Contributor struct {
	Person       *people.Person
	Emails       int // of the counted commits, as the commits have them
	Commits      int // each once, whatever repositories share it
	Repositories int // with such a commit
	Last         time.Time
}

// CountContributors counts the people who committed in so many days. The query gives the filter, whose range
// is replaced, the identities, and the zone. Errors are those of Volume.
func CountContributors(ctx context.Context, db *store.DB, q Query, days int) (*Contributors, error) {
	q.setClock()
	today := calendar.DateOf(q.Now.In(q.Zone)) // left out: it is not over, so the number would grow
	q.Filter.Since = (today - calendar.Date(days)).Start(q.Zone)
	q.Filter.Until = (today - 1).End(q.Zone)
	q.filter = nil // its range was another
	c := &Contributors{Days: days}
	err := view(ctx, db, q, func(s *snapshot) error { return c.count(ctx, s) })
	return c, err
}

// count reads the commits.
func (c *Contributors) count(ctx context.Context, s *snapshot) error {
	persons := make([]contribution, s.scope.People.Len())
	repositories := map[int]bool{}
	pass := s.scan(s.scope, func(b *batch) {
		for i := range b.commits {
			for _, person := range b.commits[i].persons(nil) {
				persons[person].add(b.commits[i].date, b.holders)
			}
		}
		if len(b.commits) > 0 {
			for _, repo := range b.holders {
				repositories[repo] = true
			}
		}
	})
	if err := pass.run(ctx); err != nil {
		return err
	}
	s.scope.People.ChooseNames(pass.used)
	c.Repositories = len(repositories)
	_, c.Bots = s.scope.byBots(pass.used, excludedBot)
	c.setRows(s, persons, pass.used)
	c.setIncomplete(s)
	c.setAbout(s)
	return nil
}

// A contribution is what one person committed.
type contribution struct {
	commits      int
	last         int64
	repositories map[int]bool
}

func (c *contribution) add(date int64, holders []int) {
	if c.commits == 0 {
		c.last, c.repositories = date, map[int]bool{}
	}
	c.commits++
	c.last = max(c.last, date)
	for _, repo := range holders {
		c.repositories[repo] = true
	}
}

// setRows makes a row for each person who committed. An e-mail that two persons share, as a mailmap can have
// it, is one in the sum.
func (c *Contributors) setRows(s *snapshot, persons []contribution, used []int64) {
	all := map[string]bool{}
	for i, p := range persons {
		if p.commits == 0 {
			continue
		}
		person, own := s.scope.People.At(i), map[string]bool{}
		for _, n := range person.Authors {
			if _, email := s.scope.People.Author(n); email != "" && used[n] > 0 {
				own[people.FoldEmail(email)], all[people.FoldEmail(email)] = true, true
			}
		}
		c.Rows = append(c.Rows, Contributor{
			Person: person, Emails: len(own), Commits: p.commits, Repositories: len(p.repositories),
			Last: time.Unix(p.last, 0).In(s.q.Zone),
		})
	}
	c.Emails = len(all)
	slices.SortFunc(c.Rows, func(a, b Contributor) int {
		return cmp.Or(cmp.Compare(b.Commits, a.Commits), compareText(a.Person.Label(), b.Person.Label()),
			compareText(a.Person.Email, b.Person.Email), strings.Compare(a.Person.Key, b.Person.Key))
	})
}

// setIncomplete finds the repositories that may lack commits of the range. One that cannot be brought up to
// date, because it is no longer listed or is excluded from syncs, is incomplete only if it begins too late.
func (c *Contributors) setIncomplete(s *snapshot) {
	day := func(t time.Time) string { return t.In(s.q.Zone).Format(time.DateOnly) }
	labels := s.scope.repositoryLabels()
	for i, repo := range s.scope.Repositories {
		_, walking := s.scope.walks[repo.UUID]
		reason := ""
		switch {
		case isIncomplete(repo, s.scope.walks):
			reason, _, _ = strings.Cut(repo.State(walking), ":") // without what Bitbucket said
		case repo.Floor != 0 && repo.Floor > s.scope.since:
			reason = "begins at " + day(time.Unix(repo.Floor, 0))
			c.BeginLate = true
		case repo.Missing() || repo.Excluded || repo.LastSync.IsZero():
		case repo.LastSync.Unix() < s.scope.until:
			reason = "last synced on " + day(repo.LastSync)
		}
		if reason != "" {
			c.Incomplete = append(c.Incomplete, labels[i].text+" ("+reason+")")
		}
	}
}

// setAbout says what the numbers are of.
func (c *Contributors) setAbout(s *snapshot) {
	c.About = Result{
		Since: s.q.Filter.Since, Until: s.q.Filter.Until, Zone: s.q.Zone, ZoneName: s.q.ZoneName,
		GeneratedAt: s.q.Now, Coverage: s.scope.Coverage,
		Notes: slices.Concat(s.scope.Unmatched, s.q.FileNotes()),
	}
	for _, row := range c.Rows {
		c.About.Total.Commits += row.Commits
	}
}

// DraftMailmap proposes which addresses are one person's, from the commits that a query includes and beyond
// what its mailmap says. Errors are those of Volume.
func DraftMailmap(ctx context.Context, db *store.DB, q Query) (proposals []people.Proposal, err error) {
	err = view(ctx, db, q, func(s *snapshot) error {
		pass := s.scan(s.scope, func(*batch) {}) // for the number of commits of each author alone
		if err := pass.run(ctx); err != nil {
			return err
		}
		proposals = s.scope.People.Draft(pass.used)
		return nil
	})
	return proposals, err
}
