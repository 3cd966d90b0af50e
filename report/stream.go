package report

import (
	"bytes"
	"iter"
	"slices"

	"trunkstat/store"
)

// A stream reads one member's commits in the order of their hashes, in chunks: handing over
// each commit alone would cost more than all the rest.
type stream struct {
	member int // the repository's index
	next   func() ([]store.HashedFact, error, bool)
	stop   func()
	chunk  []store.HashedFact // what is left of the last chunk
}

const chunkSize = 256

func newStream(tx *store.Tx, uuid store.UUID, member int) *stream {
	s := &stream{member: member}
	s.next, s.stop = iter.Pull2(func(yield func([]store.HashedFact, error) bool) {
		chunk := make([]store.HashedFact, 0, chunkSize)
		for fact, err := range tx.HashedFactsByHash(uuid) {
			if err != nil {
				yield(nil, err)
				return
			}
			if chunk = append(chunk, fact); len(chunk) == chunkSize {
				if !yield(chunk, nil) {
					return
				}
				chunk = chunk[:0]
			}
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	})
	return s
}

// fill reads the next chunk where the last is used up; ok is false at the end.
func (s *stream) fill() (ok bool, err error) {
	if len(s.chunk) > 0 {
		return true, nil
	}
	s.chunk, err, ok = s.next()
	return ok && err == nil, err
}

func (s *stream) hash() *store.Hash { return &s.chunk[0].Hash }

func compareStreams(a, b *stream) int {
	if c := bytes.Compare(a.hash()[:], b.hash()[:]); c != 0 {
		return c
	}
	return a.member - b.member
}

// mergeFamily calls visit once for each distinct commit of a family, in the order of hashes,
// with the members that have it, ascending. The fact is the first member's: an author may
// have been linked to an account in one copy and not yet in another. What visit gets is reused.
func mergeFamily(tx *store.Tx, repos []store.Repository, members []int,
	visit func(fact *store.HashedFact, holders []int) error) error {
	heap, stop, err := openStreams(tx, repos, members)
	defer stop()
	if err != nil {
		return err
	}
	holders := make([]int, 0, len(members))
	var fact store.HashedFact
	for len(heap) > 0 {
		fact = heap[0].chunk[0]
		holders = holders[:0]
		for len(heap) > 0 && *heap[0].hash() == fact.Hash {
			holders = append(holders, heap[0].member)
			if heap, err = advance(heap); err != nil {
				return err
			}
		}
		if err := visit(&fact, holders); err != nil {
			return err
		}
	}
	return nil
}

// openStreams makes a heap of the members that have commits.
func openStreams(tx *store.Tx, repos []store.Repository, members []int) ([]*stream, func(), error) {
	var opened, heap []*stream
	stop := func() {
		for _, s := range opened {
			s.stop()
		}
	}
	for _, member := range members {
		s := newStream(tx, repos[member].UUID, member)
		opened = append(opened, s)
		ok, err := s.fill()
		if err != nil {
			return nil, stop, err
		}
		if ok {
			heap = append(heap, s)
		}
	}
	slices.SortFunc(heap, compareStreams) // sorted is a heap
	return heap, stop, nil
}

// advance takes the first commit off the first stream and restores the heap.
func advance(heap []*stream) ([]*stream, error) {
	heap[0].chunk = heap[0].chunk[1:]
	ok, err := heap[0].fill()
	if err != nil {
		return heap, err
	}
	if !ok {
		last := len(heap) - 1
		heap[0] = heap[last]
		heap = heap[:last]
	}
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if compareStreams(heap[child], heap[least]) < 0 {
				least = child
			}
		}
		if least == i {
			return heap, nil
		}
		heap[i], heap[least] = heap[least], heap[i]
		i = least
	}
}
