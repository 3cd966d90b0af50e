package report

import (
	"context"
	"slices"
)

// cut keeps the first rows of the order, and counts the others together. A commit may be in several of them
// and counts once, so the commits are read once more.
func (b *builder) cut(ctx context.Context) (*Others, error) {
	rows := b.now.rows
	if b.q.Top == 0 || len(rows.order) <= b.q.Top {
		return nil, nil
	}
	isCut := make([]bool, rows.rows())
	for _, row := range rows.order[b.q.Top:] {
		isCut[row] = true
	}
	others := &Others{Rows: len(rows.order) - b.q.Top}
	rows.order = rows.order[:b.q.Top]
	var err error
	if others.Counts, others.Cells, err = b.countOthers(ctx, b.now, isCut); err != nil || b.before == nil {
		return others, err
	}
	previous, _, err := b.countOthers(ctx, b.before, isCut)
	others.Previous = &previous
	return others, err
}

// countOthers counts the commits that are in rows which were cut, and with a pivot those of each column. A
// table has all these in one of its two rows. A commit with several authors, or in several repositories, is
// in the other one too if some of its rows were kept. The pass reads the same commits of the same snapshot
// as the first one did, so that every row it meets is one that is known.
func (b *builder) countOthers(ctx context.Context, c *count, isCut []bool) (Counts, []int, error) {
	const cut, kept = 0, 1
	value := func(commit *commit, person int32, repo int) int32 {
		rows := c.rows.rowsOf(commit, person, []int{repo})
		if slices.ContainsFunc(rows, func(row int32) bool { return isCut[row] }) {
			return cut
		}
		return kept
	}
	others := newTable([]*axis{{value: value, likely: span{cut, 2}}}, len(b.scope.People.Persons))
	row := others.row(cut) // also if there are no such commits
	tables := slices.Concat([]*table{others}, b.divide(others))
	var byColumn *table
	if b.q.Pivot != "" {
		byColumn = others.dividedBy(b.now.columns.axes[0])
		tables = append(tables, byColumn)
	}
	err := b.scan(c.scope, func(all *batch) {
		for _, t := range tables {
			t.add(all)
		}
	}).run(ctx)
	others.setMore()
	var cells []int
	if byColumn != nil {
		cells = b.cells(nil, byColumn, row)
	}
	return others.counts(row, b.q.Zone), cells, err
}
