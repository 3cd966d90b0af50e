package report

import (
	"cmp"
	"slices"
	"strings"
	"time"
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
	compare := s.comparison(order.Column)
	if compare == nil {
		return misuse("cannot sort by %q: no column has this name; the columns are %s and the "+
			"values of %s", order.Column, strings.Join(s.q.sortColumns(), ", "), s.q.Pivot)
	}
	slices.SortFunc(s.entries, func(a, b *entry) int {
		c := compare(a, b)
		if order.Desc {
			c = -c
		}
		return cmp.Or(c, slices.Compare(a.values, b.values))
	})
	return nil
}

// comparison compares by one column, ascending; nil where there is none of the name.
func (s *sheet) comparison(column string) func(a, b *entry) int {
	if i := slices.Index(s.q.By, Dimension(column)); i >= 0 {
		return func(a, b *entry) int { return cmp.Compare(a.values[i], b.values[i]) }
	}
	switch column {
	case "email":
		return s.byEmail()
	case "commits", "total":
		return byNumber(func(e *entry) int { return e.counts.Commits })
	case "merges":
		return byNumber(func(e *entry) int { return e.counts.Merges })
	case "authors":
		return byNumber(func(e *entry) int { return e.counts.Authors })
	case "first_commit":
		return byTime(func(e *entry) time.Time { return e.counts.First })
	case "last_commit":
		return byTime(func(e *entry) time.Time { return e.counts.Last })
	case "previous_commits":
		return byNumber(func(e *entry) int { return e.previous.Commits })
	case "change":
		return byNumber(func(e *entry) int { return e.counts.Commits - e.previous.Commits })
	}
	if s.pivot == nil {
		return nil
	}
	i := slices.Index(s.columnTexts(), column)
	if i < 0 {
		return nil
	}
	return byNumber(func(e *entry) int { return e.cells[i] })
}

func byNumber(of func(*entry) int) func(a, b *entry) int {
	return func(a, b *entry) int { return cmp.Compare(of(a), of(b)) }
}

func byTime(of func(*entry) time.Time) func(a, b *entry) int {
	return func(a, b *entry) int { return of(a).Compare(of(b)) }
}

func (s *sheet) byEmail() func(a, b *entry) int {
	i := slices.Index(s.q.By, AuthorDim)
	return func(a, b *entry) int {
		return strings.Compare(s.axes[i].email(a.values[i]), s.axes[i].email(b.values[i]))
	}
}
