package report

import (
	"context"
	"slices"

	"trunkstat/report/calendar"
	"trunkstat/store"
)

// A builder makes a Result from a query and a snapshot of the database.
type builder struct {
	tx       *store.Tx
	q        Query // validated
	scope    *Scope
	families []family
	messages *messages // nil: no dimension is made from them
	clock    *calendar.Clock
	firsts   []int64 // by person: the date of the first commit of all that is stored; nil: not asked for

	now     *count
	before  *count // nil without a comparison
	notes   []string
	leftOut []string // of the notes
}

// view validates a query, and hands over a builder for it. A sync that runs meanwhile changes nothing in the
// snapshot of the database, so that all passes over the commits count the same.
func view(ctx context.Context, db *store.DB, q Query, use func(*builder) error) error {
	q, err := q.Validate()
	if err != nil {
		return err
	}
	return db.View(ctx, func(tx *store.Tx) error {
		scope, err := NewScope(tx, q)
		if err != nil {
			return err
		}
		b := &builder{
			tx: tx, q: q, scope: scope, families: scope.families(tx), messages: newMessages(q, scope),
			clock: calendar.NewClock(q.Zone),
		}
		if slices.Contains(q.Columns, NewAuthors) {
			if b.firsts, err = b.firstCommits(ctx); err != nil {
				return err
			}
		}
		return use(b)
	})
}

// chooseLabels decides what persons are called, now that it is known how many commits have which spelling,
// and labels the axes whose values turned up while commits were read.
func (b *builder) chooseLabels() {
	used := b.now.used
	if b.before != nil {
		used = slices.Clone(used) // notes tell of the commits of the current range alone
		for author, n := range b.before.used {
			used[author] += n
		}
	}
	b.scope.People.ChooseNames(used)
	labels := b.scope.personLabels(b.q.Anonymize)
	for _, t := range b.now.tables {
		for _, a := range t.axes {
			switch {
			case a.dim == AuthorDim:
				a.labels = labels
			case a.names != nil:
				a.labels = labelsOf(a.names.texts)
			}
		}
	}
}

// complete adds the rows and the columns that have no commits. Of several dimensions, combinations that do
// not occur are not added: they could be thousands of times more than those that do.
func (b *builder) complete() error {
	limit := maxPeriods
	if b.q.Pivot != "" {
		limit = maxColumns
	}
	if len(b.q.By) == 1 {
		b.addSilent(b.now.rows, limit)
	}
	if b.q.Pivot != "" {
		return b.setColumns()
	}
	return nil
}

// result writes everything down. The notes come first: they need the rows that are shown.
func (b *builder) result() *Result {
	b.noteAll()
	r := &Result{
		By: b.q.By, Pivot: b.q.Pivot, Columns: b.q.Columns, Rows: b.rows(), Total: b.now.total.counts(0, b.q.Zone),
		Since: b.q.Filter.Since, Until: b.q.Filter.Until,
		Zone: b.q.Zone, ZoneName: b.q.ZoneName, GeneratedAt: b.q.Now,
		Coverage: b.scope.Coverage, Incomplete: b.scope.Incomplete,
		Partial: b.partial(), Notes: b.notes, LeftOut: b.leftOut,
	}
	if b.q.Pivot != "" {
		r.PivotValues, r.TotalCells = b.columnTexts(), b.columnTotals()
	}
	if b.before != nil {
		r.PreviousTotal = new(b.before.total.counts(0, b.q.Zone))
		r.PreviousSince, r.PreviousUntil = b.q.compared.PreviousSince, b.q.compared.PreviousUntil
	}
	if b.now.days != nil {
		r.Calendar = b.calendar()
	}
	return r
}

// rows are made when they are asked for. The builder stays in memory until then, which takes less than the
// rows would: a cell has 24 bytes, a Row with its texts several hundred.
func (b *builder) rows() Rows {
	order := b.now.rows.order
	return Rows{len(order), func(i int, row *Row) { b.fill(order[i], row) }}
}

// fill makes one row of the report, in the memory of the row before.
func (b *builder) fill(n int32, row *Row) {
	row.Keys = row.Keys[:0]
	for i, a := range b.now.rows.axes {
		value := b.now.rows.value(n, i)
		l := a.label(value)
		row.Keys = append(row.Keys, l.text)
		if a.dim == AuthorDim {
			row.Email = l.email
			if !b.q.Anonymize {
				row.Person = b.scope.People.Persons[value]
			}
		}
	}
	row.Counts = b.now.rows.counts(n, b.q.Zone)
	if b.before != nil {
		row.Previous = new(b.previous(n))
	}
	if b.q.Pivot != "" {
		row.Cells = b.cells(row.Cells[:0], b.now.pivot, n)
	}
}

// previous returns what was counted of a row in the range before: nothing of rows that were added without
// commits, since these have cells in the current range alone. Without a comparison, it is nothing as well.
func (b *builder) previous(row int32) Counts {
	if b.before == nil || int(row) >= len(b.before.rows.cells) {
		return Counts{}
	}
	return b.before.rows.counts(row, b.q.Zone)
}

// calendar returns the days of the range in order, those without commits included.
func (b *builder) calendar() []DayCommits {
	t := b.now.days
	notes := b.notes
	b.addSilent(t, maxPeriods)
	b.notes = notes // the page does not show that days are left out
	t.sort()
	days := make([]DayCommits, t.rows())
	for i, row := range t.order {
		days[i] = DayCommits{calendar.Date(t.value(row, 0)).UTC(), int(t.cells[row].commits)}
	}
	return days
}
