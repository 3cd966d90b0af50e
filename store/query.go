package store

import (
	"iter"
)

// Has reports whether a commit is stored, be it as a boundary.
func (tx *Tx) Has(uuid UUID, h Hash) bool {
	b := tx.commitsOf(uuid)
	return b != nil && b.Get(commitKey(h)) != nil
}

// record finds one record. What it returns ends with the transaction.
func (tx *Tx) record(uuid UUID, h Hash) (r record, ok bool, err error) {
	b := tx.commitsOf(uuid)
	if b == nil {
		return r, false, nil
	}
	value := b.Get(commitKey(h))
	if value == nil {
		return r, false, nil
	}
	if r, err = decodeRecord(h[:], value); err != nil {
		return r, false, tx.damaged("commit %s of %s: %v", h, uuid, err)
	}
	return r, true, nil
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

// records calls f with every record in hash order, beginning at from, until it returns false.
// The bucket's sequence says how many there are: so records that were lost are missed.
func (tx *Tx) records(uuid UUID, from Hash, f func(Hash, *record, error) bool) {
	var h Hash
	b := tx.commitsOf(uuid)
	if b == nil {
		if _, err := tx.columnsOf(uuid); err != nil {
			f(h, &record{}, err)
		}
		return
	}
	var r record
	count := uint64(0)
	cursor := b.Cursor()
	for key, value := cursor.Seek(commitKey(from)); key != nil; key, value = cursor.Next() {
		if len(key) != hashLength {
			f(h, &r, tx.damaged("commits of %s: key %x is no hash", uuid, key))
			return
		}
		copy(h[:], key)
		var err error
		if r, err = decodeRecord(key, value); err != nil {
			f(h, &r, tx.damaged("commit %s of %s: %v", h, uuid, err))
			return
		}
		if !f(h, &r, nil) {
			return
		}
		count++
	}
	if from.IsZero() && count != b.Sequence() {
		f(h, &r, tx.damaged("commits of %s: %d of %d are there", uuid, count, b.Sequence()))
	}
}

// Commits yields every commit of a repository, boundaries too, in the order of their hashes,
// beginning at from. It ends after the first error.
func (tx *Tx) Commits(uuid UUID, from Hash) iter.Seq2[Commit, error] {
	return func(yield func(Commit, error) bool) {
		defer watchFaults()()
		tx.records(uuid, from, func(h Hash, r *record, err error) bool {
			if err != nil {
				return yield(Commit{}, err)
			}
			c, err := tx.commit(h, r)
			return yield(c, err) && err == nil
		})
	}
}

// A HashedFact is what counting a commit once, in however many repositories it is, needs.
type HashedFact struct {
	Hash   Hash
	Date   int64
	Author uint32
	Merge  bool
}

// HashedFacts yields every commit of a repository but boundaries in the order of their hashes,
// so that several repositories can be merged. It reads the records: ten times the cost
// of Facts. It ends after the first error.
func (tx *Tx) HashedFacts(uuid UUID) iter.Seq2[HashedFact, error] {
	return func(yield func(HashedFact, error) bool) {
		defer watchFaults()()
		tx.records(uuid, Hash{}, func(h Hash, r *record, err error) bool {
			switch {
			case err != nil:
				return yield(HashedFact{}, err)
			case r.boundary:
				return true
			}
			return yield(HashedFact{h, r.date, r.author, r.isMerge()}, nil)
		})
	}
}
