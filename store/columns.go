package store

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"go.etcd.io/bbolt"
)

// A Block is a part of the columns of a repository: index i of each slice is one commit.
type Block struct {
	Dates   []int64  // seconds since 1970
	Authors []uint32 // numbers; see Tx.Authors
	Merges  []bool
}

// A block is small enough that appending a page of commits rewrites 27 kB at most, and large enough that the
// keys and checksums of the blocks do not matter. Its fields have a fixed width and stand
// together, so that a loop over each decodes them.
const (
	blockLength = 2048      // commits in a full block
	blockWidth  = 8 + 4 + 1 // bytes a commit
	mergeFlag   = 1
)

// A columnRow is one commit as the columns have it. Rows can be compared, counted and moved between blocks
// one by one; a Block has its fields apart, because a report reads a million of them.
type columnRow struct {
	date   int64
	author uint32
	merge  bool
}

func (b *Block) row(i int) columnRow { return columnRow{b.Dates[i], b.Authors[i], b.Merges[i]} }

func encodeBlock(key []byte, rows []columnRow) []byte {
	value := make([]byte, 0, len(rows)*blockWidth+checksumLength)
	for _, row := range rows {
		value = binary.LittleEndian.AppendUint64(value, uint64(row.date))
	}
	for _, row := range rows {
		value = binary.LittleEndian.AppendUint32(value, row.author)
	}
	for _, row := range rows {
		flags := byte(0)
		if row.merge {
			flags = mergeFlag
		}
		value = append(value, flags)
	}
	return appendChecksum(key, value)
}

// decode reads a block into b, in place of what b held.
func (b *Block) decode(key, value []byte) error {
	body, err := verifyChecksum(key, value)
	if err != nil {
		return err
	}
	n := len(body) / blockWidth
	if n == 0 || n > blockLength || len(body)%blockWidth != 0 {
		return errForm
	}
	b.Dates = slices.Grow(b.Dates[:0], n)[:n]
	b.Authors = slices.Grow(b.Authors[:0], n)[:n]
	b.Merges = slices.Grow(b.Merges[:0], n)[:n]
	dates, authors, flags := body[:8*n], body[8*n:12*n], body[12*n:]
	for i := range n {
		b.Dates[i] = int64(binary.LittleEndian.Uint64(dates[8*i:]))
		b.Authors[i] = binary.LittleEndian.Uint32(authors[4*i:])
		b.Merges[i] = flags[i] == mergeFlag
		if flags[i] > mergeFlag {
			return errForm
		}
	}
	return nil
}

// Blocks yields the columns of a repository, a block at a time. The slices are used again for the
// next block. It ends after the first error. A checksum holds for one block alone, so that blocks which are
// missing, or there twice, are found by their numbers and by the number of commits in all of them.
func (tx *Tx) Blocks(uuid UUID) iter.Seq2[*Block, error] {
	return func(yield func(*Block, error) bool) {
		_, columns, err := tx.buckets(uuid)
		if err != nil {
			yield(nil, err)
			return
		}
		if columns == nil {
			return
		}
		b, next, commits := &Block{}, uint32(0), uint64(0)
		for key, value := range each(columns) {
			// Only the last block may have fewer commits than fit into one.
			number, ok := parseNumber(key)
			if !ok || number != next || commits%blockLength != 0 {
				yield(nil, tx.damaged("columns of %s: block %.20x is stored where %d should be", uuid, key, next))
				return
			}
			if err := b.decode(key, value); err != nil {
				yield(nil, tx.damaged("columns of %s: block %d: %v", uuid, next, err))
				return
			}
			next, commits = next+1, commits+uint64(len(b.Dates))
			if !yield(b, nil) {
				return
			}
		}
		if commits != columns.Sequence() {
			yield(nil, tx.damaged("columns of %s: they have %d of %d commits", uuid, commits, columns.Sequence()))
		}
	}
}

// each yields the keys and values of a bucket, in order.
func each(b *bbolt.Bucket) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		cursor := b.Cursor()
		for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
			if !yield(key, value) {
				return
			}
		}
	}
}

// An Extent says how much of a repository is stored; all zero where nothing is.
type Extent struct {
	Commits, Merges int
	First, Last     int64 // lowest and highest date
}

// Extent sums up a repository from its columns.
func (tx *Tx) Extent(uuid UUID) (e Extent, err error) {
	for b, err := range tx.Blocks(uuid) {
		if err != nil {
			return Extent{}, err
		}
		if e.Commits == 0 {
			e.First, e.Last = b.Dates[0], b.Dates[0]
		}
		e.Commits += len(b.Dates)
		e.First, e.Last = min(e.First, slices.Min(b.Dates)), max(e.Last, slices.Max(b.Dates))
		for _, merge := range b.Merges {
			if merge {
				e.Merges++
			}
		}
	}
	return e, nil
}

// appendColumns adds commits to the columns of a repository: the last block is filled, then new ones. The
// last block is written anew with each page of commits.
func (tx *Tx) appendColumns(uuid UUID, columns *bbolt.Bucket, more []columnRow) error {
	if len(more) == 0 {
		return nil
	}
	var rows []columnRow
	number, commits := uint32(0), columns.Sequence()+uint64(len(more))
	if key, value := columns.Cursor().Last(); key != nil {
		b := &Block{}
		last, ok := parseNumber(key)
		if err := b.decode(key, value); err != nil || !ok {
			return tx.damaged("columns of %s: last block %.20x: %v", uuid, key, err)
		}
		for i := range b.Dates {
			rows = append(rows, b.row(i))
		}
		number = last
	}
	if err := putBlocks(columns, number, append(rows, more...), commits); err != nil {
		return fmt.Errorf("store columns of %s: %w", uuid, err)
	}
	return nil
}

// putBlocks writes all rows as blocks from number on; commits is how many there are in the bucket then.
// That number is kept as the bucket's sequence, which bbolt keeps beside the root of a bucket, so that Info
// and Blocks find it without reading the blocks.
func putBlocks(columns *bbolt.Bucket, number uint32, rows []columnRow, commits uint64) error {
	columns.FillPercent = 1 // pages of the file are filled: blocks are only added at the end
	for block := range slices.Chunk(rows, blockLength) {
		key := numberKey(number)
		if err := columns.Put(key, encodeBlock(key, block)); err != nil {
			return err
		}
		number++
	}
	return columns.SetSequence(commits)
}

// replaceColumns writes the columns of a repository anew. The bucket is made anew too: it may have had more
// blocks.
func (tx *Tx) replaceColumns(uuid UUID, rows []columnRow) error {
	err := tx.bolt.Bucket(columnsName).DeleteBucket([]byte(uuid))
	var columns *bbolt.Bucket
	if err == nil {
		columns, err = tx.bolt.Bucket(columnsName).CreateBucket([]byte(uuid))
	}
	if err == nil {
		err = putBlocks(columns, 0, rows, uint64(len(rows)))
	}
	if err != nil {
		return fmt.Errorf("store columns of %s: %w", uuid, err)
	}
	return nil
}
