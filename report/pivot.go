package report

import "fmt"

// maxCells is how many cells a report with a pivot may have: a hundred times more than can be read.
const maxCells = 50_000_000

// columns are what a pivot makes of a report: the values of its dimension in order, and what was counted
// where they meet the rows.
type columns struct {
	table *table
	pivot *table
	order []int32 // rows of the table, in the order of columns
}

// newColumns puts the columns in order.
func (b *builder) newColumns() (*columns, error) {
	t, rows := b.now.columns, b.now.rows.rows()
	b.addSilent(t, maxColumns)
	if t.rows()*rows > maxCells {
		return nil, misuse("%s with %s are more than can be shown; narrow the range, or leave out --pivot",
			NumberOf(rows, "row", "rows"), NumberOf(t.rows(), "column", "columns"))
	}
	return &columns{table: t, pivot: b.now.pivot, order: t.inOrder()}, nil
}

// of returns what a row has in a column.
func (c *columns) of(row int32, column int) int {
	cell, ok := c.pivot.lastLevel().find(key{row, c.table.value(c.order[column], 0)})
	if !ok {
		return 0
	}
	return int(c.pivot.cells[cell].commits)
}

// totals returns the commits of each column, each once.
func (c *columns) totals() []int {
	totals := make([]int, len(c.order))
	for column, row := range c.order {
		totals[column] = int(c.table.cells[row].commits)
	}
	return totals
}

// texts returns the pivot's values as written. Names of columns differ, though two persons may have one
// name: they are keys in JSON, and what --sort is given.
func (c *columns) texts() []string {
	uses := map[string]int{}
	labels := make([]label, len(c.order))
	for column, row := range c.order {
		labels[column] = c.table.axes[0].label(c.table.value(row, 0))
		uses[labels[column].text]++
	}
	seen := map[string]int{}
	texts := make([]string, len(labels))
	for i, l := range labels {
		text := l.text
		if uses[text] > 1 && l.email != "" {
			text += " <" + l.email + ">"
		}
		if seen[text]++; seen[text] > 1 {
			text = fmt.Sprintf("%s (%d)", text, seen[text])
		}
		texts[i] = text
	}
	return texts
}
