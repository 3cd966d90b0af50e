package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"trunkstat/report/calendar"
	"trunkstat/report/people"
)

// ErrMisuse is returned, wrapped, when a query cannot be answered because of how it was asked: an unknown
// dimension, an invalid pattern, a range that ends before it begins. Its text says what would be right.
// Commands exit with 2.
var ErrMisuse = errors.New("misuse")

// misuse returns an error that is ErrMisuse, without that word in its text: fmt.Errorf would print the text
// of every error that it wraps.
func misuse(format string, args ...any) error {
	return &misuseError{fmt.Errorf(format, args...)}
}

type misuseError struct{ err error }

func (e *misuseError) Error() string        { return e.err.Error() }
func (e *misuseError) Unwrap() error        { return e.err }
func (e *misuseError) Is(target error) bool { return target == ErrMisuse }

// A Query says what a report is of. The zero Query counts all commits by repository, in the local zone. It is
// passed by value, and Volume never changes what it is given.
type Query struct {
	By      []Dimension // the rows; none: Repository
	Pivot   Dimension   // its values become columns; empty: none
	Columns []Column    // the counts to show; none: DefaultColumns

	Filter      Filter
	Mailmap     *people.Mailmap    // nil: none
	MailmapFile string             // for the footer: where the mailmap was read
	Teams       *Teams             // nil: none; Validate drops what is not asked for
	Groups      *Groups            // the same
	Assistants  *people.Assistants // nil: the built-in ones
	CoAuthors   bool               // who a commit names as a co-author is one of its authors

	Zone     *time.Location // where days begin; nil: time.Local
	ZoneName string         // for the footer; empty: the zone's own name

	Sort      Sort
	Top       int  // rows to keep; 0: all
	Compare   bool // with the range before
	Calendar  bool // with the commits of each day, for the calendar of a page
	Anonymize bool

	Now time.Time // zero: time.Now

	filter   *compiledFilter     // set by Validate, and so nil of a query that is not validated
	compared calendar.Comparison // set by Validate with Compare
}

// Validate fills in the defaults, compiles the patterns, and returns ErrMisuse for a query that cannot be
// answered. It looks at nothing but the query. One that was validated before stays as it is, so that what it
// filters must not be changed afterwards. Volume, CountContributors and NewScope validate the queries that
// they are given; Validate is for callers who want to say what is wrong before they open a database.
func (q Query) Validate() (Query, error) {
	if q.filter != nil {
		return q, nil
	}
	if len(q.By) == 0 {
		q.By = []Dimension{Repository}
	}
	q.setClock()
	if err := q.check(); err != nil {
		return q, err
	}
	// A file that is not asked for costs no time, and there are no notes on its lines.
	if !q.asks(Team, q.Filter.Teams, q.Filter.ExcludeTeams) {
		q.Teams = nil
	}
	if !q.asks(Group, q.Filter.Groups, q.Filter.ExcludeGroups) {
		q.Groups = nil
	}
	if len(q.Columns) == 0 {
		q.Columns = DefaultColumns
	}
	if q.Assistants == nil {
		q.Assistants, _ = people.NewAssistants(nil) // an error is about what is added
	}
	if q.Compare {
		if err := q.closeRange(); err != nil {
			return q, err
		}
	}
	var err error
	q.filter, err = q.Filter.compile()
	return q, err
}

// setClock fills in the defaults of the zone and of the time. With both given, as tests do, a database gives
// the same report on every day and every machine.
func (q *Query) setClock() {
	if q.Zone == nil {
		q.Zone = time.Local
	}
	if q.Now.IsZero() {
		q.Now = time.Now()
	}
	if q.ZoneName == "" {
		q.ZoneName = calendar.ZoneName(q.Zone, q.Now)
	}
}

// check refuses unknown names, and what does not go together. It is about the query as it was given, and so
// comes before the defaults: a pivot refuses --columns, but not DefaultColumns.
func (q Query) check() error {
	if err := checkNames("dimension", "--by", q.By, Dimensions); err != nil {
		return err
	}
	if err := checkNames("column", "--columns", q.Columns, Columns); err != nil {
		return err
	}
	if q.Pivot != "" {
		if err := checkNames("dimension", "--pivot", []Dimension{q.Pivot}, Dimensions); err != nil {
			return err
		}
	}
	switch {
	case slices.Contains(q.By, q.Pivot):
		return misuse("--pivot %s: already used by --by", q.Pivot)
	case q.Compare && q.Pivot != "":
		return misuse("--compare cannot be combined with --pivot")
	case q.Compare && q.Filter.Since.IsZero():
		return misuse("--compare previous requires a range that begins; use --since DATE or --period PERIOD")
	case len(q.Columns) > 0 && q.Pivot != "":
		return misuse("--columns cannot be combined with --pivot, whose cells are commits")
	case q.Top < 0:
		return misuse("invalid value %d for --top; use 1 or more", q.Top)
	case q.asks(Team, q.Filter.Teams, q.Filter.ExcludeTeams) && q.Teams == nil:
		return misuse("teams are read from a file; use --teams FILE")
	case q.asks(Group, q.Filter.Groups, q.Filter.ExcludeGroups) && q.Groups == nil:
		return misuse("groups are read from a file; use --groups FILE")
	}
	return q.checkSort()
}

// asks reports whether a dimension is in use as rows or columns, or one of the filters for it if they are
// given.
func (q Query) asks(dim Dimension, filters ...[]string) bool {
	return q.Pivot == dim || slices.Contains(q.By, dim) || len(slices.Concat(filters...)) > 0
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
func (c Choice) String() string { return choiceNames[c] }

// includes reports whether the choice includes a commit that is, or is not, of the kind in question.
func (c Choice) includes(is bool) bool { return c == Include || (c == Only) == is }

// ParseChoice reads include, exclude or only.
func ParseChoice(s string) (Choice, error) {
	if i := slices.Index(choiceNames, s); i >= 0 {
		return Choice(i), nil
	}
	return 0, misuse("invalid value %q; use %s", s, strings.Join(choiceNames, ", "))
}
