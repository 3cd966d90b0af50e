package store

import (
	"errors"
	"fmt"
	"sync/atomic"

	"go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"
)

// A Tx is one transaction, for one goroutine (see Parallel). It is valid until the function
// that it was given to returns.
type Tx struct {
	bolt *bbolt.Tx
	path string
	db   *DB

	branches pageSet // that were come to, see safe

	commits map[UUID]*commitSet // found so far; bbolt looks buckets up anew for every call
	sound   map[soundValue]bool // see unsealOnce
	filters *filters            // nil: it only reads

	authors map[uint32]Author // read so far
	numbers map[Author]uint32 // found or given out so far
	next    uint32            // the next free author number; 0: not looked up yet
	spare   *Facts            // of the last finished iteration
	visits  *atomic.Int64     // of all that Parallel began; see visit
}

// newTx also sees to it that all top buckets are there, so that nobody else need ask.
func newTx(b *bbolt.Tx, db *DB) (*Tx, error) {
	tx := &Tx{
		bolt:    b,
		path:    db.path,
		db:      db,
		commits: map[UUID]*commitSet{},
		sound:   map[soundValue]bool{},
		authors: map[uint32]Author{},
		numbers: map[Author]uint32{},
		visits:  new(atomic.Int64),
	}
	for _, name := range topNames {
		if tx.safe(name, "", b.Bucket(name)) == nil {
			return nil, tx.damaged("bucket %s is missing", name)
		}
	}
	return tx, nil
}

// Parallel calls f n times, each time on a goroutine of its own and with a transaction of its
// own on the same snapshot, and returns the first error when all have returned. It is for
// reading only: within Update it is refused.
func (tx *Tx) Parallel(n int, f func(worker int, tx *Tx) error) error {
	if tx.bolt.Writable() {
		return errors.New("parallel reading within a write transaction")
	}
	var group errgroup.Group
	for worker := range n {
		group.Go(func() error {
			return guard(tx.path, func() error { return tx.fork(worker, f) })
		})
	}
	return group.Wait()
}

// fork begins a transaction beside tx. The file is locked against writers while tx is open,
// so both see the same.
func (tx *Tx) fork(worker int, f func(int, *Tx) error) error {
	b, err := tx.bolt.DB().Begin(false)
	if err != nil {
		return fmt.Errorf("read database %s: %w", tx.path, err)
	}
	defer func() { _ = b.Rollback() }()
	own, err := newTx(b, tx.db)
	if err != nil {
		return err
	}
	own.visits = tx.visits
	return f(worker, own)
}

// flush writes what was kept in memory so far.
func (tx *Tx) flush() error {
	for _, s := range tx.commits {
		if s == nil {
			continue
		}
		if err := s.flush(); err != nil {
			return err
		}
	}
	return nil
}

// visit is called for each block and pack that is read: now and then their pages are let go.
func (tx *Tx) visit() {
	if tx.visits.Add(1)%releaseAfter == 0 {
		tx.release()
	}
}

func (tx *Tx) damaged(format string, args ...any) error {
	return damaged(tx.path, format, args...)
}
