package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"unsafe"

	"go.etcd.io/bbolt"
)

// A commitSet is what is stored of one repository's commits, within a transaction. What is new comes
// together in memory, and is written once, with what is derived of it, before anything else than a hash
// is asked for or the transaction ends (flush).
type commitSet struct {
	tx     *Tx
	uuid   UUID
	packs  *bbolt.Bucket
	places *bbolt.Bucket

	chunks [2][]chunk // of places, by generation
	loaded [2]bool    // whether they are read yet
	fresh  *fresh     // nil: there is nothing new
}

// A chunk is a piece of places; entries is nil until its checksum was found right.
type chunk struct {
	key, value, entries []byte
}

// fresh is what is new and not written yet.
type fresh struct {
	packer  *packer
	places  map[Hash]place
	entries []entry // the same
	facts   *Facts  // of what is to be counted from now on
}

// commitsOf returns the commits of a repository, nil where nothing was ever stored. The buckets of a
// repository come together: one without the others is damage.
func (tx *Tx) commitsOf(uuid UUID) (*commitSet, error) {
	s, ok := tx.commits[uuid]
	if ok {
		return s, nil
	}
	packs, places := tx.nested(commitsName, uuid), tx.nested(placesName, uuid)
	columns := tx.nested(columnsName, uuid)
	switch {
	case packs != nil && places != nil && columns != nil:
		s = &commitSet{tx: tx, uuid: uuid, packs: packs, places: places}
	case packs != nil || places != nil || columns != nil:
		return nil, tx.damaged("commits, places or columns of %s are missing", uuid)
	}
	tx.commits[uuid] = s
	return s, nil
}

// createCommitsOf returns the commits of a repository, and makes room for the first.
func (tx *Tx) createCommitsOf(uuid UUID) (*commitSet, error) {
	if s, err := tx.commitsOf(uuid); s != nil || err != nil {
		return s, err
	}
	for _, name := range [][]byte{commitsName, placesName, columnsName} {
		if _, err := createNested(tx.bolt, name, uuid); err != nil {
			return nil, fmt.Errorf("store commits of %s: %w", uuid, err)
		}
	}
	delete(tx.commits, uuid)
	return tx.commitsOf(uuid)
}

// A soundValue is one whose checksum was right before in this transaction.
type soundValue struct {
	at     uintptr
	length int
}

// unsealOnce is unseal for values that are read over and over: what a transaction sees does not
// change but by what it writes itself.
func (tx *Tx) unsealOnce(key, value []byte) ([]byte, error) {
	v := soundValue{uintptr(unsafe.Pointer(unsafe.SliceData(value))), len(value)}
	if tx.sound[v] {
		return value[:len(value)-sumLength], nil
	}
	body, err := unseal(key, value)
	if err == nil {
		tx.sound[v] = true
	}
	return body, err
}

// load finds where the chunks of a generation are. They stay there until the transaction ends or
// some are written: bbolt moves its mapping in commits alone.
func (s *commitSet) load(g generation) ([]chunk, error) {
	if s.loaded[g] {
		return s.chunks[g], nil
	}
	chunks := s.chunks[g][:0]
	cursor := s.places.Cursor()
	for key, value := cursor.Seek([]byte{byte(g)}); key != nil && key[0] == byte(g); key, value = cursor.Next() {
		if _, _, ok := parseChunkKey(key); !ok {
			return nil, s.tx.damaged("places of %s: key %x is of another kind", s.uuid, key)
		}
		chunks = append(chunks, chunk{key: key, value: value})
	}
	s.chunks[g], s.loaded[g] = chunks, true
	return chunks, nil
}

// chunk returns the chunk of a generation in which h is, if it is there; nil where all of the generation
// is below h.
func (s *commitSet) chunk(g generation, h Hash) (*chunk, error) {
	chunks, err := s.load(g)
	if err != nil {
		return nil, err
	}
	i := sort.Search(len(chunks), func(i int) bool { return compareHashes(chunks[i].key[1:], h[:]) >= 0 })
	if i == len(chunks) {
		return nil, nil
	}
	c := &chunks[i]
	if c.entries == nil {
		if c.entries, err = decodeChunk(c.key, c.value); err != nil {
			return nil, s.tx.damaged("places of %s, up to %x: %v", s.uuid, c.key, err)
		}
	}
	return c, nil
}

// find returns the place of a hash.
func (s *commitSet) find(h Hash) (at place, ok bool, err error) {
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
	return at, false, nil
}

// read returns the record of h at its place.
func (s *commitSet) read(h Hash, at place) (r record, err error) {
	if err := s.flush(); err != nil {
		return r, err
	}
	s.tx.visit()
	key := packKey(at.pack)
	pack, err := s.tx.unsealOnce(key, s.packs.Get(key))
	if err == nil {
		var p packed
		if p, err = unpack(pack, int(at.offset)); err == nil {
			if r, err = decodeRecord(p.record); err == nil && (p.hash != h || p.dropped) {
				err = errForm
			}
		}
	}
	if err != nil {
		return r, s.tx.damaged("commit %s of %s: %v", h, s.uuid, err)
	}
	return r, nil
}

