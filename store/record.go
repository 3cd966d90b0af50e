package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// A record is a commit as it is stored; doc.go draws its bytes. parents and message point into the
// file and end with the transaction.
type record struct {
	hash     Hash
	date     int64
	author   uint32
	boundary bool
	parents  []byte
	message  []byte
}

const boundaryFlag = 1

// encodeRecord returns the value of a commit whose author has the given number.
func encodeRecord(c *Commit, author uint32) []byte {
	// Large enough for each number at its longest, so that the value is never copied while it grows.
	size := 3*binary.MaxVarintLen64 + 1 + len(c.Parents)*hashLength + len(c.Message) + checksumLength
	value := make([]byte, 0, size)
	value = binary.AppendVarint(value, c.Date)
	value = binary.AppendUvarint(value, uint64(author))
	flags := byte(0)
	if c.Boundary {
		flags = boundaryFlag
	}
	value = append(value, flags)
	value = binary.AppendUvarint(value, uint64(len(c.Parents)))
	for i := range c.Parents {
		value = append(value, c.Parents[i][:]...)
	}
	value = append(value, c.Message...)
	return appendChecksum(c.Hash[:], value)
}

// decodeRecord reads the value of the commit with the hash key.
func decodeRecord(key, value []byte) (r record, err error) {
	body, err := verifyChecksum(key, value)
	if err != nil {
		return r, err
	}
	if len(key) != hashLength {
		return r, errForm
	}
	date, n := binary.Varint(body)
	if n <= 0 {
		return r, errShort
	}
	body = body[n:]
	author, n := binary.Uvarint(body)
	if n <= 0 || author > math.MaxUint32 || len(body) == n {
		return r, errShort
	}
	flags := body[n]
	body = body[n+1:]
	parents, n := binary.Uvarint(body)
	if n <= 0 || parents > uint64(len(body)-n)/uint64(hashLength) { // a product could overflow
		return r, errShort
	}
	if flags > boundaryFlag {
		return r, errForm
	}
	body = body[n:]
	end := int(parents) * hashLength
	return record{Hash(key), date, uint32(author), flags&boundaryFlag != 0, body[:end], body[end:]}, nil
}

// row is what the columns have of a record that is not a boundary.
func (r *record) row() columnRow { return columnRow{r.date, r.author, len(r.parents) > hashLength} }

// parentHashes returns the parents as copies, which outlive the transaction.
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

// bbolt has no checksums on its data pages. So a record or block ends in the CRC-32C of its key and
// itself: a value under a wrong key is found as well. Processors have an instruction for this polynomial.

const checksumLength = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The reasons why a value cannot be decoded.
var (
	errChecksum = errors.New("checksum differs")
	errShort    = errors.New("shorter than its own lengths")
	errForm     = errors.New("of an unknown form")
)

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// appendChecksum appends the checksum of key and value to value.
func appendChecksum(key, value []byte) []byte {
	return binary.LittleEndian.AppendUint32(value, checksum(key, value))
}

// verifyChecksum returns the value without its checksum, if that is right.
func verifyChecksum(key, value []byte) ([]byte, error) {
	n := len(value) - checksumLength
	if n < 0 {
		return nil, errShort
	}
	if checksum(key, value[:n]) != binary.LittleEndian.Uint32(value[n:]) {
		return nil, errChecksum
	}
	return value[:n], nil
}
