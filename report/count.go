package report

import (
	"context"
	"slices"
)

// A count is what was counted of the commits of a range. A report with a comparison has two.
type count struct {
	scope   *Scope // with the range
	total   *table
	rows    *table
	columns *table   // the values of a pivot; nil: none
	pivot   *table   // the rows divided by the values of the pivot
	days    *table   // for a page's calendar; nil: none
	tables  []*table // all but the total

	used   []int64 // as in scan, when run is done
	shared int
}

// shown returns the tables whose values are shown in a report, as rows or as columns.
func (c *count) shown() []*table {
	if c.columns == nil {
		return []*table{c.rows}
	}
	return []*table{c.rows, c.columns}
}

// newCount prepares the count of the query's range. Tables that divide others come behind them in the list,
// so that they find the rows of a commit numbered.
func (b *builder) newCount() *count {
	persons := len(b.scope.People.Persons)
	c := &count{scope: b.scope, total: newTable(nil, persons)}
	var axes []*axis
	for _, dim := range b.q.By {
		axes = append(axes, b.newAxis(dim))
	}
	c.rows = newTable(axes, persons)
	c.tables = slices.Concat([]*table{c.rows}, b.divide(c.rows), b.divide(c.total))
	if b.q.Pivot != "" {
		pivot := b.newAxis(b.q.Pivot)
		c.columns = newTable([]*axis{pivot}, 0)
		c.pivot = c.rows.dividedBy(pivot)
		c.tables = append(c.tables, c.columns, c.pivot)
	}
	if b.q.Calendar {
		c.days = newTable([]*axis{b.newAxis(Day)}, 0)
		c.tables = append(c.tables, c.days)
	}
	return c
}

// run counts. The persons of the total follow from the number of commits of each author, which takes a step
// for each author where addToOnlyRow would take one for each commit.
func (b *builder) run(ctx context.Context, c *count) error {
	pass := b.scan(c.scope, func(some *batch) {
		c.total.addToOnlyRow(some)
		for _, t := range c.tables {
			t.add(some)
		}
	})
	err := pass.run(ctx)
	c.used, c.shared = pass.used, pass.shared
	for author, n := range c.used {
		if n > 0 && b.scope.verdicts[author] == included {
			c.total.people[0].add(b.scope.People.Indexes[author], c.total.words)
		}
	}
	c.total.setMore()
	c.rows.setMore()
	return err
}

// scan prepares a pass over the commits of a scope.
func (b *builder) scan(scope *Scope, visit func(*batch)) *scan {
	return &scan{scope: scope, tx: b.tx, families: b.families, messages: b.messages, visit: visit}
}

// byBots counts the commits of the bots on whom there is a verdict, and those bots. used has the commits of
// each author.
func (s *Scope) byBots(used []int64, v verdict) (commits, bots int) {
	for _, person := range s.People.Persons {
		n := 0
		for _, author := range person.Authors {
			if s.verdicts[author] == v {
				n += int(used[author])
			}
		}
		if n > 0 && person.Bot {
			commits += n
			bots++
		}
	}
	return commits, bots
}
