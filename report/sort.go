package report

import (
	"slices"
	"strings"
)

// A Sort orders rows by one output column. The zero value is the default: by time, ascending, if the first
// dimension is one of time; else by commits, descending. Ties go by the rows' keys, ascending, whatever the
// direction.
type Sort struct {
	Column string
	Desc   bool
}

// The columns beside the dimensions; the last two exist only with Compare.
var countColumns = []string{"commits", "merges", "authors", "first_commit", "last_commit"}

var compareColumns = []string{"previous_commits", "change"}

// ParseSort reads COL, COL:asc or COL:desc. Without a direction, dimensions ascend and counts and dates
// descend. COL is checked against the output columns of q; with a pivot, a name that is no such column may
// still be one of the pivot's values, which only Volume knows.
func ParseSort(s string, q Query) (Sort, error) {
	column, direction := s, ""
	if name, found := strings.CutSuffix(s, ":asc"); found {
		column, direction = name, "asc"
	} else if name, found := strings.CutSuffix(s, ":desc"); found {
		column, direction = name, "desc"
	}
	if column == "repo" {
		column = string(Repository)
	}
	known := q.sortColumns()
	mayBePivot := q.Pivot != "" && column != "" && !strings.Contains(column, ":")
	if !slices.Contains(known, column) && !mayBePivot {
		return Sort{}, misuse("cannot sort by %q; use %s, each with :asc or :desc",
			s, strings.Join(known, ", "))
	}
	desc := direction == "desc"
	if direction == "" {
		desc = !slices.Contains(q.rows(), Dimension(column)) && column != "email"
	}
	return Sort{Column: column, Desc: desc}, nil
}

// sortColumns returns the output columns except for the values of a pivot.
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
