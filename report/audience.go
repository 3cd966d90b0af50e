package report

import "math/bits"

// An audience holds the distinct persons of each slot: one bit for each slot and person as long
// as that is little memory. Of the slots beyond it knows the first person, who is the only one
// of most, and pairs for the others. There is no set for each slot.
type audience struct {
	stride int      // words for each slot
	words  []uint64 // slots one after another
	firsts []uint32 // of the slots beyond: person + 1; 0: nobody
	pairs  pairSet  // slot << 32 + person
}

const maxWords = 1 << 18 // 2 MiB

func newAudience(people int) *audience {
	return &audience{stride: max(people+63, 64) / 64}
}

func (a *audience) add(slot, person uint32) {
	word := int(slot)*a.stride + int(person>>6)
	if word >= len(a.words) {
		a.addBeyond(slot, person)
		return
	}
	a.words[word] |= 1 << (person & 63)
}

// likely guesses how many words of memory so many slots take that have so many commits together.
func (a *audience) likely(slots, commits int) int {
	beyond := max(0, slots-a.withBits())
	return min(slots, a.withBits())*a.stride + 2*min(beyond*a.stride*64, commits)
}

// withBits is how many slots have bits, at most.
func (a *audience) withBits() int { return maxWords / a.stride }

// addBeyond makes room for a slot, or keeps its persons without bits. All slots before one that
// has bits have bits.
func (a *audience) addBeyond(slot, person uint32) {
	if beyond := int(slot) - a.withBits(); beyond >= 0 {
		a.addPair(beyond, slot, person)
		return
	}
	need := (int(slot) + 1) * a.stride
	grown := min(max(need, 2*len(a.words)), a.withBits()*a.stride)
	a.words = append(a.words, make([]uint64, grown-len(a.words))...)
	a.words[int(slot)*a.stride+int(person>>6)] |= 1 << (person & 63)
}

func (a *audience) addPair(beyond int, slot, person uint32) {
	if grow := beyond + 1 - len(a.firsts); grow > 0 {
		a.firsts = append(a.firsts, make([]uint32, max(grow, len(a.firsts), 1024))...)
	}
	switch a.firsts[beyond] {
	case 0:
		a.firsts[beyond] = person + 1
	case person + 1:
	default:
		a.pairs.add(uint64(slot)<<32 | uint64(person))
	}
}

// merge adds another audience, whose slots are other slots here.
func (a *audience) merge(from *audience, to []uint32) {
	from.each(len(to), func(slot, person uint32) { a.add(to[slot], person) })
}

// each calls f once for each person of each of so many slots.
func (a *audience) each(slots int, f func(slot, person uint32)) {
	for slot := range min(slots, len(a.words)/a.stride) {
		for i, word := range a.words[slot*a.stride : (slot+1)*a.stride] {
			for ; word != 0; word &= word - 1 {
				f(uint32(slot), uint32(i<<6+bits.TrailingZeros64(word)))
			}
		}
	}
	for i, first := range a.firsts {
		if first != 0 {
			f(uint32(a.withBits()+i), first-1)
		}
	}
	for pair := range a.pairs.all() {
		f(uint32(pair>>32), uint32(pair))
	}
}

// sizes counts the persons of each of so many slots.
func (a *audience) sizes(slots int) []uint32 {
	sizes := make([]uint32, slots)
	for slot := range min(slots, len(a.words)/a.stride) {
		for _, word := range a.words[slot*a.stride : (slot+1)*a.stride] {
			sizes[slot] += uint32(bits.OnesCount64(word))
		}
	}
	for i, first := range a.firsts {
		if first != 0 {
			sizes[a.withBits()+i]++
		}
	}
	for pair := range a.pairs.all() {
		sizes[pair>>32]++
	}
	return sizes
}

// union counts the distinct persons of the slots that are in.
func (a *audience) union(in []bool) uint32 {
	n, seen := uint32(0), make([]bool, a.stride*64)
	a.each(len(in), func(slot, person uint32) {
		if in[slot] && !seen[person] {
			seen[person] = true
			n++
		}
	})
	return n
}
