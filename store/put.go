package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/bbolt"
)

// PutCommits stores those commits of a repository that are not stored yet, with their authors
// and columns. A stored boundary that is given again without Boundary becomes an ordinary commit;
// any other commit that is stored already stays as it is. It returns how many commits that
// are no boundaries became stored.
func (tx *Tx) PutCommits(uuid UUID, commits []Commit) (added int, err error) {
	if uuid == "" {
		return 0, errors.New("store commits: the repository has no uuid")
	}
	if len(commits) == 0 {
		return 0, nil
	}
	b, err := createCommitsBucket(tx.bolt, uuid)
	if err != nil {
		return 0, fmt.Errorf("store commits of %s: %w", uuid, err)
	}
	tx.commits[uuid] = tx.safe(commitsName, uuid, b)
	p := putter{tx: tx, uuid: uuid, bucket: b, facts: make([]fact, len(commits)),
		fresh: make([]bool, len(commits))}
	for _, i := range byHash(commits) {
		if err := p.put(i, &commits[i]); err != nil {
			return 0, err
		}
	}
	return p.finish()
}

// byHash returns the indices of commits ordered by hash: neighbours then go to the same page
// while it is at hand. The commits themselves belong to the caller and stay in their order.
func byHash(commits []Commit) []int {
	order := make([]int, len(commits))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(bytes.Compare(commits[i].Hash[:], commits[j].Hash[:]), cmp.Compare(i, j))
	})
	return order
}

// A putter stores one batch.
type putter struct {
	tx     *Tx
	uuid   UUID
	bucket *bbolt.Bucket
	slab   []byte // bbolt keeps values until the transaction ends: one piece of memory for many
	stored uint64 // records that were not there
	facts  []fact // by index in the batch, valid where fresh
	fresh  []bool
}

const slabLength = 64 << 10

func (p *putter) put(i int, c *Commit) error {
	if c.Hash.IsZero() || slices.ContainsFunc(c.Parents, Hash.IsZero) {
		return fmt.Errorf("store commits of %s: commit %s or a parent has no hash", p.uuid, c.Hash)
	}
	key := commitKey(c.Hash)
	if stored := p.bucket.Get(key); stored != nil {
		r, err := decodeRecord(key, stored)
		if err != nil {
			return p.tx.damaged("commit %s of %s: %v", c.Hash, p.uuid, err)
		}
		if !r.boundary || c.Boundary {
			return nil
		}
		p.stored--
	}
	p.stored++
	author, err := p.tx.numberOf(c.Author)
	if err != nil {
		return err
	}
	if err := p.bucket.Put(key, p.record(c, author)); err != nil {
		return fmt.Errorf("store commit %s of %s: %w", c.Hash, p.uuid, err)
	}
	p.facts[i] = fact{c.Date, author, c.IsMerge()}
	p.fresh[i] = !c.Boundary
	return nil
}

func (p *putter) record(c *Commit, author uint32) []byte {
	size := maxRecordHead + len(c.Parents)*hashLength + len(c.Message)
	if cap(p.slab)-len(p.slab) < size {
		p.slab = make([]byte, 0, max(slabLength, size))
	}
	start := len(p.slab)
	p.slab = appendRecord(p.slab, c, author)
	return p.slab[start:len(p.slab):len(p.slab)]
}

// finish adds what is new to the columns, in the order in which it came: pages come by date,
// more or less.
func (p *putter) finish() (added int, err error) {
	if err := p.bucket.SetSequence(p.bucket.Sequence() + p.stored); err != nil {
		return 0, fmt.Errorf("store commits of %s: %w", p.uuid, err)
	}
	fresh := &Facts{}
	for i, is := range p.fresh {
		if is {
			fresh.add(p.facts[i])
		}
	}
	return len(fresh.Dates), p.tx.appendColumns(p.uuid, fresh)
}

// Keep drops every commit of a repository for whose hash keep returns false, boundaries too,
// and derives the columns anew. It returns how many commits that were no boundaries it dropped.
func (tx *Tx) Keep(uuid UUID, keep func(Hash) bool) (removed int, err error) {
	var drop []Hash
	tx.records(uuid, Hash{}, func(h Hash, r *record, failed error) bool {
		if err = failed; err != nil {
			return false
		}
		if !keep(h) {
			drop = append(drop, h)
			if !r.boundary {
				removed++
			}
		}
		return true
	})
	if err != nil || len(drop) == 0 {
		return 0, err
	}
	b := tx.commitsOf(uuid)
	for _, h := range drop {
		if err := b.Delete(commitKey(h)); err != nil {
			return 0, fmt.Errorf("drop commit %s of %s: %w", h, uuid, err)
		}
	}
	if err := b.SetSequence(b.Sequence() - uint64(len(drop))); err != nil {
		return 0, fmt.Errorf("drop commits of %s: %w", uuid, err)
	}
	return removed, tx.rebuildColumns(uuid)
}
