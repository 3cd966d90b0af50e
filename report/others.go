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

// countRows counts the commits that are in some rows, and with a pivot those of each column. It reads the
// same commits of the same snapshot as the first pass did, so that every row it meets is one that is known.
func (b *builder) countRows(ctx context.Context, c *count, in []bool) (Counts, []int, error) {
	sum := newTable(nil, b.scope.People.Len())
	sum.more = b.newMoreCounts()
	byValue := map[int32]int{} // commits by value of the pivot
	isIn := func(row int32) bool { return in[row] }
	selected := &batch{}
	var authors, persons []int32 // of a commit: all, and those who have it in the rows
	err := b.scan(c.scope, func(all *batch) {
		*selected = batch{selected.commits[:0], all.holders, all.coAuthors}
		for i := range all.commits {
			one := &all.commits[i]
			authors, persons = one.persons(authors[:0]), persons[:0]
			for _, person := range authors {
				if slices.ContainsFunc(c.rows.rowsOf(one, person, all.holders), isIn) {
					persons = append(persons, person)
				}
			}
			if len(persons) > 0 {
				selected.commits = append(selected.commits, one.of(persons))
			}
			if b.columns != nil {
				countColumns(c.pivot, one, all.holders, in, byValue)
			}
		}
		sum.add(selected)
	}).run(ctx)
	var columns []int
	if b.columns != nil {
		for _, row := range b.columns.order {
			columns = append(columns, byValue[b.columns.table.value(row, 0)])
		}
	}
	return sum.counts(0, b.q.Zone), columns, err
}

// countColumns counts the values of a pivot that a commit has in some rows, each once.
func countColumns(pivot *table, c *commit, holders []int, in []bool, byValue map[int32]int) {
	var seen []int32
	for _, person := range c.persons(nil) {
		for _, row := range pivot.rowsOf(c, person, holders) {
			if cell := pivot.lastLevel().keys[row]; in[cell.parent] && !slices.Contains(seen, cell.value) {
				seen = append(seen, cell.value)
				byValue[cell.value]++
			}
		}
	}
}
