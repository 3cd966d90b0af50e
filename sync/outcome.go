package sync

import (
	"context"
	"errors"
	"fmt"

	"trunkstat/store"
	"trunkstat/sync/bitbucket"
)

// This file says what becomes of an error: it ends the run, or it is told with its repository.

// spentError is the end of the budget, once a walker met it. It stops nothing that is under way:
// requests that were granted are answered and stored, and the other walks meet the same end.
func (e *engine) spentError() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.spent
}

// recordOutcome counts what became of a job: became is the count that it belongs to if there is no error. It
// returns the errors that stop the run.
func (e *engine) recordOutcome(ctx context.Context, j job, became *int, err error) error {
	switch {
	case errors.Is(err, bitbucket.ErrBudgetSpent):
		e.count(func(*Summary) { e.spent = err }) // the job is in no count: it is pending
		return nil
	case err != nil && stops(ctx, err):
		return err
	case err != nil:
		err = named(err)
		if err := e.noteFailure(j, err); err != nil {
			return err
		}
	}
	e.send(Event{Kind: Done, Repository: j.repo.Slug, Err: err})
	e.count(func(s *Summary) {
		if err != nil {
			became = &s.Repositories.Failed
			s.Failures = append(s.Failures, Failure{Repository: j.repo.Slug, Error: err.Error(), Err: err})
		}
		*became++
	})
	return e.checkOutage(err)
}

// noteFailure keeps the reason with the repository, for reports and for the command repos. It reads the
// repository anew, because the walker that failed may hold changes that must not be stored.
func (e *engine) noteFailure(j job, failure error) error {
	return e.writer.do(func(tx *store.Tx) error {
		repo, ok, err := tx.Repository(j.repo.UUID)
		if err != nil || !ok {
			return err
		}
		repo.Failure = failure.Error()
		if j.audit { // the next run asks the others first
			repo.Audited = e.opt.Now()
		}
		return tx.PutRepository(repo)
	})
}

// named is an error as a person and a summary are told, beginning with the name that DX gives it
// where it has one.
func named(err error) error {
	switch {
	case bitbucket.IsForbidden(err):
		return fmt.Errorf("invalid_permissions: %w", err)
	case bitbucket.IsNotFound(err), bitbucket.IsGone(err):
		return fmt.Errorf("no_resources: %w", err)
	}
	return err
}

// checkOutage gives up when Bitbucket failed for everything that was tried lately: trying each of a
// thousand repositories in turn would spend the budget and tell no more. As many as there are jobs may have
// failed in the same moment, so it takes two more.
func (e *engine) checkOutage(err error) error {
	if !isOutage(err) {
		e.failures.Store(0)
		return nil
	}
	if n := e.failures.Add(1); n >= int32(e.opt.Jobs)+2 {
		return fmt.Errorf("gave up after %d repositories in a row: %w", n, err)
	}
	return nil
}

// isOutage reports an error that other repositories would meet as well, for as long as it lasts.
func isOutage(err error) bool { return bitbucket.IsNetwork(err) || bitbucket.IsServerError(err) }

// stops reports whether an error ends the run, rather than the work on one repository.
func stops(ctx context.Context, err error) bool {
	_, ofStore := errors.AsType[storeError](err)
	return ctx.Err() != nil || bitbucket.IsUnauthorized(err) || ofStore
}

// A storeError is an error of the database, which ends the run.
type storeError struct{ error }

func (e storeError) Unwrap() error { return e.error }

// inStore marks an error of the database.
func inStore(err error) error {
	if err == nil {
		return nil
	}
	return storeError{err}
}
