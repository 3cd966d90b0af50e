package report

import (
	"iter"
	"time"

	"trunkstat/report/people"
)

// A Result is a finished report, ready to be rendered: the rows are counted, sorted and cut.
type Result struct {
	By    []Dimension
	Pivot Dimension // empty: none
	// Columns are the counts to show, without a pivot; none: DefaultColumns.
	Columns []Column
	Rows    Rows
	// PivotValues are the columns of a pivot, in order.
	PivotValues []string
	Total       Counts // over all rows, each commit once
	TotalCells  []int  // with a pivot: commits of each column, each commit once
	// PreviousTotal is set with Compare.
	PreviousTotal *Counts
	Others        *Others // what --top cut off; nil where nothing was cut

	// Since and Until are what was asked for, both included; zero: open. With Compare, an open range
	// and a period that is not over end today.
	Since, Until  time.Time
	PreviousSince time.Time // with Compare: the range before, both included
	PreviousUntil time.Time
	Partial       []Partial // periods of rows or columns that are not whole, in order of time
	Zone          *time.Location
	ZoneName      string // as given, or the local zone's name
	GeneratedAt   time.Time
	Coverage      Coverage
	Incomplete    []string // names of the incomplete repositories, as rows show them
	Notes         []string // sentences for the footer: shared commits, bots, floors, hints
	LeftOut       []string // those of Notes that tell what is left out: merges, bots, periods without commits
	// Calendar has the commits of each day of the range in order, days without commits included, if the
	// query asked for it.
	Calendar []DayCommits
}

// A Partial is a period of which the report has only a part, since it is not over or since the range begins
// or ends inside it.
type Partial struct {
	Period  string // as rows and columns show it
	NotOver bool   // at GeneratedAt; else the range cuts it
}

// DayCommits are the commits of one day, each once.
type DayCommits struct {
	Day     time.Time // its midnight in UTC, whatever the report's zone
	Commits int
}

// A Row is one combination of the values of By.
type Row struct {
	Keys     []string       // one per dimension, as written
	Email    string         // with the author dimension: the author's e-mail
	Person   *people.Person // with the author dimension, but not in an anonymous report: who it is
	Counts   Counts
	Previous *Counts // with Compare
	Cells    []int   // with a pivot: commits for each of PivotValues
}

// Counts is what is counted of a set of commits, each commit once.
type Counts struct {
	Commits int
	Merges  int       // of the commits, those with more than one parent
	Authors int       // distinct people, after identities are resolved
	First   time.Time // earliest and latest date, in the report's zone; zero where Commits is 0
	Last    time.Time

	// Those that only Query.Columns ask for; else 0.
	Days        int // days with a commit, in the report's zone
	NewAuthors  int // people whose first commit, of all that is stored, is one of these
	HalfAuthors int // the fewest people who made half of the commits
}

// Others is what --top left out of Rows.
type Others struct {
	Rows     int
	Counts   Counts
	Previous *Counts // with Compare
	Cells    []int   // with a pivot: commits for each of PivotValues, each commit once
}

// Coverage says how complete and how fresh the counted data is.
type Coverage struct {
	Repositories int       // in the scope of the report
	Incomplete   int       // of those: partial, failed or never synced
	OldestSync   time.Time // the longest ago that one of those that are listed was up to date; zero: never

	Gone     int       // of the repositories: no longer listed; they are not in Incomplete
	GoneSync time.Time // the longest ago that one of those was up to date; zero: never

	IncompleteListings []string // workspaces whose last listing missed repositories
}

// Rows are the rows of a report, in their order. There may be as many of them as commits, so they are made
// when they are asked for.
type Rows struct {
	n    int
	fill func(i int, row *Row) // it may use the slices of row again
}

// NewRows returns rows that are made already.
func NewRows(rows ...Row) Rows {
	return Rows{len(rows), func(i int, row *Row) { *row = rows[i] }}
}

// Len returns how many rows there are.
func (r Rows) Len() int { return r.n }

// All yields the rows. Each is good until the next one is asked for.
func (r Rows) All() iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		var row Row
		for i := range r.n {
			if r.fill(i, &row); !yield(&row) {
				return
			}
		}
	}
}
