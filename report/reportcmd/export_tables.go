package reportcmd

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/sync"
)

// repositoryRows reads all repositories of the scope, by workspace and slug, with the counts of
// the commits that the filter keeps.
func repositoryRows(ctx context.Context, db *store.DB, q report.Query) ([]repositoryRow, error) {
	var rows []repositoryRow
	err := db.View(ctx, func(tx *store.Tx) error {
		scope, err := report.NewScope(tx, q.Filter, q.Mailmap)
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
		Name:           optional(repo.Name),
		Project:        optional(repo.Project),
		DefaultBranch:  optional(repo.MainBranch),
		ForkOf:         optional(repo.ForkOf),
		LastSync:       instantOf(repo.LastSync),
		State:          sync.State(repo, walking),
	}
}

// count adds up the commits that the scope keeps.
func (r *repositoryRow) count(ctx context.Context, tx *store.Tx, scope *report.Scope) error {
	since, until := scope.Range()
	var first, last instant
	for facts, err := range tx.Facts(store.UUID(r.RepositoryUUID), since, until) {
		if err = cmp.Or(ctx.Err(), err); err != nil {
			return err
		}
		for i, date := range facts.Dates {
			if !scope.Keeps(date, facts.Authors[i], facts.Merges[i]) {
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
			if facts.Merges[i] {
				r.Merges++
			}
		}
	}
	if r.Commits > 0 {
		r.FirstCommit, r.LastCommit = &first, &last
	}
	return nil
}

// authorRows counts the commits of every person that the filter keeps, most first. Volume counts
// under pseudonyms, which unlike names are one person's each.
func authorRows(ctx context.Context, db *store.DB, q report.Query) ([]authorRow, error) {
	q.By, q.Anonymize = []report.Dimension{report.AuthorDim}, true
	res, err := report.Volume(ctx, db, q)
	if err != nil {
		return nil, err
	}
	var rows []authorRow
	err = db.View(ctx, func(tx *store.Tx) error {
		people, err := newDirectory(ctx, tx, q)
		if err != nil {
			return err
		}
		for _, r := range res.Rows {
			row := people.row(r.Keys[0])
			row.Commits, row.Merges = int64(r.Counts.Commits), int64(r.Counts.Merges)
			row.FirstCommit, row.LastCommit = instantOf(r.Counts.First), instantOf(r.Counts.Last)
			rows = append(rows, row)
		}
		return nil
	})
	return rows, err
}

// A directory finds persons by their pseudonyms.
type directory struct {
	authors []store.Author
	people  map[string]*report.Person
}

func newDirectory(ctx context.Context, tx *store.Tx, q report.Query) (*directory, error) {
	scope, err := report.NewScope(tx, q.Filter, q.Mailmap)
	if err != nil {
		return nil, err
	}
	d := &directory{people: map[string]*report.Person{}}
	if d.authors, err = tx.Authors(); err != nil {
		return nil, err
	}
	used := make([]int64, len(d.authors))
	if err := countUsed(ctx, tx, scope, used); err != nil {
		return nil, err
	}
	scope.People.Settle(used)
	for i := range scope.People.Len() {
		p := scope.People.At(i)
		d.people[p.Pseudonym] = p
	}
	return d, nil
}

// countUsed counts the commits of each author's number, which decides what name of several a
// person is shown by.
func countUsed(ctx context.Context, tx *store.Tx, scope *report.Scope, used []int64) error {
	since, until := scope.Range()
	for _, repo := range scope.Repositories {
		for facts, err := range tx.Facts(repo.UUID, since, until) {
			if err = cmp.Or(ctx.Err(), err); err != nil {
				return err
			}
			for i, n := range facts.Authors {
				if scope.Keeps(facts.Dates[i], n, facts.Merges[i]) {
					used[n]++
				}
			}
		}
	}
	return nil
}

// row is what is known of a person but the counts.
func (d *directory) row(pseudonym string) authorRow {
	p := d.people[pseudonym]
	if p == nil { // a sync changed who is who between the two transactions
		return authorRow{Author: pseudonym}
	}
	var accounts, aliases []string
	for _, n := range p.Authors {
		a := d.authors[n]
		aliases = append(aliases, a.Raw)
		if a.UUID != "" {
			accounts = append(accounts, a.UUID)
		}
	}
	return authorRow{
		Author:     p.Name,
		Email:      p.Email,
		AuthorUUID: optional(joined(accounts, " ")),
		Aliases:    optional(joined(aliases, "; ")),
	}
}

// joined is each of the texts once, in order.
func joined(texts []string, separator string) string {
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), separator)
}
