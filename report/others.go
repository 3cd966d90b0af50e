package report

import (
	"context"
	"slices"
)

// cut keeps the first rows of the order, and counts the others together. A commit may be in several of them
// and counts once, so the commits are read once more.
func (b *builder) cut(ctx context.Context) (*Others, error) {
	if b.q.Top == 0 || len(b.order) <= b.q.Top {
		return nil, nil
	}
	off := make([]bool, b.now.rows.rows())
	for _, row := range b.order[b.q.Top:] {
		off[row] = true
	}
	others := &Others{Rows: len(b.order) - b.q.Top}
	b.order = b.order[:b.q.Top]
	var err error
	if others.Counts, others.Cells, err = b.countRows(ctx, b.now, off); err != nil || b.before == nil {
		return others, err
	}
	previous, _, err := b.countRows(ctx, b.before, off)
	others.Previous = &previous
	return others, err
}

// countRows counts the commits that are in some rows, and with a pivot those of each column.
func (b *builder) countRows(ctx context.Context, c *count, in []bool) (Counts, []int, error) {
	sum := newTable(nil, b.scope.People.Len())
	sum.more = b.newMoreCounts()
	var columns []int
	if b.columns != nil {
		columns = make([]int, len(b.columns.order))
	}
	isIn := func(row int32) bool { return in[row] }
	err := b.scan(c.scope, func(all *batch) {
		selected := &batch{holders: all.holders, coAuthors: all.coAuthors}
		for i := range all.commits {
			one := &all.commits[i]
			var persons []int32
			for _, person := range one.persons(nil) {
				if slices.ContainsFunc(c.rows.rowsOf(one, person, all.holders), isIn) {
					persons = append(persons, person)
				}
			}
			if len(persons) > 0 {
				selected.commits = append(selected.commits,
					commit{one.date, persons[0], one.merge, &facts{coAuthors: persons[1:]}})
			}
			if b.columns != nil {
				b.countColumns(c.pivot, one, all.holders, in, columns)
			}
		}
		sum.add(selected)
	}).run(ctx)
	return sum.counts(0, b.q.Zone), columns, err
}

// countColumns counts the columns in which a commit is in some rows, each column once.
func (b *builder) countColumns(pivot *table, c *commit, holders []int, in []bool, columns []int) {
	var seen []int
	for _, person := range c.persons(nil) {
		for _, row := range pivot.rowsOf(c, person, holders) {
			cell := pivot.lastLevel().keys[row]
			if column := b.columns.at[cell.value]; in[cell.parent] && !slices.Contains(seen, column) {
				columns[column]++
				seen = append(seen, column)
			}
		}
	}
}
