package reportcmd

import (
	"cmp"
	"context"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/store/command"
)

// repositoryRows reads all repositories of the scope, by workspace and slug, with the counts of
// the commits that the filter keeps.
func repositoryRows(ctx context.Context, db *store.DB, q report.Query) ([]repositoryRow, error) {
	var rows []repositoryRow
	err := db.View(ctx, func(tx *store.Tx) error {
		scope, err := report.NewScope(tx, q)
		if err != nil {
			return err
		}
		walks, err := tx.Walks()
		if err != nil {
			return err
		}
		for _, repo := range scope.Repositories {
			_, walking := walks[repo.UUID]
			row := newRepositoryRow(repo, walking)
			if err := row.count(ctx, tx, scope); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

func newRepositoryRow(repo store.Repository, walking bool) repositoryRow {
	return repositoryRow{
		Workspace:      repo.Workspace,
		Repository:     repo.Slug,
		RepositoryUUID: string(repo.UUID),
		Name:           command.NullString(repo.Name),
		Project:        command.NullString(repo.Project),
		DefaultBranch:  command.NullString(repo.MainBranch),
		ForkOf:         command.NullString(repo.ForkOf),
		LastSync:       instantOf(repo.LastSync),
		State:          repo.State(walking),
	}
}

// count adds up the commits that the scope keeps.
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

// authorRows counts the commits of every person that the filter keeps, most first.
func authorRows(ctx context.Context, db *store.DB, q report.Query) ([]authorRow, error) {
	q.By = []report.Dimension{report.AuthorDim}
	res, err := report.Volume(ctx, db, q)
	if err != nil {
		return nil, err
	}
	rows := make([]authorRow, 0, res.Rows.Len())
	for r := range res.Rows.All() {
		rows = append(rows, authorRow{
			Author:      r.Person.Name,
			Email:       r.Person.Email,
			AuthorUUID:  command.NullString(strings.Join(r.Person.Accounts(), " ")),
			Aliases:     command.NullString(strings.Join(r.Person.Aliases(), "; ")),
			Commits:     int64(r.Counts.Commits),
			Merges:      int64(r.Counts.Merges),
			FirstCommit: instantOf(r.Counts.First),
			LastCommit:  instantOf(r.Counts.Last),
		})
	}
	return rows, nil
}
