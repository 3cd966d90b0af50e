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

// The columns that exist only with Compare.
var compareColumns = []string{"previous_commits", "change"}

// ParseSort reads COL, COL:asc or COL:desc. Without a direction, dimensions and e-mails ascend, and counts
// and dates descend. Query.Validate refuses unknown columns.
func ParseSort(s string) Sort {
	column, desc := s, false
	if name, found := strings.CutSuffix(s, ":asc"); found {
		column = name
	} else if name, found := strings.CutSuffix(s, ":desc"); found {
		column, desc = name, true
	} else {
		desc = s != "repo" && s != "email" && !slices.Contains(Dimensions, Dimension(s))
	}
	if column == "repo" {
		column = string(Repository)
	}
	return Sort{Column: column, Desc: desc}
}

// checkSort refuses a column that the report does not have. With a pivot, another name may be one of the
// pivot's values, which only Volume knows.
func (q Query) checkSort() error {
	known, column := q.sortColumns(), q.Sort.Column
	mayBePivot := q.Pivot != "" && column != "" && !strings.Contains(column, ":")
	if q.Sort == (Sort{}) || slices.Contains(known, column) || mayBePivot {
		return nil
	}
	return misuse("cannot sort by %q; use %s, each with :asc or :desc", column, strings.Join(known, ", "))
}

// sortColumns returns the output columns except for the values of a pivot.
func (q Query) sortColumns() []string {
	var columns []string
	for _, dim := range q.By {
		columns = append(columns, string(dim))
		if dim == AuthorDim && !q.Anonymize {
			columns = append(columns, "email")
		}
	}
	if q.Pivot != "" {
		return append(columns, "total", "commits")
	}
	for _, column := range Columns {
		if slices.Contains(DefaultColumns, column) || slices.Contains(q.Columns, column) {
			columns = append(columns, string(column))
		}
	}
	if q.Compare {
		columns = append(columns, compareColumns...)
	}
	return columns
}
