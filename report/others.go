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
	var columns []int
	if b.columns != nil {
		columns = make([]int, len(b.columns.order))
	}
	err := b.scan(c.since, c.until, func(commit *commit, holders []int) {
		if slices.ContainsFunc(c.rows.rowsOf(commit, holders), func(row int32) bool { return in[row] }) {
			sum.add(commit, holders)
		}
		if b.columns != nil {
			for _, column := range b.columnsOf(c, commit, holders, in) {
				columns[column]++
			}
		}
	}).run(ctx)
	return sum.counts(0, b.q.Zone), columns, err
}

// columnsOf returns the columns in which a commit is in some rows, each once.
func (b *builder) columnsOf(c *count, commit *commit, holders []int, in []bool) []int {
	var columns []int
	for _, cell := range c.pivot.rowsOf(commit, holders) {
		k := c.pivot.lastLevel().keys[cell]
		if column := b.columns.at[k.value]; in[k.parent] && !slices.Contains(columns, column) {
			columns = append(columns, column)
		}
	}
	return columns
}
