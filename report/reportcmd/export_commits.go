package reportcmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"trunkstat/report"
	"trunkstat/store"
)

// A commitReader reads the commits of an export in their order. Records are stored by hash, so it first
// collects the positions of a repository's commits, or of all commits, sorts them, and then reads the records,
// some at a time. It reads no record while rows are written, so that a slow reader of our output never keeps
// a sync waiting.
//
// Each read sees the database of its moment. The repositories and their names are those of the beginning; a
// commit that a sync drops before it was read is left out, and one that a sync adds to a repository whose
// positions are known is not seen.
type commitReader struct {
	db    *store.DB
	query report.Query
	scope *report.Scope
	repos []store.Repository
	limits
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
	repo int32 // index into commitReader.repos
	hash store.Hash
}

// comparePositions orders commits by repository, date and hash.
func comparePositions(a, b position) int {
	return cmp.Or(cmp.Compare(a.repo, b.repo), cmp.Compare(a.date, b.date), store.CompareHashes(a.hash, b.hash))
}

// eachRepository calls use with the positions of one repository after the other, in the order of comparePositions.
func (r *commitReader) eachRepository(
	ctx context.Context, use func(*store.Repository, []position) error,
) (err error) {
	var positions []position // used again
	for i := range r.repos {
		if positions, err = r.collect(ctx, positions[:0], i); err != nil {
			return err
		}
		slices.SortFunc(positions, comparePositions)
		if err := use(&r.repos[i], positions); err != nil {
			return err
		}
	}
	return nil
}

// all returns the positions of all commits, by date. They take 32 bytes each.
func (r *commitReader) all(ctx context.Context) ([]position, error) {
	n := 0
	err := r.db.View(ctx, func(tx *store.Tx) error {
		for i := range r.repos {
			commits, err := r.inRange(tx, i)
			if err != nil {
				return err
			}
			n += commits
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	positions := make([]position, 0, n)
	for i := range r.repos {
		if positions, err = r.collect(ctx, positions, i); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(positions, func(a, b position) int { return cmp.Compare(a.date, b.date) })
	return positions, nil
}

// collect appends the positions of the commits of one repository that the filters include. It looks through
// some commits at a time, so that a sync need not wait for all of them.
func (r *commitReader) collect(ctx context.Context, positions []position, repo int) ([]position, error) {
	var next store.Hash
	for begun := false; !begun || !next.IsZero(); begun = true {
		err := r.db.View(ctx, func(tx *store.Tx) (err error) {
			if !begun {
				n, err := r.inRange(tx, repo)
				if positions = slices.Grow(positions, n); n == 0 || err != nil {
					return err
				}
			}
			positions, next, err = r.collectFrom(tx, positions, repo, next)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read commits of %s: %w", r.repos[repo].Slug, err)
		}
	}
	return positions, nil
}

// inRange returns how many commits a repository has at most in the range.
func (r *commitReader) inRange(tx *store.Tx, repo int) (int, error) {
	extent, err := tx.Extent(r.repos[repo].UUID)
	since, until := r.scope.Range()
	if extent.Last < since || extent.First > until {
		return 0, err
	}
	return extent.Commits, err
}

// collectFrom looks through some commits from a hash on. It returns the hash to go on from, zero at the end.
func (r *commitReader) collectFrom(
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
		if int(c.Author) >= len(r.scope.People.Authors()) && !resolved {
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

// writeTo writes the commits at these positions.
func (r *commitReader) writeTo(ctx context.Context, t table[commitRow], positions []position) error {
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

// readRows reads the next rows, and returns the positions that are left. Commits that are not stored any more
// are left out.
func (r *commitReader) readRows(
	tx *store.Tx, rows []commitRow, positions []position,
) ([]commitRow, []position, error) {
	bytes := 0
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
			bytes += row.size()
		}
		positions = positions[1:]
	}
	return rows, positions, nil
}
