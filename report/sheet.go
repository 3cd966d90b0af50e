package report

import "time"

// A sheet is a report in the making. Its rows are the slots of the tally of rows; what nobody
// committed to gets a slot too, with nothing in it.
type sheet struct {
	q       Query
	scope   *Scope
	counter *counter
	names   *names
	axes    []*axis  // of the rows
	heads   sizes    // distinct authors, by slot
	order   []uint32 // the slots as they are shown
	before  *before  // nil without a comparison
	pivot   *pivot   // nil: none
	notes   []string
}

func newSheet(q Query, c *counter) *sheet {
	return &sheet{q: q, scope: c.scope, counter: c, names: newNames(c.scope, q.Anonymize)}
}

// tally is that of the rows.
func (s *sheet) tally() *tally { return s.counter.rows() }

func (s *sheet) key(slot uint32) uint64 { return s.tally().slots.at(slot).key }

// newAxes makes the axes of the rows, when it is known which rows there are.
func (s *sheet) newAxes() {
	l := s.tally().layout
	for _, dim := range l.dims {
		s.axes = append(s.axes, newAxis(dim, l, s.names, s.timeText))
	}
}

// axis is that of a dimension; nil where rows are not made of it.
func (s *sheet) axis(dim Dimension) *axis {
	for _, a := range s.axes {
		if a.dim == dim {
			return a
		}
	}
	return nil
}

func (s *sheet) counts(c cell, authors uint32) Counts {
	if c.commits == 0 {
		return Counts{}
	}
	return Counts{
		Commits: int(c.commits),
		Merges:  int(c.merges),
		Authors: int(authors),
		First:   time.Unix(c.first, 0).In(s.q.Zone),
		Last:    time.Unix(c.last, 0).In(s.q.Zone),
	}
}

// total is each commit once; its authors are whoever has a commit that was kept.
func (s *sheet) total(c *counter) Counts {
	people := uint32(0)
	for i := range s.scope.People.Len() {
		if s.usedBy(c, i, kept) > 0 {
			people++
		}
	}
	return s.counts(c.total, people)
}

// usedBy counts the commits of a person whose fate they share.
func (s *sheet) usedBy(c *counter, person int, with fate) (n int64) {
	for _, author := range s.scope.People.At(person).Authors {
		if s.scope.fates[author] == with {
			n += c.used[author]
		}
	}
	return n
}
