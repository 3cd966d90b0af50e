package store

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
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
	filter *filter    // nil: there is none
	last   uint32     // the pack that a single record was read from
}

// fresh is what is new and not written yet.
type fresh struct {
	packer *packer
	places map[Hash]place
	last   Hash   // that was added
	facts  *Facts // of what is to be counted from now on
}

// add packs a record.
func (f *fresh) add(h Hash, record []byte) error {
	at, err := f.packer.add(h, record)
	f.places[h], f.last = at, h
	return err
}

// entries returns the new places in the order of their hashes.
func (f *fresh) entries() []entry {
	entries := make([]entry, 0, len(f.places))
	for h, at := range f.places {
		entries = append(entries, newEntry(h, at))
	}
	sortEntries(entries)
	return entries
}

// commitsOf returns the commits of a repository, nil where nothing was ever stored.
func (tx *Tx) commitsOf(uuid UUID) (*commitSet, error) {
	s, ok := tx.commits[uuid]
	if ok {
		return s, nil
	}
	columns, err := tx.columnsOf(uuid)
	if err != nil {
		return nil, err
	}
	if columns != nil {
		s = &commitSet{tx: tx, uuid: uuid, packs: tx.nested(commitsName, uuid), places: tx.nested(placesName, uuid)}
		if tx.filters != nil {
			s.filter = tx.filters.of[uuid]
		}
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

// read returns the record of h at its place.
func (s *commitSet) read(h Hash, at place) (r record, err error) {
	if err := s.flush(); err != nil {
		return r, err
	}
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

// rewrite changes records where they are: f may change bytes of each, and not how many there are.
func (s *commitSet) rewrite(places []place, f func(packed []byte)) error {
	if err := s.flush(); err != nil {
		return err
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.pack, b.pack) })
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
	if n := uint64(len(f.places)); n > 0 {
		err := f.packer.flush()
		if err == nil {
			err = s.packs.SetSequence(s.packs.Sequence() + n)
		}
		if err != nil {
			return fmt.Errorf("store commits of %s: %w", s.uuid, err)
		}
		if err := s.insert(young, f.entries()); err != nil {
			return err
		}
		if err := s.age(f.last); err != nil {
			return err
		}
	}
	return s.tx.appendColumns(s.uuid, f.facts)
}
