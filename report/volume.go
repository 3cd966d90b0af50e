// Package report counts commits: how many, by whom, when and where. It reads a store, makes no network
// request, and prints nothing.
//
// It guarantees that a row counts each commit once, and so does the total, whatever repositories share the
// commit. Dates are the committers', divided into days by the calendar of one zone that the query names.
// Who is who is decided anew for each report, from the mailmap, the accounts and the e-mails. The result
// does not depend on the order in which commits were stored.
//
// Terms:
//
//   - A dimension is what rows or columns are made of: repository, author, month. A commit has one value in
//     each, or several.
//   - A row is a combination of values, a column is a value of the pivot, and a cell has what was counted.
//   - The scope is what the filter includes: repositories, persons, a range of dates.
//   - A family is a set of repositories that may have commits in common.
//   - A scan is one pass over the commits of a scope, and a batch is the commits that it visits at a time.
//   - A commit has one author, and several if its co-authors count.
//   - The facts of a commit are what is read from its message: a type, an issue, assistants.
//   - Names are the values of a dimension that come from a file or from messages: teams, groups, types.
//   - An axis is a dimension in use: it turns commits into numbers to count by, and these into labels.
//   - A table counts commits by their values on some axes. A table with one more axis divides the rows of
//     another: into the cells of a pivot, or into the days that a row has commits on.
//   - A count is all that one scan counts for a report, in several tables.
//
// A report is made in four steps, one after the other: the scope (scope.go, members.go), the scan that counts
// commits in tables (scan.go, facts.go, axis.go, table.go, morecounts.go), the order of rows (order.go), and
// the Result (builder.go). Contributors (contributors.go) are a count as well; the draft of a mailmap needs a
// scan alone.
package report

import (
	"context"

	"trunkstat/store"
)

// Volume counts the commits of one snapshot of the database. It returns store.ErrNoDatabase if there is
// none, ErrMisuse if the query cannot be answered, and an UnknownWorkspaceError.
func Volume(ctx context.Context, db *store.DB, q Query) (result *Result, err error) {
	err = view(ctx, db, q, func(b *builder) error {
		result, err = b.volume(ctx)
		return err
	})
	return result, err
}

// volume takes the steps in the order in which they need each other: labels need the number of commits of
// each spelling, rows without commits need the range that was counted, the order needs all labels and all
// rows, and the rows that are cut are the last ones of the order.
func (b *builder) volume(ctx context.Context) (result *Result, err error) {
	if b.now, b.before, err = b.countBoth(ctx); err != nil {
		return nil, err
	}
	b.chooseLabels()
	if err := b.complete(); err != nil {
		return nil, err
	}
	if err := b.sort(); err != nil {
		return nil, err
	}
	others, err := b.cut(ctx)
	if err != nil {
		return nil, err
	}
	result = b.result()
	result.Others = others
	return result, nil
}
