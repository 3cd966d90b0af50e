package store

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"

	"go.etcd.io/bbolt"
)

// Facts are commits without what counting does not need; index i of each slice is one commit.
type Facts struct {
	Dates   []int64  // seconds since 1970
	Authors []uint32 // numbers; see Tx.Authors
	Merges  []bool
}

// An Extent says how much of a repository is stored; all zero where nothing is.
type Extent struct {
	Commits, Merges int
	First, Last     int64 // lowest and highest date
}

type fact struct {
	date   int64
	author uint32
	merge  bool
}

func (f *Facts) add(a fact) {
	f.Dates = append(f.Dates, a.date)
	f.Authors = append(f.Authors, a.author)
	f.Merges = append(f.Merges, a.merge)
}

// resize gives the slices length n; what they hold then is arbitrary.
func (f *Facts) resize(n int) {
	f.Dates = slices.Grow(f.Dates[:0], n)[:n]
	f.Authors = slices.Grow(f.Authors[:0], n)[:n]
	f.Merges = slices.Grow(f.Merges[:0], n)[:n]
}

// slice returns commits i to j, sharing memory.
func (f *Facts) slice(i, j int) *Facts {
	return &Facts{f.Dates[i:j], f.Authors[i:j], f.Merges[i:j]}
}

func (f *Facts) extent() Extent {
	e := Extent{Commits: len(f.Dates)}
	if e.Commits > 0 {
		e.First, e.Last = slices.Min(f.Dates), slices.Max(f.Dates)
	}
	for _, merge := range f.Merges {
		if merge {
			e.Merges++
		}
	}
	return e
}

// Facts yields the commits of a repository but boundaries, a block at a time. Blocks that lie
// wholly outside of [since, until] (seconds since 1970, both within) are left out, the others
// are whole: filter by date yourself. The slices are used again for the next block. It ends
// after the first error.
func (tx *Tx) Facts(uuid UUID, since, until int64) iter.Seq2[*Facts, error] {
	return tx.SectionFacts(uuid, Section{end: math.MaxUint32}, since, until)
}

// A Section is some of the blocks of a repository, so that several workers can read it.
type Section struct{ first, end uint32 }

const sectionLength = 32 // blocks in a section: 65,536 commits

// Sections are those of a repository in the order of its Facts, and how many commits they have
// together.
func (tx *Tx) Sections(uuid UUID) (all []Section, commits int, err error) {
	defer watchFaults()()
	b, err := tx.columnsOf(uuid)
	if b == nil || err != nil {
		return nil, 0, err
	}
	blocks := (b.Sequence() + blockLength - 1) / blockLength
	for first := uint64(0); first < blocks; first += sectionLength {
		all = append(all, Section{uint32(first), uint32(min(first+sectionLength, blocks))})
	}
	return all, int(b.Sequence()), nil
}

// SectionFacts is Facts for one section.
func (tx *Tx) SectionFacts(uuid UUID, s Section, since, until int64) iter.Seq2[*Facts, error] {
	return func(yield func(*Facts, error) bool) {
		defer watchFaults()()
		b, err := tx.columnsOf(uuid)
		if err != nil {
			yield(nil, err)
		}
		if b == nil {
			return
		}
		f := tx.spare
		if tx.spare = nil; f == nil {
			f = &Facts{}
		}
		defer func() { tx.spare = f }()
		err = eachBlockOf(b, s, func(key, block []byte, e Extent) (bool, error) {
			tx.visit()
			if e.Last < since || e.First > until {
				return true, nil
			}
			if key[len(key)-1]%2 == 0 {
				tx.want(block)
			}
			if err := f.decodeBlock(key, block, e); err != nil {
				return false, err
			}
			return yield(f, nil), nil
		})
		if err != nil {
			yield(nil, tx.damaged("columns of %s: %v", uuid, err))
		}
	}
}

// eachBlock calls f with every block and its head until it returns false.
func eachBlock(b *bbolt.Bucket, f func(key, block []byte, e Extent) (bool, error)) error {
	return eachBlockOf(b, Section{end: math.MaxUint32}, f)
}

// eachBlockOf is eachBlock for a section. Blocks are numbered without gaps, all but the last are
// full, and the bucket's sequence says how many commits they hold together: so a block that was
// lost is missed.
func eachBlockOf(b *bbolt.Bucket, s Section,
	f func(key, block []byte, e Extent) (bool, error)) error {
	next, cursor := s.first, b.Cursor()
	key, block := cursor.Seek(blockKey(next))
	for ; key != nil && next < s.end; key, block = cursor.Next() {
		if n, ok := parseNumber(key); !ok || n != next {
			return fmt.Errorf("block %x stands where %d should", key, next)
		}
		e, err := decodeHead(key, block)
		if want := heldBy(next, b.Sequence()); err == nil && uint64(e.Commits) != want {
			err = fmt.Errorf("%d commits of %d are there", e.Commits, want)
		}
		if err != nil {
			return fmt.Errorf("block %d: %w", next, err)
		}
		if ok, err := f(key, block, e); err != nil {
			return fmt.Errorf("block %d: %w", next, err)
		} else if !ok {
			return nil
		}
		next++
	}
	if next < s.end && heldBy(next, b.Sequence()) > 0 {
		return fmt.Errorf("block %d is missing", next)
	}
	return nil
}

