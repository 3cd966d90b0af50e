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
	q.By, q.Pivot = []Dimension{AuthorDim}, Repository // of each person, the repositories are the cells
	q.Columns, q.Sort, q.Compare = nil, Sort{}, false  // a pivot refuses what a report may have asked for
	q.filter = nil                                     // validate it again: its range was another
	c := &Contributors{Days: days}
	err := view(ctx, db, q, func(b *builder) error {
		b.now = b.newCount()
		if err := b.run(ctx, b.now); err != nil {
			return err
		}
		b.chooseLabels()
		if err := b.sort(); err != nil {
			return err
		}
		c.Repositories = b.now.columns.rows()
		_, c.Bots = b.scope.byBots(b.now.used, excludedByKind)
		c.setRows(b)
		c.setIncomplete(b)
		c.setAbout(b)
		return nil
	})
	return c, err
}

// setRows makes a row for each person who committed. An e-mail that two persons share, as a mailmap can have
// it, is one in the sum.
func (c *Contributors) setRows(b *builder) {
	all, repositories := map[string]bool{}, b.now.pivot.perParent(b.now.rows.rows())
	for _, row := range b.now.rows.order {
		person, own := b.scope.People.Persons[b.now.rows.value(row, 0)], map[string]bool{}
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
func (c *Contributors) setIncomplete(b *builder) {
	day := func(t time.Time) string { return t.In(b.q.Zone).Format(time.DateOnly) }
	labels := b.scope.repositoryLabels()
	for i, repo := range b.scope.Repositories {
		_, walking := b.scope.walks[repo.UUID]
		reason := ""
		switch {
		case isIncomplete(repo, b.scope.walks):
			reason, _, _ = strings.Cut(repo.State(walking), ":") // without what Bitbucket said
		case repo.Floor != 0 && repo.Floor > b.scope.since:
			reason = "begins at " + day(time.Unix(repo.Floor, 0))
			c.BeginLate = true
		case repo.Missing() || repo.Excluded || repo.LastSync.IsZero():
		case repo.LastSync.Unix() < b.scope.until:
			reason = "last synced on " + day(repo.LastSync)
		}
		if reason != "" {
			c.Incomplete = append(c.Incomplete, labels[i].text+" ("+reason+")")
		}
	}
}

// setAbout says what the numbers are of. It names no incomplete repositories: these are in Incomplete, with
// the reasons.
func (c *Contributors) setAbout(b *builder) {
	c.About = Result{
		Since: b.q.Filter.Since, Until: b.q.Filter.Until, Zone: b.q.Zone, ZoneName: b.q.ZoneName,
		GeneratedAt: b.q.Now, Coverage: b.scope.Coverage,
		Notes: slices.Concat(b.scope.Unmatched, b.q.FileNotes()),
	}
	for _, row := range c.Rows {
		c.About.Total.Commits += row.Commits
	}
}

// DraftMailmap proposes which addresses are one person's, from the commits that a query includes and beyond
// what its mailmap says. Errors are those of Volume.
func DraftMailmap(ctx context.Context, db *store.DB, q Query) (proposals []people.Proposal, err error) {
	err = view(ctx, db, q, func(b *builder) error {
		pass := b.scan(b.scope, func(*batch) {}) // it counts the commits of each author, and no more is needed
		if err := pass.run(ctx); err != nil {
			return err
		}
		proposals = b.scope.People.Draft(pass.used)
		return nil
	})
	return proposals, err
}
