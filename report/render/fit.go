package render

import (
	"slices"

	"github.com/clipperhouse/displaywidth"
)

const (
	minElastic  = 32 // an elastic column is not cut shorter while a spare one could go instead
	leastWidth  = 8  // and never shorter than this
	minBar      = 8
	maxBar      = 24
	moreColumns = "…" // heads the column that stands for pivot columns left out
)

// fit makes the sheet no wider than width and returns how many values of a pivot it had to leave
// out. Elastic columns are cut, but before they get short the spare columns go; what is left over
// widens the bar.
func (s *sheet) fit(width int) (left int) {
	keep := s.spareless(width)
	left = s.pick(keep)
	if s.total() > width {
		s.squeeze(width, minElastic)
		s.squeeze(width, leastWidth)
	}
	s.cut()
	s.drawBars(width - s.total())
	return left
}

// total is the width of the sheet: its columns and the gaps between them.
func (s *sheet) total() int {
	t := -len(gap)
	for _, w := range s.widths {
		t += w + len(gap)
	}
	return max(t, 0)
}

// spareless tells which columns are kept: the spare ones go, the highest first, until the rest
// fits with its elastic columns at minElastic. For the first value of a pivot that goes, a …
// comes.
func (s *sheet) spareless(width int) (keep []bool) {
	least, more := -len(gap), displaywidth.String(moreColumns)+len(gap)
	keep = make([]bool, len(s.columns))
	var spares []int
	for i, c := range s.columns {
		keep[i] = true
		least += s.least(i) + len(gap)
		if c.spare > 0 {
			spares = append(spares, i)
		}
	}
	slices.SortStableFunc(spares, func(a, b int) int {
		return s.columns[b].spare - s.columns[a].spare
	})
	for _, i := range spares {
		if least <= width {
			break
		}
		keep[i] = false
		least -= s.least(i) + len(gap)
		if s.columns[i].pivot {
			least, more = least+more, 0
		}
	}
	return keep
}

// least is the width that column i can be cut to without pain.
func (s *sheet) least(i int) int {
	if s.columns[i].Elastic {
		return min(s.widths[i], minElastic)
	}
	return s.widths[i]
}

// pick leaves only the columns to keep, with one … in the place of all the pivot's that go.
func (s *sheet) pick(keep []bool) (left int) {
	more := -1
	for i, c := range s.columns {
		if c.pivot && !keep[i] {
			left++
			if more < 0 {
				more = i
			}
		}
	}
	if !slices.Contains(keep, false) {
		return 0
	}
	if more >= 0 {
		keep[more] = true
		s.columns = slices.Clone(s.columns)
		s.columns[more] = Column{Name: moreColumns, verbatim: true}
		s.widths[more] = displaywidth.String(moreColumns)
		s.all(func(cells []string) { cells[more] = moreColumns })
	}
	s.columns, s.widths = kept(s.columns, keep), kept(s.widths, keep)
	s.head, s.foot = kept(s.head, keep), kept(s.foot, keep)
	for i, row := range s.rows {
		s.rows[i] = kept(row, keep)
	}
	return left
}

func kept[T any](all []T, keep []bool) []T {
	if all == nil {
		return nil
	}
	var some []T
	for i, v := range all {
		if keep[i] {
			some = append(some, v)
		}
	}
	return some
}

// squeeze takes from the widest elastic column, again and again, until the sheet fits or all of
// them are down to least.
func (s *sheet) squeeze(width, least int) {
	for over := s.total() - width; over > 0; over-- {
		widest := -1
		for i, c := range s.columns {
			if c.Elastic && s.widths[i] > least && (widest < 0 || s.widths[i] > s.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		s.widths[widest]--
	}
}

// cut shortens the cells, headings among them, that are wider than their column has become.
func (s *sheet) cut() {
	s.all(func(cells []string) {
		for i, cell := range cells {
			if !s.columns[i].bar && s.columns[i].Elastic {
				cells[i] = shorten(cell, s.widths[i])
			}
		}
	})
}

// shorten cuts text to a width in columns, never through a character, with … at its end.
func shorten(text string, width int) string {
	if displaywidth.String(text) <= width {
		return text
	}
	return displaywidth.TruncateString(text, width, "…")
}
