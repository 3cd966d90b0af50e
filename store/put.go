package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// PutCommits stores those commits of a repository that are not stored yet, with their authors,
// places and columns. A stored boundary that is given again without Boundary becomes an ordinary commit;
// any other commit that is stored already stays as it is. It returns how many commits that
// are no boundaries became stored.
func (tx *Tx) PutCommits(uuid UUID, commits []Commit) (added int, err error) {
	if uuid == "" {
		return 0, errors.New("store commits: the repository has no uuid")
	}
	if len(commits) == 0 {
		return 0, nil
	}
	for i := range commits {
		if c := &commits[i]; c.Hash.IsZero() || slices.ContainsFunc(c.Parents, Hash.IsZero) {
			return 0, fmt.Errorf("store commits of %s: commit %s or a parent has no hash", uuid, c.Hash)
		}
	}
	s, err := tx.createCommitsOf(uuid)
	if err != nil {
		return 0, err
	}
	p := putter{commitSet: s, commits: commits}
	fresh, err := p.lookUp()
	if err != nil {
		return 0, err
	}
	if err := p.free(); err != nil {
		return 0, err
	}
	err = p.pack(fresh)
	return p.added, err
}

// A putter stores one batch.
type putter struct {
	*commitSet
	commits []Commit
	added   int
	freed   []place // of boundaries that are none any more
	facts   []fact  // of the same
}

// lookUp returns the indices of the commits to be stored, in the order in which they came. It asks
// in the order of hashes, so that neighbours are found in the same chunk.
func (p *putter) lookUp() (fresh []int, err error) {
	order := make([]int, len(p.commits))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := &p.commits[i], &p.commits[j]
		if c := compareHashes(a.Hash[:], b.Hash[:]); c != 0 {
			return c
		}
		if a.Boundary != b.Boundary { // of two that are the same, the ordinary one
			if b.Boundary {
				return -1
			}
			return 1
		}
		return cmp.Compare(i, j)
	})
	for n, i := range order {
		c := &p.commits[i]
		if n > 0 && c.Hash == p.commits[order[n-1]].Hash {
			continue
		}
		at, stored, err := p.find(c.Hash)
		if err != nil {
			return nil, err
		}
		if !stored {
			fresh = append(fresh, i)
		} else if err := p.again(c, at); err != nil {
			return nil, err
		}
	}
	slices.Sort(fresh)
	return fresh, nil
}

// again looks at a commit that is stored: perhaps as a boundary that is none any more.
func (p *putter) again(c *Commit, at place) error {
	r, err := p.read(c.Hash, at)
	if err != nil || !r.boundary || c.Boundary {
		return err
	}
	p.freed = append(p.freed, at)
	p.facts = append(p.facts, fact{r.date, r.author, r.isMerge()})
	return nil
}

// free makes ordinary commits of boundaries.
func (p *putter) free() error {
	if len(p.freed) == 0 {
		return nil
	}
	err := p.rewrite(p.freed, func(packed []byte) {
		// The record, and its first byte with it, stands behind the length and the hash.
		_, n := binary.Uvarint(packed)
		packed[n+hashLength] &^= boundaryBit
	})
	if err != nil {
		return err
	}
	f, err := p.begin()
	if err != nil {
		return err
	}
	for _, fact := range p.facts {
		f.facts.add(fact)
		p.added++
	}
	return nil
}

// pack stores what is new.
func (p *putter) pack(fresh []int) error {
	if len(fresh) == 0 {
		return nil
	}
	f, err := p.begin()
	if err != nil {
		return err
	}
	var record []byte
	for _, i := range fresh {
		c := &p.commits[i]
		author, err := p.tx.numberOf(c.Author)
		if err != nil {
			return err
		}
		record = appendRecord(record[:0], c, author)
		at, err := f.packer.add(c.Hash, record)
		if err != nil {
			return fmt.Errorf("store commit %s of %s: %w", c.Hash, p.uuid, err)
		}
		f.places[c.Hash] = at
		f.entries = append(f.entries, newEntry(c.Hash, at))
		if !c.Boundary {
			f.facts.add(fact{c.Date, author, c.IsMerge()})
			p.added++
		}
	}
	return nil
}

// Keep drops every commit of a repository for whose hash keep returns false, boundaries too,
// and derives the columns anew. It returns how many commits that were no boundaries it dropped.
func (tx *Tx) Keep(uuid UUID, keep func(Hash) bool) (removed int, err error) {
	s, err := tx.commitsOf(uuid)
	if s == nil || err != nil {
		return 0, err
	}
	var places []place
	dropped := map[Hash]bool{}
	err = s.each(func(h Hash, at place, r *record) error {
		if !keep(h) {
			places, dropped[h] = append(places, at), true
			if !r.boundary {
				removed++
			}
		}
		return nil
	})
	if err != nil || len(places) == 0 {
		return 0, err
	}
	if err := s.rewrite(places, func(packed []byte) { packed[0] |= droppedBit }); err != nil {
		return 0, err
	}
	if err := s.forget(dropped); err != nil {
		return 0, err
	}
	if err := s.packs.SetSequence(s.packs.Sequence() - uint64(len(places))); err != nil {
		return 0, fmt.Errorf("drop commits of %s: %w", uuid, err)
	}
	return removed, s.rebuildColumns()
}
