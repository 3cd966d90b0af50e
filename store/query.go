package store

import (
	"errors"
	"iter"
)

// Has reports whether a commit is stored, be it as a boundary.
func (tx *Tx) Has(uuid UUID, h Hash) (bool, error) {
	s, err := tx.commitsOf(uuid)
	if s == nil || err != nil {
		return false, err
	}
	_, ok, err := s.find(h)
	return ok, err
}

// record finds one record. What it returns ends with the transaction.
func (tx *Tx) record(uuid UUID, h Hash) (r record, ok bool, err error) {
	s, err := tx.commitsOf(uuid)
	if s == nil || err != nil {
		return r, false, err
	}
	at, ok, err := s.find(h)
	if !ok || err != nil {
		return r, false, err
	}
	if at.pack != s.last { // who goes from child to parent stays in a pack for a while
		s.last = at.pack
		tx.visit()
	}
	r, err = s.read(h, at)
	return r, err == nil, err
}

// Parents returns the parents of a stored commit. A boundary's are told, though they are
// neither stored nor wanted.
func (tx *Tx) Parents(uuid UUID, h Hash) (parents []Hash, boundary, ok bool, err error) {
	r, ok, err := tx.record(uuid, h)
	return r.parentHashes(), r.boundary, ok, err
}

// Commit returns a stored commit.
func (tx *Tx) Commit(uuid UUID, h Hash) (c Commit, ok bool, err error) {
	r, ok, err := tx.record(uuid, h)
	if !ok || err != nil {
		return c, false, err
	}
	c, err = tx.commit(h, &r)
	return c, err == nil, err
}

// commit makes a Commit that outlives the transaction.
func (tx *Tx) commit(h Hash, r *record) (Commit, error) {
	author, err := tx.author(r.author)
	if err != nil {
		return Commit{}, err
	}
	return Commit{
		Hash:     h,
		Date:     r.date,
		Author:   author,
		Parents:  r.parentHashes(),
		Message:  string(r.message),
		Boundary: r.boundary,
	}, nil
}

// errEnough ends an iteration of which no more is wanted.
var errEnough = errors.New("enough")

// Commits yields every commit of a repository, boundaries too, in the order in which they were
// stored. It ends after the first error.
func (tx *Tx) Commits(uuid UUID) iter.Seq2[Commit, error] {
	return func(yield func(Commit, error) bool) {
		defer watchFaults()()
		s, err := tx.commitsOf(uuid)
		if s != nil {
			err = s.each(func(h Hash, _ place, r *record) error {
				c, err := tx.commit(h, r)
				if err == nil && !yield(c, nil) {
					err = errEnough
				}
				return err
			})
		}
		if err != nil && err != errEnough {
			yield(Commit{}, err)
		}
	}
}

// A HashedFact is what counting a commit once, in however many repositories it is, needs.
type HashedFact struct {
	Hash   Hash
	Date   int64
	Author uint32
	Merge  bool
}

// HashedFacts yields every commit of a repository but boundaries, in the order in which they were
// stored. It reads the records: ten times the cost of Facts. It ends after the first error.
func (tx *Tx) HashedFacts(uuid UUID) iter.Seq2[HashedFact, error] {
	return tx.hashedFacts(uuid, func(s *commitSet, f func(Hash, *record) error) error {
		return s.each(func(h Hash, _ place, r *record) error { return f(h, r) })
	})
}

// HashedFactsByHash yields the same in the order of their hashes, so that several repositories can
// be merged. It reads the records here and there in the file: twice the cost of HashedFacts.
func (tx *Tx) HashedFactsByHash(uuid UUID) iter.Seq2[HashedFact, error] {
	return tx.hashedFacts(uuid, func(s *commitSet, f func(Hash, *record) error) error {
		return s.eachByHash(func(h Hash, at place) error {
			r, err := s.read(h, at)
			if err != nil {
				return err
			}
			return f(h, &r)
		})
	})
}

func (tx *Tx) hashedFacts(
	uuid UUID, each func(*commitSet, func(Hash, *record) error) error,
) iter.Seq2[HashedFact, error] {
	return func(yield func(HashedFact, error) bool) {
		defer watchFaults()()
		s, err := tx.commitsOf(uuid)
		if s != nil {
			err = each(s, func(h Hash, r *record) error {
				if !r.boundary && !yield(HashedFact{h, r.date, r.author, r.isMerge()}, nil) {
					return errEnough
				}
				return nil
			})
		}
		if err != nil && err != errEnough {
			yield(HashedFact{}, err)
		}
	}
}
