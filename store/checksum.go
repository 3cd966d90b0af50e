package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// bbolt has no checksums of its own on its pages. So every binary value ends in the CRC-32C of
// its key and itself, four bytes little-endian: a value under a wrong key is found as well.

const sumLength = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Why a value was refused by its decoder.
var (
	errChecksum = errors.New("checksum differs")
	errShort    = errors.New("shorter than it says")
	errForm     = errors.New("not in a known form")
)

// seal appends the checksum of key and value to value.
func seal(key, value []byte) []byte {
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
	return binary.LittleEndian.AppendUint32(value, sum)
}

// unseal returns the value without its checksum, if that is right.
func unseal(key, sealed []byte) ([]byte, error) {
	n := len(sealed) - sumLength
	if n < 0 {
		return nil, errShort
	}
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, sealed[:n])
	if sum != binary.LittleEndian.Uint32(sealed[n:]) {
		return nil, errChecksum
	}
	return sealed[:n], nil
}

// A cursor reads varints from the head of a value; after the first that is cut short, bad is
// set and all others are 0.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.bad, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

// varint reads what binary.AppendVarint wrote: the sign is the lowest bit.
func (c *cursor) varint() int64 {
	u := c.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// bytes takes n bytes.
func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(len(c.rest)) {
		c.bad, c.rest = true, nil
		return nil
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

func (c *cursor) hash() (h Hash) {
	copy(h[:], c.bytes(uint64(len(h))))
	return h
}
