package reportcmd

import (
	"cmp"
	"context"
	"strings"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// repositoryRows returns all repositories of the scope, by workspace and slug, with the counts of the commits
// that the filter includes.
func repositoryRows(ctx context.Context, tx *store.Tx, scope *report.Scope) ([]repositoryRow, error) {
	walks, err := tx.Walks()
	if err != nil {
		return nil, err
	}
	var rows []repositoryRow
	for _, repo := range scope.Repositories {
		_, walking := walks[repo.UUID]
		row := newRepositoryRow(repo, walking)
		if err := row.count(ctx, tx, scope); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// newRepositoryRow makes a row without its counts. walking is whether the repository has an unfinished walk.
func newRepositoryRow(repo store.Repository, walking bool) repositoryRow {
	return repositoryRow{
		Workspace:      repo.Workspace,
		Repository:     render.WithoutNUL(repo.Slug),
		RepositoryUUID: string(repo.UUID),
		Name:           nullText(repo.Name),
		Project:        nullText(repo.Project),
		DefaultBranch:  nullText(repo.MainBranch),
		ForkOf:         nullText(repo.ForkOf),
		LastSync:       instantOf(repo.LastSync),
		State:          render.WithoutNUL(repo.State(walking)),
	}
}

// count adds up the commits that the scope includes.
func (r *repositoryRow) count(ctx context.Context, tx *store.Tx, scope *report.Scope) error {
	var first, last instant
	for block, err := range tx.Blocks(store.UUID(r.RepositoryUUID)) {
		if err = cmp.Or(ctx.Err(), err); err != nil {
			return err
		}
		for i, date := range block.Dates {
			if !scope.Keeps(date, block.Authors[i], block.Merges[i]) {
				continue
			}
			at := instant(date * 1000)
			if r.Commits == 0 || at < first {
				first = at
			}
			if r.Commits == 0 || at > last {
				last = at
			}
			r.Commits++
			if block.Merges[i] {
				r.Merges++
			}
		}
	}
	if r.Commits > 0 {
		r.FirstCommit, r.LastCommit = &first, &last
	}
	return nil
}

// authorRows returns the rows of a report by author.
func authorRows(res *report.Result) []authorRow {
	rows := make([]authorRow, 0, res.Rows.Len())
	for r := range res.Rows.All() {
		rows = append(rows, authorRow{
			Author:      render.WithoutNUL(r.Person.Name),
			Email:       render.WithoutNUL(r.Person.Email),
			AuthorUUID:  command.NullString(strings.Join(r.Person.Accounts(), " ")),
			Aliases:     nullText(strings.Join(r.Person.Aliases(), "; ")),
			Commits:     int64(r.Counts.Commits),
			Merges:      int64(r.Counts.Merges),
			FirstCommit: instantOf(r.Counts.First),
			LastCommit:  instantOf(r.Counts.Last),
		})
	}
	return rows
}
