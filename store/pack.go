package store

import (
	"cmp"
	"encoding/binary"
	"math"
)

// Records are stored in packs, one behind the other in the order in which they came, so that what a
// sync stores is written once and side by side. Keyed by hashes, which are random, every record
// would have a page of its own rewritten, somewhere in the file: ten times the bytes, six times the
// CPU, and all of the file in memory. Where the record of a hash is, say the places (chunk.go).
//
// A pack is a sequence of
//
//	uvarint  length of the record << 1 | 1 where it was dropped
//	20 bytes hash
//	the record, in the form of record.go
//
// and ends in a CRC-32C of its key and all of that. Packs are numbered. Only the last one grows; in the
// others nothing moves: of a record that was dropped, the bytes stay until db compact.

// packLength is the size of a full pack, in bytes; the record that fills it may go beyond.
const packLength = 32 << 10

// droppedBit is the one of the first byte of a packed record that says dropped.
const droppedBit = 1

// A place is where a record is: the number of its pack, and the offset in it.
type place struct {
	pack   uint32
	offset uint16
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.pack, q.pack), cmp.Compare(p.offset, q.offset))
}

// A packed is a record as a pack has it.
type packed struct {
	hash    Hash
	dropped bool
	record  []byte
	next    int // offset of the one behind it
}

// unpack reads the record at an offset of a pack without its checksum.
func unpack(pack []byte, offset int) (p packed, err error) {
	if offset >= len(pack) || offset > math.MaxUint16 {
		return p, errShort
	}
	c := cursor{rest: pack[offset:]}
	head := c.uvarint()
	p.hash = c.hash()
	p.record = c.bytes(head >> 1)
	if c.bad {
		return packed{}, errShort
	}
	p.dropped = head&droppedBit != 0
	p.next = len(pack) - len(c.rest)
	return p, nil
}

// eachPacked calls f with every record of a pack that was not dropped.
func eachPacked(key, value []byte, f func(place, packed) error) error {
	number, ok := parseNumber(key)
	if !ok {
		return errForm
	}
	pack, err := unseal(key, value)
	if err != nil {
		return err
	}
	for offset := 0; offset < len(pack); {
		p, err := unpack(pack, offset)
		if err != nil {
			return err
		}
		if !p.dropped {
			if err := f(place{number, uint16(offset)}, p); err != nil {
				return err
			}
		}
		offset = p.next
	}
	return nil
}

// A packer fills packs, and puts each that is full.
type packer struct {
	number uint32
	pack   []byte // the one being filled
	put    func(key, value []byte) error
}

// add packs a record.
func (p *packer) add(h Hash, record []byte) (at place, err error) {
	if len(p.pack) >= packLength {
		if err := p.flush(); err != nil {
			return at, err
		}
		p.number, p.pack = p.number+1, nil
	}
	if p.pack == nil {
		p.pack = make([]byte, 0, packLength+packLength/16)
	}
	at = place{p.number, uint16(len(p.pack))}
	p.pack = binary.AppendUvarint(p.pack, uint64(len(record))<<1)
	p.pack = append(p.pack, h[:]...)
	p.pack = append(p.pack, record...)
	return at, nil
}

// flush puts the pack being filled. Whoever goes on adding must not do so in the same packer: what was
// put belongs to bbolt until the transaction ends.
func (p *packer) flush() error {
	if len(p.pack) == 0 {
		return nil
	}
	key := packKey(p.number)
	return p.put(key, seal(key, p.pack))
}
