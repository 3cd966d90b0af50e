package report

import (
	"context"
	"slices"
	"strings"
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

// divide gives a table those that the query's counts of its rows are made from, and returns them. The days of
// a row are as many as the rows into which days divide it, and so are its new authors; how many authors made
// half of the commits follows from the commits of each.
func (b *builder) divide(t *table) (divided []*table) {
	t.more = map[Column]*table{}
	for column, dim := range map[Column]Dimension{Days: Day, NewAuthors: AuthorDim, HalfAuthors: AuthorDim} {
		if !slices.Contains(b.q.Columns, column) {
			continue
		}
		a := b.newAxis(dim)
		if column == NewAuthors {
			a.value, a.values = nil, b.newAuthors
		}
		t.more[column] = t.dividedBy(a)
		divided = append(divided, t.more[column])
	}
	return divided
}

// newAuthors is the value of an axis: the person if a commit is the first one of theirs. If two commits have
// the date of the first, the person is new in the rows of both.
func (b *builder) newAuthors(c *commit, person int32, _ int) []int32 {
	if b.firsts[person] != c.date {
		return nil
	}
	return []int32{person}
}

// setMore sets the counts of rows from the divided tables, once all commits are counted.
func (t *table) setMore() {
	t.moreNumbers = map[Column][]int{}
	for column, divided := range t.more {
		t.moreNumbers[column] = divided.perParent(t.rows())
		if column == HalfAuthors {
			t.moreNumbers[column] = t.halfAuthors(divided)
		}
	}
}

// moreNumber returns one count of a row; 0 if it was not asked for.
func (t *table) moreNumber(column Column, row int32) int {
	if numbers := t.moreNumbers[column]; int(row) < len(numbers) {
		return numbers[row]
	}
	return 0
}

// halfAuthors returns for each row how many of the persons with the most commits have made half of all
// commits. No other persons could be fewer. Where co-authors count, a commit is one of each of its persons.
func (t *table) halfAuthors(byPerson *table) []int {
	commits := make([][]uint32, t.rows())
	for i, k := range byPerson.lastLevel().keys {
		commits[k.parent] = append(commits[k.parent], byPerson.cells[i].commits)
	}
	half := make([]int, t.rows())
	for row, all := range commits {
		slices.Sort(all)
		sum := 0
		for _, n := range slices.Backward(all) {
			if 2*sum >= int(t.cells[row].commits) {
				break
			}
			sum += int(n)
			half[row]++
		}
	}
	return half
}

// firstCommits returns the date of each person's first commit, of all that is stored, whatever the filter. A
// minimum is the same if a shared commit is read several times, so each repository is read as a family of its
// own, which is the fast way.
func (b *builder) firstCommits(ctx context.Context) ([]int64, error) {
	all, err := b.scope.everything(b.tx)
	if err != nil {
		return nil, err
	}
	t := newTable([]*axis{b.newAxis(AuthorDim)}, 0)
	pass := scan{scope: all, tx: b.tx, visit: t.add}
	for i := range all.Repositories {
		pass.families = append(pass.families, family{i})
	}
	if err := pass.run(ctx); err != nil {
		return nil, err
	}
	firsts := make([]int64, len(all.People.Persons))
	for row, c := range t.cells {
		firsts[t.value(int32(row), 0)] = c.first
	}
	return firsts, nil
}
