package reportcmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/store/command"
)

// A commitExport reads commits in the order of an export, and writes them. Records are stored by hash, so
// it first collects the positions of a repository's commits, or of all commits, sorts them, and then reads
// the records, some at a time. It reads no record while rows are written, so that a slow reader of our
// output never keeps a sync waiting.
//
// Each read sees the database of its moment. The repositories and their names are those of the beginning; a
// commit that a sync drops before it was read is left out, and one that a sync adds to a repository whose
// positions are known is not seen.
type commitExport struct {
	*export
	scope *report.Scope // renewed when a commit has an author who is not in it
	repos []store.Repository
}

// limits bound one read.
type limits struct {
	commits int // commits to look through
	rows    int // commits to write
	bytes   int // of their text, about
}

// exportLimits keep a read to some milliseconds. Commits in the order of their dates are anywhere in the
// file, so each row of a read may map a few pages of it.
var exportLimits = limits{commits: 20_000, rows: 1_000, bytes: 8 << 20}

// A position is where a commit comes in an export.
type position struct {
	date int64
	repo int32 // index into commitExport.repos
	hash store.Hash
}

// comparePositions orders commits by repository, date and hash.
func comparePositions(a, b position) int {
	return cmp.Or(cmp.Compare(a.repo, b.repo), cmp.Compare(a.date, b.date), store.CompareHashes(a.hash, b.hash))
}

// writeAll writes the commits of one repository after the other, in the order of comparePositions.
func (r *commitExport) writeAll(ctx context.Context, t table[commitRow]) (err error) {
	var positions []position // used again
	for i := range r.repos {
		if positions, err = r.collect(ctx, positions[:0], i); err == nil {
			err = r.writeTo(ctx, t, positions)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// collect appends the positions of the commits of one repository that the filters include. It looks through
// some commits at a time, so that a sync need not wait for all of them.
func (r *commitExport) collect(ctx context.Context, positions []position, repo int) ([]position, error) {
	// The columns say at little cost which repositories have nothing in the range, and how much room the
	// others need at most.
	extent, err := command.Read(ctx, r.db, func(tx *store.Tx) (store.Extent, error) {
		return tx.Extent(r.repos[repo].UUID)
	})
	since, until := r.scope.Range()
	if err != nil || extent.Commits == 0 || extent.Last < since || extent.First > until {
		return positions, err
	}
	positions = slices.Grow(positions, extent.Commits)
	for next := (store.Hash{}); ; {
		err := r.db.View(ctx, func(tx *store.Tx) (err error) {
			positions, next, err = r.collectFrom(tx, positions, repo, next)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read commits of %s: %w", r.repos[repo].Slug, err)
		}
		if next.IsZero() {
			return positions, nil
		}
	}
}

// collectFrom looks through some commits from a hash on. It returns the hash to go on from, zero at the end.
func (r *commitExport) collectFrom(
	tx *store.Tx, positions []position, repo int, first store.Hash,
) (all []position, next store.Hash, err error) {
	resolved, n := false, 0
	for c, err := range tx.MergedCommitsFrom(first, []store.UUID{r.repos[repo].UUID}) {
		if err != nil {
			return positions, next, err
		}
		if n++; n > r.limits.commits {
			return positions, c.Hash, nil
		}
		if int(c.Author) >= len(r.scope.People.Authors) && !resolved {
			// A sync has stored authors since the scope was made. The repositories stay as they were.
			if r.scope, err = report.NewScope(tx, r.query); err != nil {
				return positions, next, err
			}
			resolved = true
		}
		if r.scope.Keeps(c) {
			positions = append(positions, position{date: c.Date, repo: int32(repo), hash: c.Hash})
		}
	}
	return positions, next, nil
}

// writeTo writes the commits at these positions, which it puts in the order of an export.
func (r *commitExport) writeTo(ctx context.Context, t table[commitRow], positions []position) error {
	slices.SortFunc(positions, comparePositions)
	var rows []commitRow
	for len(positions) > 0 {
		rows = rows[:0]
		err := r.db.View(ctx, func(tx *store.Tx) (err error) {
			rows, positions, err = r.readRows(tx, rows, positions)
			return err
		})
		if err == nil {
			err = t.Write(rows)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// readRows reads the next rows, and returns the positions that are left. Commits that are not stored any
// more are left out.
func (r *commitExport) readRows(
	tx *store.Tx, rows []commitRow, positions []position,
) ([]commitRow, []position, error) {
	bytes := 0 // of text, and about 200 of the fields that have a fixed length
	for len(positions) > 0 && len(rows) < r.limits.rows && bytes < r.limits.bytes {
		p := positions[0]
		repo := &r.repos[p.repo]
		c, ok, err := tx.Commit(repo.UUID, p.hash)
		if err != nil {
			return rows, positions, err
		}
		if ok && !c.Boundary {
			row := newCommitRow(repo, c, r.query.Mailmap)
			rows = append(rows, row)
			bytes += 200 + len(row.AuthorRaw) + len(row.Parents) + len(row.Message)
		}
		positions = positions[1:]
	}
	return rows, positions, nil
}
