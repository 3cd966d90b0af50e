package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// sort orders the rows. Every order ends with the keys, so that it is the same in every run.
func (b *builder) sort() error {
	order := b.q.Sort
	if order.Column == "" {
		order = Sort{Column: "commits", Desc: true}
		if b.q.By[0].IsTime() {
			order = Sort{Column: string(b.q.By[0])}
		}
	}
	number := b.columnNumber(order.Column)
	if number == nil {
		return misuse("cannot sort by %q; use %s, or a value of %s",
			order.Column, strings.Join(b.q.sortColumns(), ", "), b.q.Pivot)
	}
	rows := make([]sortedRow, b.now.rows.rows())
	for row := range rows {
		n := number(int32(row))
		if order.Desc && n != noNumber {
			n = ^n // -n, but for the least number there is
		}
		rows[row] = sortedRow{n, b.firstRanks(int32(row)), int32(row)}
	}
	slices.SortFunc(rows, func(r, s sortedRow) int {
		if by := cmp.Compare(r.number, s.number); by != 0 {
			return by
		}
		return b.compareKeys(r, s)
	})
	b.now.rows.order = make([]int32, len(rows))
	for i, r := range rows {
		b.now.rows.order[i] = r.row
	}
	return nil
}

// A sortedRow is a row with what decides most comparisons. With a slice of the ranks of all keys in their
// place, a report of 900,000 rows takes 1.4 times as long.
type sortedRow struct {
	number     int64 // of the column that is sorted by
	firstRanks int64 // of the first two keys
	row        int32
}

// compareKeys puts rows in the order of their keys.
func (b *builder) compareKeys(r, s sortedRow) int {
	by := cmp.Compare(r.firstRanks, s.firstRanks)
	for i := 2; by == 0 && i < len(b.now.rows.axes); i++ {
		by = cmp.Compare(b.keyRank(r.row, i), b.keyRank(s.row, i))
	}
	return by
}

// firstRanks returns a number that orders rows by their first two keys. Days before 1970 have negative ranks;
// a sum keeps the order with them too, where | would not.
func (b *builder) firstRanks(row int32) int64 {
	ranks := int64(b.keyRank(row, 0)) << 32
	if len(b.now.rows.axes) > 1 {
		ranks += int64(b.keyRank(row, 1))
	}
	return ranks
}

// keyRank returns the position of a row's key in the order of its axis.
func (b *builder) keyRank(row int32, axis int) int32 {
	return b.now.rows.axes[axis].rank(b.now.rows.value(row, axis))
}

// noNumber stands for a row that has nothing to sort by; it comes last, ascending or descending.
const noNumber = math.MaxInt64

// columnNumber returns a function that gives each row a number that orders the rows by a column, ascending;
// nil if there is no such column. Each row is asked for its number once, before rows are compared.
func (b *builder) columnNumber(column string) func(row int32) int64 {
	t := b.now.rows
	for i, dim := range b.q.By {
		switch {
		case column == string(dim):
			return func(row int32) int64 { return int64(b.keyRank(row, i)) }
		case column == "email" && dim == AuthorDim:
			ranks := t.axes[i].emailRanks()
			return func(row int32) int64 { return int64(ranks[t.value(row, i)]) }
		}
	}
	switch column {
	case "commits", "total":
		return func(row int32) int64 { return int64(t.cells[row].commits) }
	case "merges":
		return func(row int32) int64 { return int64(t.cells[row].merges) }
	case "authors":
		return func(row int32) int64 { return int64(t.authors(row)) }
	case "first_commit":
		return func(row int32) int64 { return t.cells[row].first } // noNumber if the cell is empty
	case "last_commit":
		return func(row int32) int64 {
			if t.cells[row].commits == 0 {
				return noNumber
			}
			return t.cells[row].last
		}
	case "previous_commits":
		return func(row int32) int64 { return int64(b.previous(row).Commits) }
	case "change":
		return func(row int32) int64 { return int64(t.cells[row].commits) - int64(b.previous(row).Commits) }
	}
	if numbers := t.moreNumbers[Column(column)]; numbers != nil {
		return func(row int32) int64 { return int64(t.moreNumber(Column(column), row)) }
	}
	return b.pivotNumber(column)
}

// pivotNumber orders by one value of the pivot.
func (b *builder) pivotNumber(column string) func(row int32) int64 {
	if b.q.Pivot == "" {
		return nil
	}
	i := slices.Index(b.columnTexts(), column)
	if i < 0 {
		return nil
	}
	t := b.now.columns
	value := t.value(t.order[i], 0)
	return func(row int32) int64 { return int64(b.now.pivot.cellOf(row, value)) }
}
