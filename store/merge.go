package store

import (
	"bytes"
	"container/heap"
	"iter"

	"go.etcd.io/bbolt"
)

// A SharedCommit is a commit without its parents, and the repositories that have it.
type SharedCommit struct {
	Hash   Hash
	Date   int64  // seconds since 1970
	Author uint32 // its number in the first of the repositories; see Tx.Authors
	Merge  bool
	// Message is that of the first of the repositories. It is good until the next commit.
	Message []byte
	In      []int // indices of the repositories, ascending; used again for the next commit
}

// MergedCommits yields the commits of several repositories, each hash once, in the order of the hashes,
// boundaries left out. Keys are in that order, so that commits which forks share are found next to each
// other, without a set of all hashes. It reads all records, at ten times the cost of Blocks. It ends after
// the first error.
func (tx *Tx) MergedCommits(uuids []UUID) iter.Seq2[*SharedCommit, error] {
	return tx.MergedCommitsFrom(Hash{}, uuids)
}

// MergedCommitsFrom is MergedCommits from a hash on.
func (tx *Tx) MergedCommitsFrom(first Hash, uuids []UUID) iter.Seq2[*SharedCommit, error] {
	return func(yield func(*SharedCommit, error) bool) {
		open, err := tx.openCursors(uuids, first)
		shared := &SharedCommit{}
		for len(open) > 0 && err == nil {
			var ok bool
			if ok, err = open.next(tx, shared); ok && !yield(shared, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// openCursors returns a cursor on the first record of each repository, from a hash on.
func (tx *Tx) openCursors(uuids []UUID, first Hash) (open cursors, err error) {
	for i, uuid := range uuids {
		records, _, err := tx.buckets(uuid)
		if err != nil {
			return nil, err
		}
		if records == nil {
			continue
		}
		c := &recordCursor{index: i, uuid: uuid, cursor: records.Cursor()}
		c.key, c.value = c.cursor.Seek(first[:])
		switch {
		case c.key == nil:
		case bytes.Compare(first[:], c.key) > 0:
			return nil, tx.notAscending(uuid)
		default:
			open = append(open, c)
		}
	}
	heap.Init(&open)
	return open, nil
}

// A recordCursor stands on one record of one repository. Its key and value point into the file, and are not
// decoded before their turn comes.
type recordCursor struct {
	index      int
	uuid       UUID
	cursor     *bbolt.Cursor
	key, value []byte
}

// cursors is a heap: the first has the lowest key, and of equal keys the lowest index. There may be hundreds:
// repositories that were made from one template share its root commit, and so are one family.
type cursors []*recordCursor

func (c cursors) Len() int      { return len(c) }
func (c cursors) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)   { *c = append(*c, x.(*recordCursor)) }
func (c cursors) Less(i, j int) bool {
	order := bytes.Compare(c[i].key, c[j].key)
	return order < 0 || order == 0 && c[i].index < c[j].index
}

func (c *cursors) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

// next moves all cursors on the lowest hash on, and describes the commit; ok is false where it is a
// boundary in every repository that has it.
func (c *cursors) next(tx *Tx, shared *SharedCommit) (ok bool, err error) {
	lowest := (*c)[0].key // of a damaged file, it may be no hash; decodeRecord returns an error then
	shared.In = shared.In[:0]
	for len(*c) > 0 && bytes.Equal((*c)[0].key, lowest) {
		first := (*c)[0]
		r, err := decodeRecord(first.key, first.value) // not Tx.decode, which makes a report of forks 3 % slower
		if err != nil {
			return false, tx.damaged("commit %.20x of %s: %v", first.key, first.uuid, err)
		}
		shared.Hash = r.hash
		if !r.boundary {
			if len(shared.In) == 0 {
				row := r.row()
				shared.Date, shared.Author, shared.Merge = row.date, row.author, row.merge
				shared.Message = r.message
			}
			shared.In = append(shared.In, first.index)
		}
		first.key, first.value = first.cursor.Next()
		switch {
		case first.key == nil:
			heap.Pop(c)
		case bytes.Compare(lowest, first.key) >= 0:
			return false, tx.notAscending(first.uuid)
		default:
			heap.Fix(c, 0)
		}
	}
	return len(shared.In) > 0, nil
}
