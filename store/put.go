package store

import (
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
	twice, err := p.pack(fresh)
	if err != nil {
		return 0, err
	}
	again, err := tx.PutCommits(uuid, twice)
	return p.added + again, err
}

// A putter stores one batch.
type putter struct {
	*commitSet
	commits []Commit
	added   int
	freed   []freed
}

// A freed is a boundary that is none any more.
type freed struct {
	at   place
	fact fact
}

// lookUp returns the indices of the commits that are not stored.
func (p *putter) lookUp() (fresh []int, err error) {
	fresh = make([]int, 0, len(p.commits))
	for i := range p.commits {
		c := &p.commits[i]
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
	return fresh, nil
}

// again looks at a commit that is stored: perhaps as a boundary that is none any more.
func (p *putter) again(c *Commit, at place) error {
	r, err := p.read(c.Hash, at)
	if err != nil || !r.boundary || c.Boundary {
		return err
	}
	p.freed = append(p.freed, freed{at, fact{r.date, r.author, r.isMerge()}})
	return nil
}

// free makes ordinary commits of boundaries.
func (p *putter) free() error {
	if len(p.freed) == 0 {
		return nil
	}
	slices.SortFunc(p.freed, func(a, b freed) int { return a.at.compare(b.at) })
	p.freed = slices.CompactFunc(p.freed, func(a, b freed) bool { return a.at == b.at })
	places := make([]place, len(p.freed))
	for i := range places {
		places[i] = p.freed[i].at
	}
	err := p.rewrite(places, func(packed []byte) {
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
	for _, boundary := range p.freed {
		f.facts.add(boundary.fact)
		p.added++
	}
	return nil
}

// pack stores what is new, and returns what the batch has twice.
func (p *putter) pack(fresh []int) (twice []Commit, err error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	f, err := p.begin()
	if err != nil {
		return nil, err
	}
	var record []byte
	for _, i := range fresh {
		c := &p.commits[i]
		if _, ok := f.places[c.Hash]; ok {
			twice = append(twice, *c)
			continue
		}
		author, err := p.tx.numberOf(c.Author)
		if err != nil {
			return nil, err
		}
		record = appendRecord(record[:0], c, author)
		if err := f.add(c.Hash, record); err != nil {
			return nil, fmt.Errorf("store commit %s of %s: %w", c.Hash, p.uuid, err)
		}
		if err := p.remember(c.Hash); err != nil {
			return nil, err
		}
		if !c.Boundary {
			f.facts.add(fact{c.Date, author, c.IsMerge()})
			p.added++
		}
	}
	return twice, nil
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
