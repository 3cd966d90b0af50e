package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// The places of a repository are sorted by hash and cut into chunks, each keyed by a hash that is not
// below any of its own and below all of the next chunk's. A place is
//
//	20 bytes hash
//	uint32   number of the pack, big-endian
//	uint16   offset in it, big-endian
//
// and a chunk ends in a CRC-32C of its key and all of them.
//
// There are two generations. New hashes go among the young, few enough to be written anew with every
// transaction; every few thousand commits an eighth of them is merged into the old, of which then an
// eighth is written. So a commit costs some hundred bytes of places, and finding one two short searches.

type generation byte

const (
	young generation = iota
	old
)

var generations = []generation{young, old}

const (
	placeLength = hashLength + 4 + 2
	chunkLength = 512      // places in a full chunk
	youngLength = 16 << 10 // places that the young generation may have
)

// lastBound is not below any hash.
var lastBound = Hash(bytes.Repeat([]byte{0xff}, hashLength))

// A chunk is one as it stands in the file; entries is nil until its checksum was found right.
type chunk struct {
	key, value, entries []byte
}

// An entry is a hash and its place as a chunk has them.
type entry [placeLength]byte

func newEntry(h Hash, at place) (e entry) {
	copy(e[:], h[:])
	binary.BigEndian.PutUint32(e[hashLength:], at.pack)
	binary.BigEndian.PutUint16(e[hashLength+4:], at.offset)
	return e
}

// hashAt and placeAt read the entry i of a chunk.
func hashAt(chunk []byte, i int) []byte { return chunk[i*placeLength:][:hashLength] }

func placeAt(chunk []byte, i int) place {
	b := chunk[i*placeLength+hashLength:]
	return place{binary.BigEndian.Uint32(b), binary.BigEndian.Uint16(b[4:])}
}

// compareHashes is bytes.Compare, at half of its cost where the first bytes differ, as random ones do.
func compareHashes(a, b []byte) int {
	if x, y := binary.BigEndian.Uint64(a), binary.BigEndian.Uint64(b); x != y {
		return cmp.Compare(x, y)
	}
	return bytes.Compare(a[:hashLength], b[:hashLength])
}

// sortEntries first deals them out by their first bytes, which are random: two fifths of the time of
// sorting them as they are.
func sortEntries(entries []entry) {
	var end [257]int // of those with a first byte below
	for i := range entries {
		end[int(entries[i][0])+1]++
	}
	for b := range 256 {
		end[b+1] += end[b]
	}
	dealt := make([]entry, len(entries))
	for i := range entries {
		b := entries[i][0]
		dealt[end[b]] = entries[i]
		end[b]++
	}
	copy(entries, dealt)
	start := 0
	for _, end := range end[:256] {
		slices.SortFunc(entries[start:end], func(a, b entry) int { return compareHashes(a[:], b[:]) })
		start = end
	}
}

// searchChunk returns where h is in a chunk, or where it would be.
func searchChunk(chunk, h []byte) (i int, found bool) {
	low, high := 0, len(chunk)/placeLength
	for low < high {
		middle := (low + high) / 2
		switch c := compareHashes(hashAt(chunk, middle), h); {
		case c == 0:
			return middle, true
		case c < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return low, false
}

// mergeChunk returns the entries of a chunk and others, all sorted.
func mergeChunk(chunk []byte, others []entry) []byte {
	merged := make([]byte, 0, len(chunk)+len(others)*placeLength+sumLength)
	for i := range others {
		n, _ := searchChunk(chunk, others[i][:hashLength])
		merged = append(append(merged, chunk[:n*placeLength]...), others[i][:]...)
		chunk = chunk[n*placeLength:]
	}
	return append(merged, chunk...)
}

// putChunks puts entries in place of the chunk with that bound, in as many as it takes. They belong
// to bbolt from then on.
func putChunks(put func(key, value []byte) error, g generation, bound Hash, entries []byte) error {
	count := len(entries) / placeLength
	chunks := max(1, (count+chunkLength-1)/chunkLength)
	for i := range chunks {
		part := entries[i*count/chunks*placeLength : (i+1)*count/chunks*placeLength]
		key := chunkKey(g, bound)
		if i < chunks-1 {
			key = chunkKey(g, Hash(part[len(part)-placeLength:]))
			part = slices.Clip(part) // what follows is the next one's
		}
		if err := put(key, seal(key, part)); err != nil {
			return err
		}
	}
	return nil
}

// decodeChunk returns the entries of a chunk.
func decodeChunk(key, value []byte) ([]byte, error) {
	return wholePlaces(unseal(key, value))
}

func wholePlaces(chunk []byte, err error) ([]byte, error) {
	if err == nil && len(chunk)%placeLength != 0 {
		return nil, errForm
	}
	return chunk, err
}
