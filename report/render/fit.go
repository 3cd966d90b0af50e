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
	left = s.pick(s.spareless(width))
	if s.total() > width {
		s.squeeze(width, minElastic)
		s.squeeze(width, leastWidth)
	}
	s.widenBar(width - s.total())
	return left
}

// total is the width of the sheet: its columns and the gaps between them.
func (s *sheet) total() int {
	t := -len(gap)
	for _, c := range s.columns {
		t += c.width + len(gap)
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
		least += c.least() + len(gap)
		if c.Spare > 0 {
			spares = append(spares, i)
		}
	}
	slices.SortStableFunc(spares, func(a, b int) int {
		return s.columns[b].Spare - s.columns[a].Spare
	})
	for _, i := range spares {
		if least <= width {
			break
		}
		keep[i] = false
		least -= s.columns[i].least() + len(gap)
		if s.columns[i].pivot {
			least, more = least+more, 0
		}
	}
	return keep
}

// least is the width that the column can be cut to without pain.
func (c *column) least() int {
	if c.Elastic {
		return min(c.width, minElastic)
	}
	return c.width
}

// pick leaves only the columns to keep, with one … in the place of all the pivot's that go.
func (s *sheet) pick(keep []bool) (left int) {
	var columns []column
	for i, c := range s.columns {
		switch {
		case keep[i]:
			columns = append(columns, c)
		case c.pivot:
			if left++; left == 1 {
				more := Column{Name: moreColumns, verbatim: true}
				columns = append(columns, column{Column: more, from: -1, width: width(moreColumns)})
			}
		}
	}
	s.columns = columns
	return left
}

// squeeze takes from the widest elastic column, again and again, until the sheet fits or all of
// them are down to least.
func (s *sheet) squeeze(width, least int) {
	for over := s.total() - width; over > 0; over-- {
		var widest *column
		for i := range s.columns {
			c := &s.columns[i]
			if c.Elastic && c.width > least && (widest == nil || c.width > widest.width) {
				widest = c
			}
		}
		if widest == nil {
			return
		}
		widest.width--
		widest.cut = true
	}
}

// shorten cuts text to a width in columns, never through a character, with … at its end.
func shorten(text string, width int) string {
	if displaywidth.String(text) <= width {
		return text
	}
	return displaywidth.TruncateString(text, width, "…")
}
