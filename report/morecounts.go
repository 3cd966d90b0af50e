package report

import (
	"context"
	"maps"
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
	days, half bool    // whether these are asked for
	firsts     []int64 // by person: the date of the first commit; nil unless new authors are asked for
	clock      *calendar.Clock
	rows       map[int32]*moreOf
}

// MoreOf has what was found in one row, as far as it is asked for.
type moreOf struct {
	days map[calendar.Date]bool
	new  map[int32]bool // persons
	by   map[int32]int  // commits by person
}

// newMoreCounts returns nil if the query asks for none.
func (s *snapshot) newMoreCounts() *moreCounts {
	asks := func(c Column) bool { return slices.Contains(s.q.Columns, c) }
	if !asks(Days) && !asks(NewAuthors) && !asks(HalfAuthors) {
		return nil
	}
	return &moreCounts{
		days: asks(Days), half: asks(HalfAuthors), firsts: s.firsts, clock: s.clock, rows: map[int32]*moreOf{},
	}
}

// add counts a commit of one of its authors in a row.
func (m *moreCounts) add(row int32, date int64, person int32) {
	found := m.rows[row]
	if found == nil {
		found = &moreOf{days: map[calendar.Date]bool{}, new: map[int32]bool{}, by: map[int32]int{}}
		m.rows[row] = found
	}
	if m.days {
		day, _ := m.clock.Local(date)
		found.days[day] = true
	}
	// If two commits of a person have the date of the first, the person is new in the rows of both.
	if m.firsts != nil && m.firsts[person] == date {
		found.new[person] = true
	}
	if m.half {
		found.by[person]++
	}
}

// count returns one count of a row that has so many commits; 0 if it was not asked for.
func (m *moreCounts) count(column Column, row int32, commits int) int {
	found := m.rows[row]
	switch {
	case found == nil:
	case column == Days:
		return len(found.days)
	case column == NewAuthors:
		return len(found.new)
	case column == HalfAuthors:
		return halfAuthors(found.by, commits)
	}
	return 0
}

// halfAuthors returns how many of the persons with the most commits have made half of all commits. No other
// persons could be fewer. Where co-authors count, a commit is one of each of its persons.
func halfAuthors(byPerson map[int32]int, commits int) int {
	all := slices.Sorted(maps.Values(byPerson))
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

// firstCommits returns the date of each person's first commit, of all that is stored, whatever the filter. A
// minimum is the same if a shared commit is read several times, so each repository is read as a family of its
// own, which is the fast way.
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
