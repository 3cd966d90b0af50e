package store

import (
	"encoding/json"

	"go.etcd.io/bbolt"
)

// A repositoryCopy copies the commits of one repository.
type repositoryCopy struct {
	*rewrite
	Repository
	bucket *bbolt.Bucket // in the new file, nil before the first record of a transaction
	graph  *graph        // only to repair
	facts  []fact
	stored uint64 // records
	found  *findings
}

func newRepositoryCopy(rw *rewrite, value []byte) *repositoryCopy {
	c := &repositoryCopy{rewrite: rw, graph: newGraph()}
	_ = json.Unmarshal(value, &c.Repository) // decoded before, by copyValues
	c.found = &findings{repository: fullName(c.Repository)}
	return c
}

func (c *repositoryCopy) broken(format string, args ...any) error {
	if !c.salvage {
		return c.rewrite.broken(format, args...)
	}
	c.found.add(format, args...)
	return nil
}

func (c *repositoryCopy) record(key, value []byte) error {
	r, err := decodeRecord(key, value)
	if err == nil && len(key) != hashLength {
		err = errForm
	}
	if err != nil {
		return c.broken("commit %x: %v", key, err)
	}
	author, ok := c.authors[r.author]
	if !ok {
		return c.broken("commit %x: author %d is not stored", key, r.author)
	}
	if author != r.author {
		value = renumber(key, &r, author)
		r.author = author
	}
	if c.salvage {
		c.graph.add(Hash(key), &r)
	}
	if !r.boundary {
		c.facts = append(c.facts, fact{r.date, r.author, r.isMerge()})
	}
	return c.put(key, value)
}

// renumber makes the record anew for another number of the same author.
func renumber(key []byte, r *record, author uint32) []byte {
	return appendRecord(nil, &Commit{Hash: Hash(key), Date: r.date, Parents: r.parentHashes(),
		Message: string(r.message), Boundary: r.boundary}, author)
}

func (c *repositoryCopy) put(key, value []byte) (err error) {
	if c.bucket == nil {
		if c.bucket, err = createCommitsBucket(c.out.tx, c.UUID); err != nil {
			return err
		}
		c.bucket.FillPercent = 1
	}
	if err := c.bucket.Put(key, value); err != nil {
		return err
	}
	c.stored++
	committed, err := c.out.wrote(len(key) + len(value))
	if committed {
		c.bucket = nil
	}
	return err
}

func (c *repositoryCopy) finish() error {
	if err := c.count(); err != nil {
		return err
	}
	if c.stored > 0 {
		b, err := createColumnsBucket(c.out.tx, c.UUID)
		if err != nil {
			return err
		}
		if err := putBlocks(b, 0, columnsOf(c.facts), uint64(len(c.facts))); err != nil {
			return err
		}
		if _, err := c.out.wrote(8 * len(c.facts)); err != nil {
			return err
		}
	}
	if c.salvage {
		if err := c.mend(); err != nil {
			return err
		}
	}
	c.list = append(c.list, c.found.all()...)
	return nil
}

// count leaves the number of records with the bucket.
func (c *repositoryCopy) count() error {
	if c.stored == 0 {
		return nil
	}
	b, err := createCommitsBucket(c.out.tx, c.UUID)
	if err != nil {
		return err
	}
	return b.SetSequence(c.stored)
}