// each calls f with every record, in the order in which they came, until it returns an error. The
// bucket's sequence says how many there are: so records that were lost are missed.
func (s *commitSet) each(f func(Hash, place, *record) error) error {
	if err := s.flush(); err != nil {
		return err
	}
	count := uint64(0)
	cursor := s.packs.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		s.tx.visit()
		var stop error
		err := eachPacked(key, value, func(at place, p packed) error {
			r, err := decodeRecord(p.record)
			if err != nil {
				return err
			}
			count++
			stop = f(p.hash, at, &r)
			return stop
		})
		if stop != nil {
			return stop
		}
		if err != nil {
			return s.tx.damaged("pack %x of %s: %v", key, s.uuid, err)
		}
	}
	if count != s.packs.Sequence() {
		return s.tx.damaged("commits of %s: %d of %d are there", s.uuid, count, s.packs.Sequence())
	}
	return nil
}

// eachByHash calls f with the place of every hash, in their order, until it returns an error.
func (s *commitSet) eachByHash(f func(Hash, place) error) error {
	if err := s.flush(); err != nil {
		return err
	}
	var streams [2]placeStream
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
			return s.tx.damaged("places of %s: %v", s.uuid, err)
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
	chunks  []chunk // after the one at hand
	entries []byte
	i       int
}

func (p *placeStream) done() bool { return p.i*placeLength >= len(p.entries) }

func (p *placeStream) hash() []byte { return hashAt(p.entries, p.i) }

// load goes on to the next chunk where the one at hand is done.
func (p *placeStream) load() (err error) {
	for p.done() && len(p.chunks) > 0 {
		c := p.chunks[0]
		if p.entries, err = decodeChunk(c.key, c.value); err != nil {
			return fmt.Errorf("up to %x: %w", c.key, err)
		}
		p.chunks, p.i = p.chunks[1:], 0
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
		if err := putChunks(s.places, g, bound, mergeChunk(there, entries[:n])); err != nil {
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
		c := chunks[(start+i)%len(chunks)]
		places, err := decodeChunk(c.key, c.value)
		if err != nil {
			return s.tx.damaged("places of %s, up to %x: %v", s.uuid, c.key, err)
		}
		for ; len(places) > 0; places = places[placeLength:] {
			aged = append(aged, entry(places))
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
		for _, c := range chunks {
			if err := s.forgetIn(g, c, dropped); err != nil {
				return err
			}
		}
		s.loaded[g] = false
	}
	return nil
}

func (s *commitSet) forgetIn(g generation, c chunk, dropped map[Hash]bool) error {
	places, err := decodeChunk(c.key, c.value)
	if err != nil {
		return s.tx.damaged("places of %s, up to %x: %v", s.uuid, c.key, err)
	}
	var kept []byte
	for i := range len(places) / placeLength {
		if !dropped[Hash(hashAt(places, i))] {
			kept = append(kept, places[i*placeLength:][:placeLength]...)
		}
	}
	if len(kept) == len(places) {
		return nil
	}
	err = s.places.Delete(c.key)
	if _, bound, _ := parseChunkKey(c.key); err == nil && len(kept) > 0 {
		err = putChunks(s.places, g, bound, kept)
	}
	if err != nil {
		return fmt.Errorf("drop commits of %s: %w", s.uuid, err)
	}
	return nil
}

// rewrite changes records where they are: f may change bytes of each, and not how many there are.
func (s *commitSet) rewrite(places []place, f func(packed []byte)) error {
	if err := s.flush(); err != nil {
		return err
	}
	slices.SortFunc(places, func(a, b place) int { return int(int64(a.pack) - int64(b.pack)) })
	for len(places) > 0 {
		key := packKey(places[0].pack)
		value := bytes.Clone(s.packs.Get(key))
		pack, err := unseal(key, value)
		if err != nil {
			return s.tx.damaged("pack %x of %s: %v", key, s.uuid, err)
		}
		n := 0
		for n < len(places) && places[n].pack == places[0].pack {
			f(pack[places[n].offset:])
			n++
		}
		if err := s.packs.Put(key, seal(key, pack)); err != nil {
			return fmt.Errorf("store pack %x of %s: %w", key, s.uuid, err)
		}
		places = places[n:]
	}
	return nil
}

// begin makes room for what is new.
func (s *commitSet) begin() (*fresh, error) {
	if s.fresh != nil {
		return s.fresh, nil
	}
	p, err := s.packer()
	if err != nil {
		return nil, err
	}
	s.fresh = &fresh{packer: p, places: map[Hash]place{}, facts: &Facts{}}
	return s.fresh, nil
}

// packer goes on where the last pack ends.
func (s *commitSet) packer() (*packer, error) {
	p := &packer{put: s.packs.Put}
	key, value := s.packs.Cursor().Last()
	if key == nil {
		return p, nil
	}
	number, ok := parseNumber(key)
	pack, err := s.tx.unsealOnce(key, value)
	if !ok || err != nil {
		return nil, s.tx.damaged("pack %x of %s is unreadable", key, s.uuid)
	}
	if p.number = number; len(pack) >= packLength {
		p.number++
	} else {
		p.pack = append(make([]byte, 0, packLength+packLength/16), pack...)
	}
	return p, nil
}

// flush writes what is new.
func (s *commitSet) flush() error {
	if s.fresh == nil {
		return nil
	}
	f := s.fresh
	s.fresh = nil
	if n := uint64(len(f.entries)); n > 0 {
		err := f.packer.flush()
		if err == nil {
			err = s.packs.SetSequence(s.packs.Sequence() + n)
		}
		if err != nil {
			return fmt.Errorf("store commits of %s: %w", s.uuid, err)
		}
		newest := Hash(f.entries[0][:hashLength])
		sortEntries(f.entries)
		if err := s.insert(young, f.entries); err != nil {
			return err
		}
		if err := s.age(newest); err != nil {
			return err
		}
	}
	return s.tx.appendColumns(s.uuid, f.facts)
}
