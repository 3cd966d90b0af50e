package store

import (
	"errors"
	"fmt"
	"sort"
)

// This file finds, adds and drops places; their form is in chunk.go.

// load finds where the chunks of a generation are. They stay there until the transaction ends or
// some are written: bbolt moves its mapping in commits alone.
func (s *commitSet) load(g generation) ([]chunk, error) {
	if s.loaded[g] {
		return s.chunks[g], nil
	}
	chunks := s.chunks[g][:0]
	cursor := s.places.Cursor()
	for key, value := cursor.Seek([]byte{byte(g)}); key != nil && key[0] == byte(g); key, value = cursor.Next() {
		c, err := s.newChunk(key, value)
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, c)
	}
	s.chunks[g], s.loaded[g] = chunks, true
	return chunks, nil
}

// chunk returns the chunk of a generation in which h is, if it is there; nil where all of the generation
// is below h. With a filter few are looked for, and each is found by itself: to load them all reads a
// page of each.
func (s *commitSet) chunk(g generation, h Hash) (*chunk, error) {
	if s.filter != nil && !s.loaded[g] {
		return s.seek(g, h)
	}
	chunks, err := s.load(g)
	if err != nil {
		return nil, err
	}
	i := sort.Search(len(chunks), func(i int) bool { return compareHashes(chunks[i].key[1:], h[:]) >= 0 })
	if i == len(chunks) {
		return nil, nil
	}
	return &chunks[i], s.check(&chunks[i])
}

func (s *commitSet) seek(g generation, h Hash) (*chunk, error) {
	key, value := s.places.Cursor().Seek(chunkKey(g, h))
	if key == nil || key[0] != byte(g) {
		return nil, nil
	}
	c, err := s.newChunk(key, value)
	if err != nil {
		return nil, err
	}
	return &c, s.check(&c)
}

// newChunk is a chunk that was found in the file and is not checked yet.
func (s *commitSet) newChunk(key, value []byte) (chunk, error) {
	if _, _, ok := parseChunkKey(key); !ok {
		return chunk{}, s.tx.damaged("places of %s: key %x is of another kind", s.uuid, key)
	}
	return chunk{key: key, value: value}, nil
}

// check sees to it that a chunk is sound, once.
func (s *commitSet) check(c *chunk) (err error) {
	if c.entries != nil {
		return nil
	}
	if c.entries, err = wholePlaces(s.tx.unsealOnce(c.key, c.value)); err != nil {
		return s.tx.damaged("places of %s, up to %x: %v", s.uuid, c.key, err)
	}
	return nil
}

// find returns the place of a hash.
func (s *commitSet) find(h Hash) (at place, ok bool, err error) {
	if s.lacks(h) {
		return at, false, nil
	}
	if s.fresh != nil {
		if at, ok = s.fresh.places[h]; ok {
			return at, true, nil
		}
	}
	for _, g := range generations {
		c, err := s.chunk(g, h)
		if err != nil {
			return at, false, err
		}
		if c == nil {
			continue
		}
		if i, ok := searchChunk(c.entries, h[:]); ok {
			return placeAt(c.entries, i), true, nil
		}
	}
	return at, false, s.miss()
}

// eachByHash calls f with the place of every hash, in their order, until it returns an error.
func (s *commitSet) eachByHash(f func(Hash, place) error) error {
	if err := s.flush(); err != nil {
		return err
	}
	streams := [2]placeStream{{set: s}, {set: s}}
	for g := range streams {
		chunks, err := s.load(generation(g))
		if err != nil {
			return err
		}
		streams[g].chunks = chunks
	}
	count := uint64(0)
	for a, b := &streams[young], &streams[old]; ; count++ {
		if err := errors.Join(a.load(), b.load()); err != nil {
			return err
		}
		first := a
		if a.done() || !b.done() && compareHashes(b.hash(), a.hash()) < 0 {
			first = b
		}
		if first.done() {
			break
		}
		if err := f(Hash(first.hash()), placeAt(first.entries, first.i)); err != nil {
			return err
		}
		first.i++
	}
	if count != s.packs.Sequence() {
		return s.tx.damaged("places of %s: %d of %d are there", s.uuid, count, s.packs.Sequence())
	}
	return nil
}

