package store

import (
	"encoding/binary"
	"math"
)

// A record is a commit as it is stored in a pack:
//
//	uvarint  number of parents << 1 | boundary
//	varint   date
//	uvarint  number of the author
//	20 bytes for each parent
//	the message, to the end
//
// Its slices point into the file and end with the transaction.
type record struct {
	boundary bool
	date     int64
	author   uint32
	parents  []byte
	message  []byte
}

const hashLength = len(Hash{})

// boundaryBit is the one of a record's first byte that says boundary.
const boundaryBit = 1

// appendRecord appends the record of c, whose author has the number author, to dst.
func appendRecord(dst []byte, c *Commit, author uint32) []byte {
	head := uint64(len(c.Parents)) << 1
	if c.Boundary {
		head |= boundaryBit
	}
	dst = binary.AppendUvarint(dst, head)
	dst = binary.AppendVarint(dst, c.Date)
	dst = binary.AppendUvarint(dst, uint64(author))
	for i := range c.Parents {
		dst = append(dst, c.Parents[i][:]...)
	}
	return append(dst, c.Message...)
}

func decodeRecord(body []byte) (r record, err error) {
	c := cursor{rest: body}
	head := c.uvarint()
	r.boundary = head&boundaryBit != 0
	r.date = c.varint()
	author := c.uvarint()
	parents := head >> 1
	if c.bad || author > math.MaxUint32 || parents > uint64(len(c.rest)/hashLength) {
		return r, errShort
	}
	r.author = uint32(author)
	r.parents = c.bytes(parents * uint64(hashLength))
	r.message = c.rest
	return r, nil
}

func (r *record) isMerge() bool { return len(r.parents) > hashLength }

// parentHashes returns copies.
func (r *record) parentHashes() []Hash {
	if len(r.parents) == 0 {
		return nil
	}
	hashes := make([]Hash, len(r.parents)/hashLength)
	for i := range hashes {
		copy(hashes[i][:], r.parents[i*hashLength:])
	}
	return hashes
}
