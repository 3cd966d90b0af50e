package report

import "runtime"

// Slots number keys as they turn up, and hold the cell of each. Small keys are looked up in a
// slice, which most reports never leave; for the others there is one open-addressed table, half
// the time of a map and a third of its memory. Keys and cells stand in chunks, which are never
// copied: a slice that grows would need twice the memory, and fresh memory is what a report of
// many rows spends most of its time on.
type slots struct {
	likely int // keys that may come; 0: few
	n      int
	chunks []*[chunkRows]keyed
	small  []uint32 // key → slot + 1
	large  []uint32 // slot + 1; 0: free
	shift  uint     // 64 - log2 of the length of large
	inside int      // slots in large
}

// keyed is a cell and its key, half a cache line.
type keyed struct {
	key uint64
	cell
}

const (
	smallKeys = 1 << 18
	chunkRows = 1 << 11

	spread = 0x9e3779b97f4a7c15 // Fibonacci hashing: the upper bits depend on all of the key
)

func (s *slots) at(slot uint32) *keyed { return &s.chunks[slot/chunkRows][slot%chunkRows] }

// of is the slot of a key, a new one where the key is.
func (s *slots) of(key uint64) uint32 {
	if slot, ok := s.find(key); ok {
		return slot
	}
	slot := uint32(s.n)
	if s.n%chunkRows == 0 {
		s.chunks = append(s.chunks, new([chunkRows]keyed))
	}
	s.n++
	*s.at(slot) = keyed{key, empty}
	if key < smallKeys {
		s.setSmall(key, slot)
	} else {
		s.setLarge(key, slot)
	}
	return slot
}

// find is of for keys that may be unknown.
func (s *slots) find(key uint64) (slot uint32, ok bool) {
	if key < smallKeys {
		if key >= uint64(len(s.small)) {
			return 0, false
		}
		slot = s.small[key]
		return slot - 1, slot != 0
	}
	if len(s.large) == 0 {
		return 0, false
	}
	slot = s.large[s.home(key)]
	return slot - 1, slot != 0
}

// warm has the processor load where the keys stand and what was counted of them. These loads do
// not wait for each other, as those of one lookup do, which takes a seventh off the time of a
// report of many rows. The sum means nothing; without it, the compiler would leave all this out.
func (s *slots) warm(keys []uint64) (sum uint32) {
	for _, key := range keys {
		slot := uint32(0)
		if key < uint64(len(s.small)) {
			slot = s.small[key]
		} else if len(s.large) > 0 {
			slot = s.large[key*spread>>s.shift]
		}
		if slot != 0 {
			sum += s.at(slot - 1).commits
		}
	}
	return sum
}

func (s *slots) setSmall(key uint64, slot uint32) {
	if grow := int(key) + 1 - len(s.small); grow > 0 {
		grow = min(max(grow, len(s.small)), smallKeys-len(s.small))
		s.small = append(s.small, make([]uint32, grow)...)
	}
	s.small[key] = slot + 1
}

func (s *slots) setLarge(key uint64, slot uint32) {
	if s.inside*4 >= len(s.large)*3 {
		s.growLarge()
	}
	s.large[s.home(key)] = slot + 1
	s.inside++
}

// home is where a key stands in large, or where it would.
func (s *slots) home(key uint64) uint64 {
	mask := uint64(len(s.large) - 1)
	for i := key * spread >> s.shift; ; i = (i + 1) & mask {
		if slot := s.large[i]; slot == 0 || s.at(slot-1).key == key {
			return i
		}
	}
}

// close is called when no key is looked up any more. The order of many rows is made where the table was:
// a tenth of the memory.
func (s *slots) close() {
	many := len(s.large) > smallKeys
	s.small, s.large = nil, nil
	if many {
		runtime.GC()
	}
}

// growLarge doubles the table. The first is large enough for all keys that are likely.
func (s *slots) growLarge() {
	old, bits := s.large, uint(12)
	for 1<<bits <= len(old) || len(old) == 0 && 3<<bits < 4*s.likely {
		bits++
	}
	s.large, s.shift = make([]uint32, 1<<bits), 64-bits
	for _, slot := range old {
		if slot != 0 {
			s.large[s.home(s.at(slot-1).key)] = slot
		}
	}
}
