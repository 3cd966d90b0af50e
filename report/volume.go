// Package report counts commits: how many, of whom, when and where. It reads a store and makes
// no difference to it, asks no network, and prints nothing.
//
// What it guarantees: a row counts each commit once, and so does the total, whatever repositories
// share it. Dates are the committers', cut into days by the calendar of one zone that the query
// names. Who is who is decided anew for each report, from the mailmap, the accounts and the
// e-mails. The result does not depend on the order in which commits were stored, nor on how many
// processors count them; only the hint at rewritten dates looks at rows as they are stored.
package report

import (
	"context"

	"trunkstat/store"
)

// Volume counts the commits of one snapshot of the database. Where there is none, the error is
// store.ErrNoDatabase; where the query itself is wrong, ErrMisuse.
func Volume(ctx context.Context, db *store.DB, q Query) (*Result, error) {
	q, err := q.normalized()
	if err != nil {
		return nil, err
	}
	if q.Compare {
		if err := q.closeRange(); err != nil {
			return nil, err
		}
	}
	var result *Result
	err = db.View(ctx, func(tx *store.Tx) error {
		result, err = volume(ctx, tx, q)
		return err
	})
	return result, err
}

func volume(ctx context.Context, tx *store.Tx, q Query) (*Result, error) {
	scope, err := NewScope(tx, q.Filter, q.Mailmap)
	if err != nil {
		return nil, err
	}
	walks, err := tx.Walks()
	if err != nil {
		return nil, err
	}
	families, err := scope.families(tx, walks)
	if err != nil {
		return nil, err
	}
	c := newCount(q, scope, families)
	counted, err := c.run(ctx, tx)
	if err != nil {
		return nil, err
	}
	var before *counter
	if q.Compare {
		if before, err = countBefore(ctx, tx, q, c); err != nil {
			return nil, err
		}
	}
	s, err := layOut(q, counted, before)
	if err != nil {
		return nil, err
	}
	others, err := s.cut(ctx, tx)
	if err != nil {
		return nil, err
	}
	result := s.result()
	result.Others = others
	result.Coverage = CoverageOf(scope.Repositories, walks)
	return result, nil
}

// layOut makes sorted rows of what was counted.
func layOut(q Query, counted, before *counter) (*sheet, error) {
	used := counted.used
	if before != nil {
		used = sum(used, before.used)
	}
	counted.scope.People.Settle(used)
	s := newSheet(q, counted)
	if before != nil {
		s.compare(before)
	}
	switch {
	case len(q.By) > 1:
	case q.Pivot == "":
		s.addSilent(s.tally(), maxPeriods)
	default:
		s.addSilent(s.tally(), maxColumns) // each row has all columns
	}
	s.newAxes()
	s.heads = s.tally().sizes()
	if q.Pivot != "" {
		if err := s.spread(); err != nil {
			return nil, err
		}
	}
	if q.Pivot == "" && q.Top == 0 { // else cells and copies are looked up yet
		s.tally().slots.close()
	}
	return s, s.sort()
}

func sum(a, b []int64) []int64 {
	total := make([]int64, len(a))
	for i := range a {
		total[i] = a[i] + b[i]
	}
	return total
}

// result writes the sheet out.
func (s *sheet) result() *Result {
	s.noteAll()
	r := &Result{
		By: s.q.By, Pivot: s.q.Pivot, Rows: s.rows(), Total: s.total(s.counter),
		Since: s.q.Filter.Since, Until: s.q.Filter.Until,
		Zone: s.q.Zone, ZoneName: s.q.ZoneName, GeneratedAt: s.q.Now,
		Notes: s.notes, clock: s.counter.clock,
	}
	if s.pivot != nil {
		r.PivotValues, r.TotalCells = s.pivot.texts(), s.pivot.totals()
	}
	if s.before != nil {
		previous := s.total(s.before.counter)
		r.PreviousTotal = &previous
		r.PreviousSince, r.PreviousUntil = rangeBefore(r.Since, r.Until, s.q.Zone)
	}
	return r
}
