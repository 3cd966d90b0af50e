package report

import (
	"context"
	"slices"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/store"
)

// A snapshot is what a report is made from: a query, and the database at one moment.
type snapshot struct {
	tx       *store.Tx
	q        Query // validated
	scope    *Scope
	families []family
	messages *messages // nil: no dimension is made from them
	clock    *calendar.Clock
	firsts   []int64 // by person: the date of the first commit of all that is stored; nil: not asked for

	first, last calendar.Date // of nearly all commits
}

// view validates a query, and hands over a snapshot of the database for it. A sync that runs meanwhile
// changes nothing in it, so that all passes over the commits count the same.
func view(ctx context.Context, db *store.DB, q Query, use func(*snapshot) error) error {
	q, err := q.validated()
	if err != nil {
		return err
	}
	return db.View(ctx, func(tx *store.Tx) error {
		s, err := newSnapshot(ctx, tx, q)
		if err != nil {
			return err
		}
		return use(s)
	})
}

func newSnapshot(ctx context.Context, tx *store.Tx, q Query) (*snapshot, error) {
	s := &snapshot{tx: tx, q: q, clock: calendar.NewClock(q.Zone)}
	var err error
	if s.scope, err = NewScope(tx, q); err != nil {
		return nil, err
	}
	s.families = s.scope.families(tx)
	s.setDates()
	s.messages = newMessages(q, s.scope)
	if slices.Contains(q.Columns, NewAuthors) {
		s.firsts, err = s.firstCommits(ctx)
	}
	return s, err
}

// setDates says which dates nearly all commits have: those since git exists, as far as they are asked for.
func (s *snapshot) setDates() {
	gitBegan := time.Date(2005, time.January, 1, 0, 0, 0, 0, time.UTC).Unix()
	s.first, _ = s.clock.Local(max(gitBegan, s.scope.since))
	s.last, _ = s.clock.Local(min(s.q.Now.Unix(), s.scope.until))
}

// A count is what was counted of the commits of a range.
type count struct {
	scope   *Scope // with the range
	total   *table
	rows    *table
	columns *table   // the values of a pivot; nil: none
	pivot   *table   // the rows divided by the values of the pivot
	days    *table   // for a page's calendar; nil: none
	tables  []*table // all but the total

	used   []int64 // see scan
	shared int
}

// shown returns the tables whose values are shown in a report, as rows or as columns.
func (c *count) shown() []*table {
	if c.columns == nil {
		return []*table{c.rows}
	}
	return []*table{c.rows, c.columns}
}

// newCount prepares the count of the query's range.
func (s *snapshot) newCount() *count {
	persons := s.scope.People.Len()
	c := &count{scope: s.scope, total: newTable(nil, persons)}
	var axes []*axis
	for _, dim := range s.q.By {
		axes = append(axes, s.newAxis(dim))
	}
	c.rows = newTable(axes, persons)
	c.tables = slices.Concat([]*table{c.rows}, s.divide(c.rows), s.divide(c.total))
	if s.q.Pivot != "" {
		pivot := s.newAxis(s.q.Pivot)
		c.columns = newTable([]*axis{pivot}, 0)
		c.pivot = c.rows.dividedBy(pivot)
		c.tables = append(c.tables, c.columns, c.pivot)
	}
	if s.q.Calendar {
		c.days = newTable([]*axis{s.newAxis(Day)}, 0)
		c.tables = append(c.tables, c.days)
	}
	return c
}

// run counts. The persons of the total follow from the number of commits of each author, which takes a step
// for each author where addToOnlyRow would take one for each commit.
func (s *snapshot) run(ctx context.Context, c *count) error {
	pass := s.scan(c.scope, func(b *batch) {
		c.total.addToOnlyRow(b)
		for _, t := range c.tables {
			t.add(b)
		}
	})
	err := pass.run(ctx)
	c.used, c.shared = pass.used, pass.shared
	for author, n := range c.used {
		if n > 0 && s.scope.verdicts[author] == included {
			c.total.people[0].add(s.scope.People.Indexes()[author], c.total.words)
		}
	}
	c.total.setMore()
	c.rows.setMore()
	return err
}

// scan prepares a pass over the commits of a scope.
func (s *snapshot) scan(scope *Scope, visit func(*batch)) *scan {
	return &scan{scope: scope, tx: s.tx, families: s.families, messages: s.messages, visit: visit}
}

// byBots counts the commits of the bots on whom there is a verdict, and those bots. used has the commits of
// each author.
func (s *Scope) byBots(used []int64, v verdict) (commits, bots int) {
	for i := range s.People.Len() {
		n := 0
		for _, author := range s.People.At(i).Authors {
			if s.verdicts[author] == v {
				n += int(used[author])
			}
		}
		if n > 0 && s.People.At(i).Bot {
			commits += n
			bots++
		}
	}
	return commits, bots
}
