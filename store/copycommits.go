package store

import "encoding/json"

// A repositoryCopy copies the commits of one repository.
type repositoryCopy struct {
	*rewrite
	Repository
	packer  *packer
	entries []entry
	graph   *graph        // only to repair
	seen    map[Hash]bool // only to repair
	facts   []fact
	found   *findings
}

func newRepositoryCopy(rw *rewrite, value []byte) *repositoryCopy {
	c := &repositoryCopy{rewrite: rw, graph: &graph{}, seen: map[Hash]bool{}}
	_ = json.Unmarshal(value, &c.Repository) // decoded before, by copyValues
	c.found = &findings{repository: fullName(c.Repository)}
	c.packer = &packer{put: func(key, value []byte) error { return c.put(commitsName, key, value) }}
	return c
}

func (c *repositoryCopy) broken(format string, args ...any) error {
	if !c.salvage {
		return c.rewrite.broken(format, args...)
	}
	c.found.add(format, args...)
	return nil
}

// pack copies the records of a pack.
func (c *repositoryCopy) pack(key, value []byte) error {
	var failed error
	err := eachPacked(key, value, func(_ place, p packed) error {
		failed = c.record(p)
		return failed
	})
	if failed == nil && err != nil {
		return c.broken("pack %x: %v", key, err)
	}
	return failed
}

func (c *repositoryCopy) record(p packed) error {
	r, err := decodeRecord(p.record)
	if err != nil {
		return c.broken("commit %s: %v", p.hash, err)
	}
	author, ok := c.authors[r.author]
	if !ok {
		return c.broken("commit %s: author %d is not stored", p.hash, r.author)
	}
	if author != r.author {
		p.record = renumber(&r, author)
		r.author = author
	}
	if c.salvage {
		if c.seen[p.hash] {
			return c.broken("commit %s is stored twice", p.hash)
		}
		c.seen[p.hash] = true
		c.graph.add(p.hash, &r)
	}
	at, err := c.packer.add(p.hash, p.record)
	if err != nil {
		return err
	}
	c.entries = append(c.entries, newEntry(p.hash, at))
	if !r.boundary {
		c.facts = append(c.facts, fact{r.date, r.author, r.isMerge()})
	}
	return nil
}

// renumber makes the record anew for another number of the same author.
func renumber(r *record, author uint32) []byte {
	return appendRecord(nil, &Commit{Date: r.date, Parents: r.parentHashes(),
		Message: string(r.message), Boundary: r.boundary}, author)
}

// put writes to a nested bucket of the repository.
func (c *repositoryCopy) put(bucket, key, value []byte) error {
	b, err := createNested(c.out.tx, bucket, c.UUID)
	if err != nil {
		return err
	}
	b.FillPercent = 1
	if err := b.Put(key, value); err != nil {
		return err
	}
	return c.out.wrote(len(key) + len(value))
}

func (c *repositoryCopy) finish() error {
	if len(c.entries) > 0 {
		if err := c.derive(); err != nil {
			return err
		}
	}
	if c.salvage {
		c.graph.sort()
		if err := c.mend(); err != nil {
			return err
		}
	}
	c.list = append(c.list, c.found.all()...)
	return nil
}

// derive writes the last pack, the places and the columns.
func (c *repositoryCopy) derive() error {
	if err := c.packer.flush(); err != nil {
		return err
	}
	b, err := createNested(c.out.tx, commitsName, c.UUID)
	if err == nil {
		err = b.SetSequence(uint64(len(c.entries)))
	}
	if err != nil {
		return err
	}
	sortEntries(c.entries)
	put := func(key, value []byte) error { return c.put(placesName, key, value) }
	if err := putChunks(put, old, lastBound, mergeChunk(nil, c.entries)); err != nil {
		return err
	}
	columns, err := createNested(c.out.tx, columnsName, c.UUID)
	if err != nil {
		return err
	}
	if err := putBlocks(columns, 0, columnsOf(c.facts), uint64(len(c.facts))); err != nil {
		return err
	}
	return c.out.wrote(8 * len(c.facts))
}
