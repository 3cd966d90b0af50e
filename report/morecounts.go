package report

import (
	"context"
	"math"
	"slices"
	"strings"

	"trunkstat/report/calendar"
)

// A Column is a count of a report.
type Column string

// The counts, in the order in which help and errors name them.
const (
	Commits     Column = "commits"
	Merges      Column = "merges"
	Authors     Column = "authors"
	FirstCommit Column = "first_commit"
	LastCommit  Column = "last_commit"
	Days        Column = "days"
	NewAuthors  Column = "new_authors"
	HalfAuthors Column = "half_authors"
)

// Columns are all counts. DefaultColumns are those of a report that asks for none.
var (
	Columns        = []Column{Commits, Merges, Authors, FirstCommit, LastCommit, Days, NewAuthors, HalfAuthors}
	DefaultColumns = Columns[:5]
)

// ParseColumns reads names with commas between them and, if need be, blanks around them. Query.Validate
// refuses unknown names.
func ParseColumns(s string) (columns []Column) {
	for name := range strings.SplitSeq(s, ",") {
		columns = append(columns, Column(strings.TrimSpace(name)))
	}
	return columns
}

// MoreCounts are the counts of the rows of a table that only some reports ask for.
type moreCounts struct {
	clock  *calendar.Clock // nil: days are not counted
	days   []int           // by row
	seen   map[rowDay]bool
	firsts []int64 // by person: the date of the first commit; nil: new authors are not counted
	newOf  map[int32]*personSet
	half   bool            // whether commits are counted by person
	byRow  []map[int32]int // commits, by row and person
}

type rowDay struct {
	row int32
	day calendar.Date
}

// newMoreCounts returns nil if the query asks for none.
func (s *snapshot) newMoreCounts() *moreCounts {
	asks := func(c Column) bool { return slices.Contains(s.q.Columns, c) }
	if !asks(Days) && !asks(NewAuthors) && !asks(HalfAuthors) {
		return nil
	}
	m := &moreCounts{firsts: s.firsts, half: asks(HalfAuthors), newOf: map[int32]*personSet{}}
	if asks(Days) {
		m.clock, m.seen = s.clock, map[rowDay]bool{}
	}
	return m
}

// add counts a commit of one of its authors in a row.
func (m *moreCounts) add(row int32, date int64, person int32, words int) {
	if m.clock != nil {
		day, _ := m.clock.Local(date)
		if at := (rowDay{row, day}); !m.seen[at] {
			m.seen[at] = true
			m.days = append(m.days, make([]int, max(0, int(row)+1-len(m.days)))...)
			m.days[row]++
		}
	}
	if m.firsts != nil && m.firsts[person] == date {
		if m.newOf[row] == nil {
			m.newOf[row] = &personSet{}
		}
		m.newOf[row].add(person, words)
	}
	if m.half {
		m.byRow = append(m.byRow, make([]map[int32]int, max(0, int(row)+1-len(m.byRow)))...)
		if m.byRow[row] == nil {
			m.byRow[row] = map[int32]int{}
		}
		m.byRow[row][person]++
	}
}

// set adds what was counted of a row to its other counts.
func (m *moreCounts) set(row int32, c *Counts) {
	c.Days = m.count(Days, row, c.Commits)
	c.NewAuthors = m.count(NewAuthors, row, c.Commits)
	c.HalfAuthors = m.count(HalfAuthors, row, c.Commits)
}

// count returns one count of a row that has so many commits; 0 if it was not asked for.
func (m *moreCounts) count(column Column, row int32, commits int) int {
	switch column {
	case Days:
		if int(row) < len(m.days) {
			return m.days[row]
		}
	case NewAuthors:
		if people := m.newOf[row]; people != nil {
			return people.len()
		}
	case HalfAuthors:
		if int(row) < len(m.byRow) {
			return halfAuthors(m.byRow[row], commits)
		}
	}
	return 0
}

// halfAuthors returns how many of the persons with the most commits have made half of all commits.
func halfAuthors(byPerson map[int32]int, commits int) int {
	var all []int
	for _, n := range byPerson {
		all = append(all, n)
	}
	slices.Sort(all)
	sum, persons := 0, 0
	for _, n := range slices.Backward(all) {
		if 2*sum >= commits {
			break
		}
		sum += n
		persons++
	}
	return persons
}

// firstCommits returns the date of each person's first commit, of all that is stored, whatever the filter.
func (s *snapshot) firstCommits(ctx context.Context) ([]int64, error) {
	all, err := s.scope.everything(s.tx)
	if err != nil {
		return nil, err
	}
	firsts := slices.Repeat([]int64{math.MaxInt64}, all.People.Len())
	pass := scan{scope: all, tx: s.tx, visit: func(b *batch) {
		for _, c := range b.commits {
			for _, person := range c.persons(nil) {
				firsts[person] = min(firsts[person], c.date)
			}
		}
	}}
	for i := range all.Repositories {
		pass.families = append(pass.families, family{i})
	}
	return firsts, pass.run(ctx)
}