// heldBy is how many of so many commits stand in one block.
func heldBy(number uint32, commits uint64) uint64 {
	before := uint64(number) * blockLength
	return min(max(commits, before)-before, blockLength)
}

// Extent sums up a repository from the heads of its blocks alone.
func (tx *Tx) Extent(uuid UUID) (sum Extent, err error) {
	defer watchFaults()()
	b, err := tx.columnsOf(uuid)
	if b == nil || err != nil {
		return sum, err
	}
	err = eachBlock(b, func(_, _ []byte, e Extent) (bool, error) {
		if sum.Commits == 0 {
			sum.First, sum.Last = e.First, e.Last
		}
		sum.Commits += e.Commits
		sum.Merges += e.Merges
		sum.First = min(sum.First, e.First)
		sum.Last = max(sum.Last, e.Last)
		return true, nil
	})
	if err != nil {
		return Extent{}, tx.damaged("columns of %s: %v", uuid, err)
	}
	return sum, nil
}

// columnsOf returns the bucket of a repository's columns, nil where nothing is stored. The buckets of a
// repository come together: one without the others is damage. Of the other two it asks only whether
// they are there: whoever counts has no business in them.
func (tx *Tx) columnsOf(uuid UUID) (*bbolt.Bucket, error) {
	if s := tx.commits[uuid]; s != nil {
		if err := s.flush(); err != nil {
			return nil, err
		}
	}
	b := tx.nested(columnsName, uuid)
	for _, name := range [][]byte{commitsName, placesName} {
		if other := nested(tx.bolt, name, uuid); (other == nil) != (b == nil) {
			return nil, tx.damaged("commits, places or columns of %s are missing", uuid)
		}
	}
	return b, nil
}

// appendColumns adds commits to the columns of a repository.
func (tx *Tx) appendColumns(uuid UUID, add *Facts) error {
	b, err := tx.columnsOf(uuid)
	if err != nil {
		return err
	}
	number, all, err := tx.lastBlock(uuid, b)
	if err != nil {
		return err
	}
	commits := b.Sequence() + uint64(len(add.Dates))
	all.Dates = append(all.Dates, add.Dates...)
	all.Authors = append(all.Authors, add.Authors...)
	all.Merges = append(all.Merges, add.Merges...)
	if err := putBlocks(b, number, all, commits); err != nil {
		return fmt.Errorf("store columns of %s: %w", uuid, err)
	}
	return nil
}

// lastBlock returns the block to be rewritten with what is in it: none where it is full.
func (tx *Tx) lastBlock(uuid UUID, b *bbolt.Bucket) (number uint32, f *Facts, err error) {
	f = &Facts{}
	key, block := b.Cursor().Last()
	if key == nil {
		return 0, f, nil
	}
	number, ok := parseNumber(key)
	e, err := decodeHead(key, block)
	if !ok || err != nil {
		return 0, nil, tx.damaged("columns of %s, last block %x: %v", uuid, key, cmp.Or(err, errForm))
	}
	if e.Commits >= blockLength {
		return number + 1, f, nil
	}
	if err := f.decodeBlock(key, block, e); err != nil {
		return 0, nil, tx.damaged("columns of %s, last block %x: %v", uuid, key, err)
	}
	return number, f, nil
}

// putBlocks writes all of f as blocks from number on; commits is how many there are in all.
func putBlocks(b *bbolt.Bucket, number uint32, f *Facts, commits uint64) error {
	b.FillPercent = 1 // blocks are only ever added at the end
	for i := 0; i < len(f.Dates); i += blockLength {
		key := blockKey(number)
		part := f.slice(i, min(i+blockLength, len(f.Dates)))
		if err := b.Put(key, encodeBlock(key, part)); err != nil {
			return err
		}
		number++
	}
	return b.SetSequence(commits)
}

// rebuildColumns derives the columns of a repository anew from its records, ordered by
// date: dates then differ by little, and a period lies in few blocks.
func (s *commitSet) rebuildColumns() error {
	var facts []fact
	err := s.each(func(_ Hash, _ place, r *record) error {
		if !r.boundary {
			facts = append(facts, fact{r.date, r.author, r.isMerge()})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = deleteNested(s.tx.bolt, columnsName, s.uuid)
	if err == nil {
		_, err = createNested(s.tx.bolt, columnsName, s.uuid)
	}
	if err != nil {
		return fmt.Errorf("store columns of %s: %w", s.uuid, err)
	}
	return s.tx.appendColumns(s.uuid, columnsOf(facts))
}

// columnsOf orders facts by date, author and merge, and turns them into columns.
func columnsOf(facts []fact) *Facts {
	slices.SortFunc(facts, compareFacts)
	f := &Facts{}
	f.resize(len(facts))
	for i, a := range facts {
		f.Dates[i], f.Authors[i], f.Merges[i] = a.date, a.author, a.merge
	}
	return f
}

func compareFacts(a, b fact) int {
	if c := cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.author, b.author)); c != 0 {
		return c
	}
	switch {
	case a.merge == b.merge:
		return 0
	case a.merge:
		return 1
	}
	return -1
}
