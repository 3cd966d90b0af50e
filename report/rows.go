package report

import "slices"

// rows writes the entries out, in their order.
func (s *sheet) rows(compared bool) []Row {
	rows := make([]Row, len(s.entries))
	width := len(s.axes)
	keys := make([]string, width*len(rows))
	texts := newTexts(s.axes)
	people := s.people()
	for i, e := range s.entries {
		row := Row{Keys: keys[i*width : (i+1)*width : (i+1)*width], Cells: e.cells}
		row.Counts = s.counts(e.now)
		for j, value := range e.values {
			row.Keys[j] = texts[j].of(value)
			row.Email += s.axes[j].email(value)
			if s.axes[j].dim == AuthorDim {
				row.Person = people[value]
			}
		}
		if compared {
			previous := s.counts(e.previous())
			row.Previous = &previous
		}
		rows[i] = row
	}
	return rows
}

// people are the persons by their values on the axis of authors; nobody in an anonymous report.
func (s *sheet) people() []*Person {
	i := slices.Index(s.q.By, AuthorDim)
	if i < 0 {
		return nil
	}
	people := make([]*Person, len(s.axes[i].labels))
	for person, rank := range s.axes[i].ranks {
		if !s.q.Anonymize {
			people[rank] = s.scope.People.At(person)
		}
	}
	return people
}

// texts remembers what an axis of time wrote: the days of a report by day and author are few.
type texts struct {
	axis  *axis
	known map[int64]string
}

func newTexts(axes []*axis) []texts {
	all := make([]texts, len(axes))
	for i, axis := range axes {
		all[i] = texts{axis, map[int64]string{}}
	}
	return all
}

func (t texts) of(value int64) string {
	if !t.axis.dim.IsTime() {
		return t.axis.text(value)
	}
	text, known := t.known[value]
	if !known {
		text = t.axis.text(value)
		t.known[value] = text
	}
	return text
}
