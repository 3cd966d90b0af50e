package store

import (
	"encoding/binary"
	"math"
)

// Counting commits reads columns instead of records: of each commit only date, author number
// and whether it is a merge, some thousand commits to a value, no messages in between. Columns
// are derived from the records, hold each commit that is no boundary once, in no particular
// order, and are written in the same transaction. This file knows their form:
//
//	byte     blockForm
//	byte     width of a date: 1, 2, 4 or 8 bytes
//	byte     width of an author number: 1, 2 or 4 bytes
//	byte     0
//	uint32   commits in the block, merges among them
//	int64    lowest and highest date
//	CRC-32C  of the key and the above, so that a block is skipped on true figures
//	the dates, less the lowest
//	the author numbers
//	a bit for each commit, set for a merge, lowest bit first
//	CRC-32C  of the key and all of the above
//
// All is little-endian. All blocks but the last are full; the last is rewritten. One width for
// a whole block costs a byte a commit more than differences in varints did and takes half the
// time to read: no branch depends on the data.

const (
	blockForm   = 1
	blockHead   = 28 // without its checksum
	blockBody   = blockHead + sumLength
	blockLength = 2048    // commits in a full block
	maxBlock    = 1 << 20 // more in one block is damage
)

// encodeBlock makes the block of all of f, which is not empty.
func encodeBlock(key []byte, f *Facts) []byte {
	e := f.extent()
	dates, authors := f.widths(e)
	b := make([]byte, 0, blockBody+(dates+authors+1)*e.Commits+1+sumLength)
	b = append(b, blockForm, byte(dates), byte(authors), 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(e.Commits))
	b = binary.LittleEndian.AppendUint32(b, uint32(e.Merges))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.First))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Last))
	b = seal(key, b)
	for _, date := range f.Dates {
		b = appendWide(b, dates, uint64(date-e.First))
	}
	for _, author := range f.Authors {
		b = appendWide(b, authors, uint64(author))
	}
	bits := len(b)
	b = append(b, make([]byte, (e.Commits+7)/8)...)
	for i, merge := range f.Merges {
		if merge {
			b[bits+i/8] |= 1 << (i % 8)
		}
	}
	return seal(key, b)
}

// widths returns the bytes that each date and each author number take.
func (f *Facts) widths(e Extent) (dates, authors int) {
	highest := uint32(0)
	for _, author := range f.Authors {
		highest = max(highest, author)
	}
	return widthOf(uint64(e.Last - e.First)), widthOf(uint64(highest))
}

func widthOf(highest uint64) int {
	switch {
	case highest <= math.MaxUint8:
		return 1
	case highest <= math.MaxUint16:
		return 2
	case highest <= math.MaxUint32:
		return 4
	}
	return 8
}

func appendWide(b []byte, width int, v uint64) []byte {
	switch width {
	case 1:
		return append(b, byte(v))
	case 2:
		return binary.LittleEndian.AppendUint16(b, uint16(v))
	case 4:
		return binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return binary.LittleEndian.AppendUint64(b, v)
}

// decodeHead reads the head of a block, all that a skipped block costs.
func decodeHead(key, block []byte) (e Extent, err error) {
	if len(block) < blockBody+sumLength {
		return e, errShort
	}
	head, err := unseal(key, block[:blockBody])
	if err != nil {
		return e, err
	}
	commits := binary.LittleEndian.Uint32(head[4:])
	merges := binary.LittleEndian.Uint32(head[8:])
	if head[0] != blockForm || commits == 0 || commits > maxBlock || merges > commits {
		return e, errForm
	}
	return Extent{
		Commits: int(commits),
		Merges:  int(merges),
		First:   int64(binary.LittleEndian.Uint64(head[12:])),
		Last:    int64(binary.LittleEndian.Uint64(head[20:])),
	}, nil
}

// decodeBlock reads a block, of whose head decodeHead made e, into f.
func (f *Facts) decodeBlock(key, block []byte, e Extent) error {
	sealed, err := unseal(key, block)
	if err != nil {
		return err
	}
	n, dates, authors := e.Commits, int(sealed[1]), int(sealed[2])
	body := sealed[blockBody:]
	if len(body) != n*(dates+authors)+(n+7)/8 {
		return errShort
	}
	f.resize(n)
	if !readDates(f.Dates, body[:n*dates], dates, e.First) ||
		!readNumbers(f.Authors, body[n*dates:n*(dates+authors)], authors) {
		return errForm
	}
	readBits(f.Merges, body[n*(dates+authors):])
	return nil
}

func readDates(dates []int64, b []byte, width int, first int64) bool {
	switch width {
	case 1:
		for i := range dates {
			dates[i] = first + int64(b[i])
		}
	case 2:
		for i := range dates {
			dates[i] = first + int64(binary.LittleEndian.Uint16(b[2*i:]))
		}
	case 4:
		for i := range dates {
			dates[i] = first + int64(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case 8:
		for i := range dates {
			dates[i] = first + int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
	default:
		return false
	}
	return true
}

func readNumbers(numbers []uint32, b []byte, width int) bool {
	switch width {
	case 1:
		for i := range numbers {
			numbers[i] = uint32(b[i])
		}
	case 2:
		for i := range numbers {
			numbers[i] = uint32(binary.LittleEndian.Uint16(b[2*i:]))
		}
	case 4:
		for i := range numbers {
			numbers[i] = binary.LittleEndian.Uint32(b[4*i:])
		}
	default:
		return false
	}
	return true
}

// readBits copies eight flags at a time.
func readBits(flags []bool, b []byte) {
	for i, bits := range b {
		copy(flags[8*i:], flagsOf[bits][:])
	}
}

// flagsOf has the eight bits of every byte.
var flagsOf = func() (table [256][8]bool) {
	for bits := range table {
		for i := range table[bits] {
			table[bits][i] = bits>>i&1 != 0
		}
	}
	return table
}()
