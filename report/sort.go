package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// sort orders the entries. Every order ends with the keys, so that it is the same in every run.
func (s *sheet) sort() error {
	order := s.q.Sort
	if order.Column == "" {
		order = Sort{Column: "commits", Desc: true}
		if s.q.By[0].IsTime() {
			order = Sort{Column: string(s.q.By[0])}
		}
	}
	rank := s.ranking(order.Column)
	if rank == nil {
		return misuse("cannot sort by %q: the columns are %s and the values of %s",
			order.Column, strings.Join(s.q.sortColumns(), ", "), s.q.Pivot)
	}
	all := s.ranked(rank, order.Desc)
	slices.SortFunc(all, ranked.compare)
	for i := range all {
		s.entries[i] = all[i].entry
	}
	return nil
}

// ranked is what sorting an entry needs, side by side: a report may have a million rows.
type ranked struct {
	rank int64
	keys uint64 // the values in one number, where they fit
	*entry
}

func (a ranked) compare(b ranked) int {
	switch {
	case a.rank != b.rank:
		return cmp.Compare(a.rank, b.rank)
	case a.keys != b.keys:
		return cmp.Compare(a.keys, b.keys)
	}
	return slices.Compare(a.values, b.values)
}

func (s *sheet) ranked(rank func(*entry) int64, desc bool) []ranked {
	pack := s.packing()
	all := make([]ranked, len(s.entries))
	for i, e := range s.entries {
		all[i] = ranked{rank(e), pack(e.values), e}
		if desc && all[i].rank != noRank {
			all[i].rank = -all[i].rank
		}
	}
	return all
}

// packing makes one number of the values of an entry, in the same order; where their ranges
// are too wide for that, it makes 0 of all.
func (s *sheet) packing() func(values []int64) uint64 {
	least, width := make([]int64, len(s.axes)), make([]uint64, len(s.axes))
	product := 1.0
	for i := range s.axes {
		low, high := int64(math.MaxInt64), int64(math.MinInt64)
		for _, e := range s.entries {
			low, high = min(low, e.values[i]), max(high, e.values[i])
		}
		least[i], width[i] = low, uint64(high-low)+1
		product *= float64(high) - float64(low) + 1
	}
	if product > 1<<62 {
		return func([]int64) uint64 { return 0 }
	}
	return func(values []int64) (packed uint64) {
		for i, v := range values {
			packed = packed*width[i] + uint64(v-least[i])
		}
		return packed
	}
}

// noRank is that of an entry which has nothing to sort by; it comes last either way.
const noRank = math.MaxInt64

// ranking gives each entry a number that orders the entries by a column, ascending; nil where
// there is no such column.
func (s *sheet) ranking(column string) func(*entry) int64 {
	if i := slices.Index(s.q.By, Dimension(column)); i >= 0 {
		return func(e *entry) int64 { return e.values[i] }
	}
	switch column {
	case "email":
		return s.byEmail()
	case "commits", "total":
		return func(e *entry) int64 { return int64(e.now.commits) }
	case "merges":
		return func(e *entry) int64 { return int64(e.now.merges) }
	case "authors":
		return func(e *entry) int64 { return int64(e.now.authors) }
	case "first_commit":
		return byDate(func(e *entry) int64 { return e.now.first })
	case "last_commit":
		return byDate(func(e *entry) int64 { return e.now.last })
	case "previous_commits":
		return func(e *entry) int64 { return int64(e.previous().commits) }
	case "change":
		return func(e *entry) int64 { return int64(e.now.commits) - int64(e.previous().commits) }
	}
	return s.byColumn(column)
}

func byDate(date func(*entry) int64) func(*entry) int64 {
	return func(e *entry) int64 {
		if e.now.commits == 0 {
			return noRank
		}
		return date(e)
	}
}

// byColumn ranks by one value of the pivot.
func (s *sheet) byColumn(column string) func(*entry) int64 {
	if s.pivot == nil {
		return nil
	}
	i := slices.Index(s.columnTexts(), column)
	if i < 0 {
		return nil
	}
	return func(e *entry) int64 { return int64(e.cells[i]) }
}

// byEmail ranks by the e-mails of the persons, in the order of text.
func (s *sheet) byEmail() func(*entry) int64 {
	i := slices.Index(s.q.By, AuthorDim)
	if i < 0 {
		return nil
	}
	var emails []string
	for _, label := range s.axes[i].labels {
		emails = append(emails, label.email)
	}
	slices.Sort(emails)
	return func(e *entry) int64 {
		rank, _ := slices.BinarySearch(emails, s.axes[i].email(e.values[i]))
		return int64(rank)
	}
}
