package reportcmd

import (
	"context"
	"strings"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// A repositoryRow is what is known of one repository. Its counts are those of the commits that the filters
// include. Times are nil where there are none: the repository is empty, or was never synced.
type repositoryRow struct {
	Workspace      string             `json:"workspace" parquet:"workspace,dict"`
	Repository     string             `json:"repository" parquet:"repository,plain"`
	RepositoryUUID string             `json:"repository_uuid" parquet:"repository_uuid,plain"`
	Name           command.NullString `json:"name" parquet:"name,plain,optional"`
	Project        command.NullString `json:"project" parquet:"project,dict,optional"`
	DefaultBranch  command.NullString `json:"default_branch" parquet:"default_branch,dict,optional"`
	ForkOf         command.NullString `json:"fork_of" parquet:"fork_of,plain,optional"`
	Commits        int64              `json:"commits" parquet:"commits"`
	Merges         int64              `json:"merges" parquet:"merges"`
	FirstCommit    *instant           `json:"first_commit" parquet:"first_commit,timestamp,optional"`
	LastCommit     *instant           `json:"last_commit" parquet:"last_commit,timestamp,optional"`
	LastSync       *instant           `json:"last_sync" parquet:"last_sync,timestamp,optional"`
	State          string             `json:"state" parquet:"state,dict"`
}

// repositoryRows returns all repositories of the scope, by workspace and slug, with the counts of the
// commits that the filter includes.
func repositoryRows(ctx context.Context, tx *store.Tx, scope *report.Scope) ([]repositoryRow, error) {
	walks, err := tx.Walks()
	if err != nil {
		return nil, err
	}
	var rows []repositoryRow
	for i, repo := range scope.Repositories {
		_, walking := walks[repo.UUID]
		counts, err := scope.CountRepository(ctx, tx, i)
		if err != nil {
			return nil, err
		}
		rows = append(rows, newRepositoryRow(repo, walking, counts))
	}
	return rows, nil
}

// newRepositoryRow makes a row. walking is whether the repository has an unfinished walk, which its state
// tells.
func newRepositoryRow(repo store.Repository, walking bool, counts report.Counts) repositoryRow {
	return repositoryRow{
		Workspace:      repo.Workspace,
		Repository:     render.WithoutNUL(repo.Slug),
		RepositoryUUID: string(repo.UUID),
		Name:           nullText(repo.Name),
		Project:        nullText(repo.Project),
		DefaultBranch:  nullText(repo.MainBranch),
		ForkOf:         nullText(repo.ForkOf),
		Commits:        int64(counts.Commits),
		Merges:         int64(counts.Merges),
		FirstCommit:    instantOf(counts.First),
		LastCommit:     instantOf(counts.Last),
		LastSync:       instantOf(repo.LastSync),
		State:          render.WithoutNUL(repo.State(walking)),
	}
}

// An authorRow is one person, after identities are resolved. A person may have several accounts and names:
// accounts have blanks between them, names semicolons. Their counts are those of the commits that the
// filters include, each commit once however many repositories share it.
type authorRow struct {
	Author      string             `json:"author" parquet:"author,plain"`
	Email       string             `json:"email" parquet:"email,plain"`
	AuthorUUID  command.NullString `json:"author_uuid" parquet:"author_uuid,plain,optional"`
	Aliases     command.NullString `json:"aliases" parquet:"aliases,plain,optional"`
	Commits     int64              `json:"commits" parquet:"commits"`
	Merges      int64              `json:"merges" parquet:"merges"`
	FirstCommit *instant           `json:"first_commit" parquet:"first_commit,timestamp,optional"`
	LastCommit  *instant           `json:"last_commit" parquet:"last_commit,timestamp,optional"`
}

// authorRows returns the rows of a report by author, in its order: the most commits first.
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
