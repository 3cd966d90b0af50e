package report

import (
	"slices"
	"strings"
)

// A Dimension is something that rows or columns of a report are made of.
type Dimension string

// The dimensions, in the order in which help and errors name them.
const (
	Workspace  Dimension = "workspace"
	Project    Dimension = "project"
	Repository Dimension = "repository"
	Group      Dimension = "group" // of repositories, from a file
	AuthorDim  Dimension = "author"
	Team       Dimension = "team" // of people, from a file
	Assistant  Dimension = "assistant"
	Type       Dimension = "type"
	Issue      Dimension = "issue"
	Year       Dimension = "year"
	Quarter    Dimension = "quarter"
	Month      Dimension = "month"
	Week       Dimension = "week"
	Day        Dimension = "day"
	Weekday    Dimension = "weekday"
	Hour       Dimension = "hour"
)

// Dimensions are all dimensions, in the order in which help and errors name them.
var Dimensions = []Dimension{
	Workspace, Project, Repository, Group, AuthorDim, Team, Assistant, Type, Issue,
	Year, Quarter, Month, Week, Day, Weekday, Hour,
}

// IsTime reports whether the dimension is made from a commit's date.
func (d Dimension) IsTime() bool { return d.IsPeriod() || d == Weekday || d == Hour }

// IsPeriod reports whether the values of the dimension are periods of the calendar, from year to day.
func (d Dimension) IsPeriod() bool {
	_, ok := units[d]
	return ok
}

// isOfRepository reports whether the dimension depends on the repository, so that a commit which two
// repositories share may have two values.
func (d Dimension) isOfRepository() bool {
	return d == Workspace || d == Project || d == Repository || d == Group
}

// ParseDimension reads the name of one dimension; "repo" is short for repository. Query.Validate refuses
// unknown names.
func ParseDimension(s string) Dimension {
	if s == "repo" {
		return Repository
	}
	return Dimension(s)
}

// ParseDimensions reads names with commas between them and, if need be, blanks around them.
func ParseDimensions(s string) (dims []Dimension) {
	for name := range strings.SplitSeq(s, ",") {
		dims = append(dims, ParseDimension(strings.TrimSpace(name)))
	}
	return dims
}

// checkNames refuses names of a flag that are not among all of their kind, and those that are given twice:
// two columns of a report would have one name.
func checkNames[T ~string](kind, flag string, names, all []T) error {
	for i, name := range names {
		if !slices.Contains(all, name) {
			return misuse("unknown %s %q for %s; use %s", kind, name, flag, joined(all))
		}
		if slices.Contains(names[:i], name) {
			return misuse("%s: %s %s is given twice", flag, kind, name)
		}
	}
	return nil
}

func joined[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ", ")
}