// A placeStream goes through one generation.
type placeStream struct {
	set     *commitSet
	chunks  []chunk // after the one at hand
	entries []byte
	i       int
}

func (p *placeStream) done() bool { return p.i*placeLength >= len(p.entries) }

func (p *placeStream) hash() []byte { return hashAt(p.entries, p.i) }

// load goes on to the next chunk where the one at hand is done.
func (p *placeStream) load() error {
	for p.done() && len(p.chunks) > 0 {
		c := &p.chunks[0]
		if err := p.set.check(c); err != nil {
			return err
		}
		p.entries, p.chunks, p.i = c.entries, p.chunks[1:], 0
	}
	return nil
}

// insert adds sorted entries, of which none is there yet, to a generation.
func (s *commitSet) insert(g generation, entries []entry) error {
	for len(entries) > 0 {
		c, err := s.chunk(g, Hash(entries[0][:hashLength]))
		if err != nil {
			return err
		}
		bound, there, n := lastBound, []byte(nil), len(entries)
		if c != nil {
			_, bound, _ = parseChunkKey(c.key)
			there = c.entries
			n = sort.Search(n, func(i int) bool { return compareHashes(entries[i][:], bound[:]) > 0 })
		}
		if err := putChunks(s.places.Put, g, bound, mergeChunk(there, entries[:n])); err != nil {
			return fmt.Errorf("store places of %s: %w", s.uuid, err)
		}
		entries = entries[n:]
	}
	s.loaded[g] = false
	return nil
}

// age moves an eighth of the young places to the old once they are too many: the eighth that begins at
// pivot, which is any hash; hashes being random, all of them have their turn.
func (s *commitSet) age(pivot Hash) error {
	chunks, err := s.load(young)
	if err != nil {
		return err
	}
	count := 0
	for _, c := range chunks {
		count += len(c.value) / placeLength
	}
	if count <= youngLength {
		return nil
	}
	start := sort.Search(len(chunks), func(i int) bool { return compareHashes(chunks[i].key[1:], pivot[:]) >= 0 })
	var aged []entry
	for i := range (len(chunks) + 7) / 8 {
		c := &chunks[(start+i)%len(chunks)]
		if err := s.check(c); err != nil {
			return err
		}
		for left := c.entries; len(left) > 0; left = left[placeLength:] {
			aged = append(aged, entry(left))
		}
		if err := s.places.Delete(c.key); err != nil {
			return fmt.Errorf("store places of %s: %w", s.uuid, err)
		}
	}
	s.loaded[young] = false
	sortEntries(aged) // where the last chunk was followed by the first
	return s.insert(old, aged)
}

// forget takes hashes out of the places.
func (s *commitSet) forget(dropped map[Hash]bool) error {
	for _, g := range generations {
		chunks, err := s.load(g)
		if err != nil {
			return err
		}
		for i := range chunks {
			if err := s.forgetIn(g, &chunks[i], dropped); err != nil {
				return err
			}
		}
		s.loaded[g] = false
	}
	return nil
}

func (s *commitSet) forgetIn(g generation, c *chunk, dropped map[Hash]bool) error {
	if err := s.check(c); err != nil {
		return err
	}
	var kept []byte
	for left := c.entries; len(left) > 0; left = left[placeLength:] {
		if !dropped[Hash(left)] {
			kept = append(kept, left[:placeLength]...)
		}
	}
	if len(kept) == len(c.entries) {
		return nil
	}
	err := s.places.Delete(c.key)
	if _, bound, _ := parseChunkKey(c.key); err == nil && len(kept) > 0 {
		err = putChunks(s.places.Put, g, bound, kept)
	}
	if err != nil {
		return fmt.Errorf("drop commits of %s: %w", s.uuid, err)
	}
	return nil
}
