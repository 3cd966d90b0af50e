package report

import "fmt"

const (
	maxColumns = 10_000     // with more of them, silent periods are no columns
	maxCells   = 50_000_000 // nobody reads a hundredth of it
)

// A pivot is the columns of a sheet, and what was counted where they meet the rows. Most rows
// meet few columns.
type pivot struct {
	axis     *axis
	tally    *tally   // of the columns
	columns  []uint32 // its slots in the order of columns
	starts   []uint32 // by slot of the rows: where its meets begin; one more at the end
	meets    []meet
	toRow    func(key uint64) uint64 // from the key of a cell
	toColumn func(key uint64) uint64
	at       []uint32 // by slot of the columns: which column it is
}

// A meet is a column in which a row has commits.
type meet struct{ column, commits uint32 }

// spread makes columns of the pivot's values and fills in the cells.
func (s *sheet) spread() error {
	rows, columns, cells := s.tally(), s.counter.tallies[1], s.counter.tallies[2]
	if s.q.Pivot.IsTime() {
		s.addSilent(columns, maxColumns)
	}
	if columns.slots.n*rows.slots.n > maxCells {
		return misuse("%s with %s are more than can be shown: narrow the range, "+
			"or leave out --pivot", numberOf(int64(rows.slots.n), "row", "rows"),
			numberOf(int64(columns.slots.n), "column", "columns"))
	}
	p := &pivot{
		axis:     newAxis(s.q.Pivot, columns.layout, s.names, s.timeText),
		tally:    columns,
		toRow:    cells.layout.onto(rows.layout, stay),
		toColumn: cells.layout.onto(columns.layout, stay),
	}
	r := newRadix(columns.slots.n)
	r.sort(uint64(len(p.axis.labels)), func(slot uint32) uint64 {
		return uint64(p.axis.rank(columns.slots.at(slot).key))
	})
	p.columns, p.at = r.order, r.spare
	for column, slot := range p.columns {
		p.at[slot] = uint32(column)
	}
	p.fill(&rows.slots, &cells.slots)
	s.pivot = p
	return nil
}

// fill sorts the cells by their rows.
func (p *pivot) fill(rows, cells *slots) {
	of := make([]uint32, cells.n) // the row of each cell
	p.starts = make([]uint32, rows.n+1)
	for slot := range of {
		of[slot], _ = rows.find(p.toRow(cells.at(uint32(slot)).key))
		p.starts[of[slot]+1]++
	}
	for row := range rows.n {
		p.starts[row+1] += p.starts[row]
	}
	p.meets = make([]meet, cells.n)
	next := p.starts
	for slot, row := range of {
		cell := cells.at(uint32(slot))
		p.meets[next[row]] = meet{p.columnOf(cell.key), cell.commits}
		next[row]++
	}
	copy(p.starts[1:], next) // each now stands where the one behind it began
	p.starts[0] = 0
}

// columnOf is the column of a cell.
func (p *pivot) columnOf(key uint64) uint32 {
	slot, _ := p.tally.slots.find(p.toColumn(key))
	return p.at[slot]
}

// of are the cells of a row that have commits.
func (p *pivot) of(row uint32) []meet { return p.meets[p.starts[row]:p.starts[row+1]] }

// column is what all rows have in one column.
func (p *pivot) column(column uint32) []uint32 {
	commits := make([]uint32, len(p.starts)-1)
	for row := range commits {
		for _, m := range p.of(uint32(row)) {
			if m.column == column {
				commits[row] = m.commits
			}
		}
	}
	return commits
}

// totals are the commits of each column, each once.
func (p *pivot) totals() []int {
	totals := make([]int, len(p.columns))
	for column, slot := range p.columns {
		totals[column] = int(p.tally.cell(slot).commits)
	}
	return totals
}

// texts are the pivot's values as written. Names of columns must differ, though two persons may
// have one name.
func (p *pivot) texts() []string {
	uses := map[string]int{}
	for _, slot := range p.columns {
		uses[p.label(slot).text]++
	}
	seen := map[string]int{}
	texts := make([]string, len(p.columns))
	for i, slot := range p.columns {
		label := p.label(slot)
		text := label.text
		if uses[text] > 1 && label.email != "" {
			text += " <" + label.email + ">"
		}
		if seen[text]++; seen[text] > 1 {
			text = fmt.Sprintf("%s (%d)", text, seen[text])
		}
		texts[i] = text
	}
	return texts
}

// label is that of a column's slot.
func (p *pivot) label(slot uint32) *label { return p.axis.label(p.tally.slots.at(slot).key) }
