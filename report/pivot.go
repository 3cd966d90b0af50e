package report

import (
	"fmt"
	"slices"
)

const (
	maxColumns = 10_000     // with more of them, silent periods are no columns
	maxCells   = 50_000_000 // 400 MB; nobody reads a hundredth of it
)

// spread makes columns of the pivot's values and fills in the cells.
func (s *sheet) spread() error {
	c := s.counter
	columns := c.tallies[1]
	s.pivot = newAxis(s.q.Pivot, c.columns, s.names)
	value := func(slot int) int64 {
		return appendValues(nil, columns, slot, []*axis{s.pivot}, false)[0]
	}
	for slot := range columns.cells {
		s.columns = append(s.columns, value(slot))
	}
	if s.q.Pivot.IsTime() {
		s.columns = append(s.columns, s.silent(s.pivot, s.columns, maxColumns)...)
	}
	if len(s.columns)*len(s.entries) > maxCells {
		return misuse("%s with %s are more than can be shown: narrow the range, "+
			"or leave out --pivot", numberOf(int64(len(s.entries)), "row", "rows"),
			numberOf(int64(len(s.columns)), "column", "columns"))
	}
	slices.Sort(s.columns)
	at := map[int64]int{}
	for i, v := range s.columns {
		at[v] = i
	}
	s.totals = make([]int, len(s.columns))
	for slot, cell := range columns.cells {
		s.totals[at[value(slot)]] = int(cell.commits)
	}
	s.spreadCells(at)
	return nil
}

// spreadCells finds the row and the column of each cell that was counted.
func (s *sheet) spreadCells(at map[int64]int) {
	width := len(s.columns)
	all := make([]int, len(s.entries)*width)
	rows := make(map[tuple]*entry, len(s.entries))
	for i, e := range s.entries {
		rows[tupleOf(e.values)] = e
		e.cells = all[i*width : (i+1)*width : (i+1)*width]
	}
	cells := s.counter.tallies[2]
	axes := newAxes(cells.layout, s.names)
	s.meets = make([]meet, len(cells.cells))
	var values []int64
	for slot, cell := range cells.cells {
		values = appendValues(values[:0], cells, slot, axes, false)
		last := len(values) - 1
		row, column := rows[tupleOf(values[:last])], at[values[last]]
		row.cells[column] = int(cell.commits)
		s.meets[slot] = meet{row.slot, int32(column)}
	}
}

// columnTexts are the pivot's values as written. Names of columns must differ, though two
// persons may have one name.
func (s *sheet) columnTexts() []string {
	uses := map[string]int{}
	for _, v := range s.columns {
		uses[s.pivot.text(v)]++
	}
	seen := map[string]int{}
	texts := make([]string, len(s.columns))
	for i, v := range s.columns {
		text := s.pivot.text(v)
		if email := s.pivot.email(v); uses[text] > 1 && email != "" {
			text += " <" + email + ">"
		}
		if seen[text]++; seen[text] > 1 {
			text = fmt.Sprintf("%s (%d)", text, seen[text])
		}
		texts[i] = text
	}
	return texts
}
