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
	selected := &batch{holders: []int{0}}
	err := b.scan(c.since, c.until, func(all *batch) {
		selected.commits, selected.again = selected.commits[:0], all.again
		last, lastFirst := int32(-1), int32(-1) // commits come in order
		for _, p := range c.rows.rowsOf(all) {
			if in[p.row] && p.commit != last {
				selected.commits = append(selected.commits, all.commits[p.commit])
				first := all.first(p.commit)
				selected.commits[len(selected.commits)-1].again = first == lastFirst
				last, lastFirst = p.commit, first
			}
		}
		sum.add(selected)
		if b.columns != nil {
			b.countColumns(c.pivot, all, in, columns)
		}
	}).run(ctx)
	return sum.counts(0, b.q.Zone), columns, err
}

// countColumns counts the columns in which commits are in some rows, each column once a commit.
func (b *builder) countColumns(pivot *table, all *batch, in []bool, columns []int) {
	last := int32(-1)
	var seen []int // columns of the last commit
	found := pivot.rowsOf(all)
	if all.again {
		found = all.distinct(found)
	}
	for _, p := range found {
		if p.commit != last {
			last, seen = p.commit, seen[:0]
		}
		cell := pivot.lastLevel().keys[p.row]
		if column := b.columns.at[cell.value]; in[cell.parent] && !slices.Contains(seen, column) {
			columns[column]++
			seen = append(seen, column)
		}
	}
}
