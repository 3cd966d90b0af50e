package report

import (
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
	q.By, q.Pivot = []Dimension{AuthorDim}, Repository
	q.filter = nil // its range was another
	c := &Contributors{Days: days}
	err := view(ctx, db, q, func(s *snapshot) error {
		b := &builder{snapshot: s, now: s.newCount()}
		if err := s.run(ctx, b.now); err != nil {
			return err
		}
		b.chooseLabels()
		if err := b.sort(); err != nil {
			return err
		}
		c.Repositories = b.now.columns.rows()
		_, c.Bots = s.scope.byBots(b.now.used, excludedBot)
		c.setRows(b)
		c.setIncomplete(s)
		c.setAbout(s)
		return nil
	})
	return c, err
}

// setRows makes a row for each person who committed. An e-mail that two persons share, as a mailmap can have
// it, is one in the sum.
func (c *Contributors) setRows(b *builder) {
	all, repositories := map[string]bool{}, b.now.pivot.perParent(b.now.rows.rows())
	for _, row := range b.now.rows.order {
		person, own := b.scope.People.At(int(b.now.rows.value(row, 0))), map[string]bool{}
		for _, n := range person.Authors {
			if _, email := b.scope.People.Author(n); email != "" && b.now.used[n] > 0 {
				own[people.FoldEmail(email)], all[people.FoldEmail(email)] = true, true
			}
		}
		counts := b.now.rows.counts(row, b.q.Zone)
		c.Rows = append(c.Rows, Contributor{
			Person: person, Emails: len(own), Commits: counts.Commits, Repositories: repositories[row],
			Last: counts.Last,
		})
	}
	c.Emails = len(all)
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
		c := s.newCount() // of which only the number of commits of each author is used
		if err := s.run(ctx, c); err != nil {
			return err
		}
		proposals = s.scope.People.Draft(c.used)
		return nil
	})
	return proposals, err
}
