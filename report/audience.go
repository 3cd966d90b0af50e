package report

import "math/bits"

// An audience holds the distinct persons of each slot: one bit for each slot and person as long
// as that is little memory, and pairs for the slots beyond. There is no set for each slot.
type audience struct {
	stride int      // words for each slot
	words  []uint64 // slots one after another
	pairs  pairSet  // slot << 32 + person
}

const maxWords = 1 << 20 // 8 MiB

func newAudience(people int) *audience {
	return &audience{stride: (people + 63) / 64}
}

func (a *audience) add(slot, person uint32) {
	word := int(slot)*a.stride + int(person>>6)
	if word >= len(a.words) {
		a.addBeyond(slot, person)
		return
	}
	a.words[word] |= 1 << (person & 63)
}

// addBeyond makes room for a slot, or keeps its persons as pairs. All slots before one that has
// bits have bits.
func (a *audience) addBeyond(slot, person uint32) {
	most := maxWords / a.stride * a.stride
	need := (int(slot) + 1) * a.stride
	if need > most {
		a.pairs.add(uint64(slot)<<32 | uint64(person))
		return
	}
	grown := min(max(need, 2*len(a.words)), most)
	a.words = append(a.words, make([]uint64, grown-len(a.words))...)
	a.words[int(slot)*a.stride+int(person>>6)] |= 1 << (person & 63)
}

// merge adds another audience, whose slots are other slots here.
func (a *audience) merge(from *audience, to []uint32) {
	for slot := range len(from.words) / from.stride {
		for person := range from.bits(slot) {
			a.add(to[slot], person)
		}
	}
	for pair := range from.pairs.all() {
		a.add(to[pair>>32], uint32(pair))
	}
}

// bits yields the persons of a slot that are kept as bits.
func (a *audience) bits(slot int) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for i, word := range a.words[slot*a.stride : (slot+1)*a.stride] {
			for ; word != 0; word &= word - 1 {
				if !yield(uint32(i<<6 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// sizes counts the persons of each of so many slots.
func (a *audience) sizes(slots int) []int32 {
	sizes := make([]int32, slots)
	for slot := range min(slots, len(a.words)/a.stride) {
		for _, word := range a.words[slot*a.stride : (slot+1)*a.stride] {
			sizes[slot] += int32(bits.OnesCount64(word))
		}
	}
	for pair := range a.pairs.all() {
		sizes[pair>>32]++
	}
	return sizes
}

// union counts the distinct persons of the slots that are in.
func (a *audience) union(in []bool) int32 {
	people := map[uint32]struct{}{}
	for slot := range min(len(in), len(a.words)/a.stride) {
		if !in[slot] {
			continue
		}
		for person := range a.bits(slot) {
			people[person] = struct{}{}
		}
	}
	for pair := range a.pairs.all() {
		if in[pair>>32] {
			people[uint32(pair)] = struct{}{}
		}
	}
	return int32(len(people))
}
