package store

import (
	"encoding/binary"
	"math/bits"
	"os"

	"go.etcd.io/bbolt"
)

// A filter says of most hashes that are not stored that they are not, without a look at the places: a
// walk mostly gets what is new, and the places of a long history are megabytes, all of which looking for
// random hashes reads. It is a Bloom filter whose words are its blocks: a hash has four bits in one
// word. Hashes are random, so their own bytes say which. It takes a tenth off a sync of 200,000 commits,
// and a quarter off one of a million.
type filter struct {
	words []uint64
	room  int // hashes that may be added before it is built anew
}

const (
	filterFrom  = 8 << 10 // stored hashes from which on a filter is worth its memory
	filterAfter = 32      // it is built once one in so many was asked for in vain: that cost as much as building
	filterBits  = 24      // for each hash when it is built: 1 in 1,000 is taken for stored; with half of them, 1 in 100
	filterWords = 1 << 20 // that all filters of a DB may have: 8 MiB
)

func newFilter(hashes int) *filter {
	words := min(1+hashes*filterBits/64, filterWords)
	room := max(words*64*2/filterBits-hashes, hashes/8) // the latter where they would have to be more
	return &filter{make([]uint64, words), room}
}

// word returns where the bits of a hash are.
func (f *filter) word(h []byte) (i, mask uint64) {
	i, _ = bits.Mul64(binary.LittleEndian.Uint64(h), uint64(len(f.words)))
	y := binary.LittleEndian.Uint32(h[8:])
	return i, 1<<(y&63) | 1<<(y>>6&63) | 1<<(y>>12&63) | 1<<(y>>18&63)
}

func (f *filter) add(h []byte) {
	i, mask := f.word(h)
	f.words[i] |= mask
}

// lacks reports whether h was certainly never added.
func (f *filter) lacks(h []byte) bool {
	i, mask := f.word(h)
	return f.words[i]&mask != mask
}

// filters are those of a DB, by repository. They know every hash that was stored when they were built,
// and that was stored through this DB since; so they hold until somebody else writes.
type filters struct {
	from    int // filterFrom, but in tests
	file    os.FileInfo
	version int // the last transaction of this DB that wrote
	of      map[UUID]*filter
	missed  map[UUID]int // hashes that were asked for in vain, while there was no filter
}

// begin forgets all if the transaction is not the one after the last of this DB in the same file. One
// that is rolled back leaves its hashes in the filters, where they do no harm.
func (f *filters) begin(b *bbolt.Tx, file os.FileInfo) {
	version := b.ID()
	if !os.SameFile(file, f.file) || version != f.version+1 {
		f.of, f.missed = map[UUID]*filter{}, map[UUID]int{}
	}
	f.file = file
	b.OnCommit(func() { f.version = version })
}

// put adds a filter, and forgets the others if there would be too many.
func (f *filters) put(uuid UUID, new *filter) {
	delete(f.of, uuid)
	words := len(new.words)
	for _, other := range f.of {
		words += len(other.words)
	}
	if words > filterWords {
		clear(f.of)
	}
	f.of[uuid] = new
	delete(f.missed, uuid)
}

// lacks reports whether a hash is certainly neither stored nor new.
func (s *commitSet) lacks(h Hash) bool { return s.filter != nil && s.filter.lacks(h[:]) }

// miss is called for each hash that was looked for among the places in vain.
func (s *commitSet) miss() error {
	if s.tx.filters == nil || s.filter != nil {
		return nil
	}
	stored := int(s.packs.Sequence())
	s.tx.filters.missed[s.uuid]++
	if stored < s.tx.filters.from || s.tx.filters.missed[s.uuid]*filterAfter < stored {
		return nil
	}
	return s.buildFilter()
}

// buildFilter makes a filter of all that is stored, and new.
func (s *commitSet) buildFilter() error {
	var fresh map[Hash]place
	if s.fresh != nil {
		fresh = s.fresh.places
	}
	f := newFilter(int(s.packs.Sequence()) + len(fresh))
	for _, g := range generations {
		chunks, err := s.load(g)
		if err != nil {
			return err
		}
		for i := range chunks {
			s.tx.visit()
			if err := s.check(&chunks[i]); err != nil {
				return err
			}
			for left := chunks[i].entries; len(left) > 0; left = left[placeLength:] {
				f.add(left)
			}
		}
	}
	for h := range fresh {
		f.add(h[:])
	}
	s.filter = f
	s.tx.filters.put(s.uuid, f)
	s.tx.release()
	return nil
}

// remember is called for each hash that is new.
func (s *commitSet) remember(h Hash) error {
	if s.filter == nil {
		return nil
	}
	s.filter.add(h[:])
	if s.filter.room--; s.filter.room < 0 {
		return s.buildFilter()
	}
	return nil
}
