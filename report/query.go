package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrMisuse is returned, wrapped, when a query cannot be answered because of how it was asked:
// an unknown dimension, a date that is none, a range that ends before it begins. Its text says
// what would be right. Commands exit with 2.
var ErrMisuse = errors.New("misuse")

// misuse makes an error that is an ErrMisuse without showing that word to anybody.
func misuse(format string, args ...any) error {
	return &misuseError{fmt.Errorf(format, args...)}
}

type misuseError struct{ err error }

func (e *misuseError) Error() string        { return e.err.Error() }
func (e *misuseError) Unwrap() error        { return e.err }
func (e *misuseError) Is(target error) bool { return target == ErrMisuse }

// A Query is what a report is asked for. The zero Query counts all commits by repository, in the
// local zone.
type Query struct {
	By    []Dimension // the rows; none: Repository
	Pivot Dimension   // its values become columns; empty: none

	Filter  Filter
	Mailmap *Mailmap // nil: none

	Zone     *time.Location // where days begin; nil: time.Local
	ZoneName string         // for the footer; empty: the zone's own name

	Sort      Sort
	Top       int  // rows to keep; 0: all
	Compare   bool // with the range before
	Anonymize bool

	Now time.Time // zero: time.Now
}

// A Filter says which commits are counted. Its zero value keeps all of them.
type Filter struct {
	Workspace string // slug; empty: all

	// Since and Until are both included, to the second; zero is open.
	Since, Until time.Time

	// Repos are globs over the slug, or over workspace/slug where they have a slash. Projects
	// are globs over the key. Authors are globs over whole names and e-mails, or parts of them
	// where there is no glob character. All are case-insensitive; none keeps all.
	Repos, ExcludeRepos       []string
	Projects, ExcludeProjects []string
	Authors, ExcludeAuthors   []string

	Merges, Bots Choice
	BotPatterns  []string // as Authors; people who are bots beside the built-in list
}

// A Choice says what to do with one kind of commit.
type Choice int

// The choices; the zero value counts the commits in question like all others.
const (
	Include Choice = iota
	Exclude
	Only
)

var choiceNames = []string{"include", "exclude", "only"}

// String writes the choice as ParseChoice reads it.
func (c Choice) String() string {
	if c < 0 || int(c) >= len(choiceNames) {
		return fmt.Sprintf("Choice(%d)", int(c))
	}
	return choiceNames[c]
}

// ParseChoice reads include, exclude or only.
func ParseChoice(s string) (Choice, error) {
	if i := slices.Index(choiceNames, s); i >= 0 {
		return Choice(i), nil
	}
	return 0, misuse("%q is none of %s", s, strings.Join(choiceNames, ", "))
}

// A Sort orders rows by one output column. The zero value is the default: by time, ascending,
// where the first dimension is one of time; else by commits, descending. Ties go by the rows'
// keys, ascending, whatever the direction.
type Sort struct {
	Column string
	Desc   bool
}

// The columns beside the dimensions; the last two exist only with Compare.
var countColumns = []string{"commits", "merges", "authors", "first_commit", "last_commit"}

var compareColumns = []string{"previous_commits", "change"}

// ParseSort reads COL, COL:asc or COL:desc. Without a direction, dimensions ascend and counts
// and dates descend. COL is checked against the output columns of q; with a pivot, a name that
// is no such column may still be one of the pivot's values, which only Volume knows.
func ParseSort(s string, q Query) (Sort, error) {
	column, direction := s, ""
	if name, after, found := cutLast(s, ":"); found && (after == "asc" || after == "desc") {
		column, direction = name, after
	}
	if column == "repo" {
		column = string(Repository)
	}
	known := q.sortColumns()
	mayBePivot := q.Pivot != "" && column != "" && !strings.Contains(column, ":")
	if !slices.Contains(known, column) && !mayBePivot {
		return Sort{}, misuse("cannot sort by %q: the columns are %s, each with :asc or :desc",
			s, strings.Join(known, ", "))
	}
	desc := direction == "desc"
	if direction == "" {
		desc = !slices.Contains(q.rows(), Dimension(column)) && column != "email"
	}
	return Sort{Column: column, Desc: desc}, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// sortColumns are the output columns, but for the values of a pivot.
func (q Query) sortColumns() []string {
	var columns []string
	for _, dim := range q.rows() {
		columns = append(columns, string(dim))
		if dim == AuthorDim && !q.Anonymize {
			columns = append(columns, "email")
		}
	}
	if q.Pivot != "" {
		return append(columns, "total", "commits")
	}
	columns = append(columns, countColumns...)
	if q.Compare {
		columns = append(columns, compareColumns...)
	}
	return columns
}

// rows are the dimensions of the rows, defaults applied.
func (q Query) rows() []Dimension {
	if len(q.By) == 0 {
		return []Dimension{Repository}
	}
	return q.By
}

// normalized fills in the defaults and refuses what contradicts itself.
func (q Query) normalized() (Query, error) {
	q.By = q.rows()
	if q.Zone == nil {
		q.Zone = time.Local
	}
	if q.Now.IsZero() {
		q.Now = time.Now()
	}
	if q.ZoneName == "" {
		q.ZoneName = zoneName(q.Zone, q.Now)
	}
	return q, q.check()
}

func (q Query) check() error {
	if err := checkDimensions(q.By); err != nil {
		return err
	}
	if q.Pivot != "" {
		if _, err := ParseDimension(string(q.Pivot)); err != nil {
			return err
		}
		if slices.Contains(q.By, q.Pivot) {
			return misuse("%s cannot be both rows and columns", q.Pivot)
		}
	}
	if q.Compare && q.Pivot != "" {
		return misuse("a comparison cannot have a pivot")
	}
	if q.Compare && q.Filter.Since.IsZero() {
		return misuse("a comparison needs a range that begins somewhere: --since DATE")
	}
	if q.Top < 0 {
		return misuse("cannot keep %d rows", q.Top)
	}
	if q.Sort.Column == "" {
		return nil
	}
	_, err := ParseSort(q.Sort.Column, q)
	return err
}
