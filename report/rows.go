package report

import (
	"iter"
	"slices"
)

// Rows are the rows of a report, in their order. There may be as many of them as commits, so
// they are made when they are asked for.
type Rows struct {
	n    int
	read func() func(i int, row *Row) // makes the rows in turn
}

// NewRows are rows that somebody has already.
func NewRows(rows ...Row) Rows {
	return Rows{len(rows), func() func(int, *Row) {
		return func(i int, row *Row) { *row = rows[i] }
	}}
}

// Len is how many rows there are.
func (r Rows) Len() int { return r.n }

// All yields the rows. Each is good until the next one is asked for.
func (r Rows) All() iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		if r.n == 0 {
			return
		}
		var row Row
		read := r.read()
		for i := range r.n {
			if read(i, &row); !yield(&row) {
				return
			}
		}
	}
}

// rows are the rows of the sheet.
func (s *sheet) rows() Rows { return Rows{len(s.order), s.readRows} }

// readRows makes the rows in turn. What was counted of them lies anywhere in memory, so it is
// fetched for many rows at once: then the processor waits for all of it together, which makes a
// report of many rows a fifth faster.
func (s *sheet) readRows() func(i int, row *Row) {
	const ahead = 64
	var fetched [ahead]keyed
	return func(i int, row *Row) {
		if i%ahead == 0 {
			for j, slot := range s.order[i:min(i+ahead, len(s.order))] {
				fetched[j] = *s.tally().slots.at(slot)
			}
		}
		s.write(s.order[i], &fetched[i%ahead], row)
	}
}

func (s *sheet) write(slot uint32, r *keyed, row *Row) {
	row.Keys = row.Keys[:0]
	for _, a := range s.axes {
		label := a.label(r.key)
		row.Keys = append(row.Keys, label.text)
		if a.dim == AuthorDim {
			row.Email = label.email
			if !s.q.Anonymize {
				row.Person = s.scope.People.At(int(a.field.of(r.key)))
			}
		}
	}
	row.Counts = s.counts(r.cell, s.heads.of(slot, &r.cell))
	if s.before != nil {
		if row.Previous == nil {
			row.Previous = new(Counts)
		}
		*row.Previous = s.counts(s.previous(slot))
	}
	if s.pivot != nil {
		row.Cells = slices.Grow(row.Cells[:0], len(s.pivot.columns))[:len(s.pivot.columns)]
		clear(row.Cells)
		for _, m := range s.pivot.of(slot) {
			row.Cells[m.column] = int(m.commits)
		}
	}
}
