package report

import "fmt"

// maxCells is how many cells a report with a pivot may have: a hundred times more than can be read.
const maxCells = 50_000_000

// setColumns adds the columns without commits, and puts all in order.
func (b *builder) setColumns() error {
	t, rows := b.now.columns, b.now.rows.rows()
	b.addSilent(t, maxColumns)
	if t.rows()*rows > maxCells {
		return misuse("%s with %s are more than can be shown; narrow the range, or leave out --pivot",
			NumberOf(rows, "row", "rows"), NumberOf(t.rows(), "column", "columns"))
	}
	t.sort()
	return nil
}

// cells appends what each column has of a row of a divided table, in their order.
func (b *builder) cells(to []int, divided *table, row int32) []int {
	for _, column := range b.now.columns.order {
		to = append(to, divided.cellOf(row, b.now.columns.value(column, 0)))
	}
	return to
}

// columnTotals returns the commits of each column, each once.
func (b *builder) columnTotals() (totals []int) {
	t := b.now.columns
	for _, row := range t.order {
		totals = append(totals, int(t.cells[row].commits))
	}
	return totals
}

// columnTexts returns the pivot's values as written. Names of columns differ, though two persons may have one
// name: they are keys in JSON, and what --sort is given.
func (b *builder) columnTexts() []string {
	t, uses := b.now.columns, map[string]int{}
	labels := make([]label, len(t.order))
	for i, row := range t.order {
		labels[i] = t.axes[0].label(t.value(row, 0))
		uses[labels[i].text]++
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
