package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"go.etcd.io/bbolt"
)

// PutCommits stores those commits of a repository that are not stored yet, with their authors and
// columns; what is stored already stays as it is, because a hash stands for one content. So a page may be
// stored again after an interrupt. It returns how many commits that are not boundaries became stored.
func (tx *Tx) PutCommits(uuid UUID, commits []Commit) (added int, err error) {
	if err := checkHashes(uuid, commits); err != nil || len(commits) == 0 {
		return 0, err
	}
	records, columns, err := createNested(tx.bolt, uuid)
	if err != nil {
		return 0, fmt.Errorf("store commits of %s: %w", uuid, err)
	}
	sorted := make([]*Commit, len(commits)) // a page of the tree is then written to once
	for i := range commits {
		sorted[i] = &commits[i]
	}
	slices.SortStableFunc(sorted, func(a, b *Commit) int { return CompareHashes(a.Hash, b.Hash) })
	var more []columnRow // of what is new, but for boundaries, which no report counts
	for _, c := range sorted {
		if records.Get(c.Hash[:]) != nil { // stored before, or twice in this page
			continue
		}
		author, err := tx.authorNumber(c.Author)
		if err != nil {
			return 0, err
		}
		if err := records.Put(c.Hash[:], encodeRecord(c, author)); err != nil {
			return 0, fmt.Errorf("store commit %s of %s: %w", c.Hash, uuid, err)
		}
		if !c.Boundary {
			more = append(more, columnRow{c.Date, author, c.IsMerge()})
		}
	}
	return len(more), tx.appendColumns(uuid, columns, more)
}

// checkHashes refuses the zero hash, which stands for "no commit" in Repository and Walk, and as a parent
// could never be fetched.
func checkHashes(uuid UUID, commits []Commit) error {
	if uuid == "" {
		return errors.New("store commits: the repository has no uuid")
	}
	for i := range commits {
		if c := &commits[i]; c.Hash.IsZero() || slices.ContainsFunc(c.Parents, Hash.IsZero) {
			return fmt.Errorf("store commits of %s: commit %s or a parent has no hash", uuid, c.Hash)
		}
	}
	return nil
}

// PromoteBoundaries makes ordinary commits of stored boundaries, after the floor of their repository was
// moved to an earlier date. From then on they are in the columns, and counted. Hashes that are not stored,
// or not boundaries, are skipped. It returns how many were promoted.
func (tx *Tx) PromoteBoundaries(uuid UUID, hashes []Hash) (added int, err error) {
	records, columns, err := tx.buckets(uuid)
	if err != nil || records == nil {
		return 0, err
	}
	var more []columnRow
	for _, h := range hashes {
		r, ok, err := tx.record(uuid, records, h)
		if err != nil {
			return 0, err
		}
		if !ok || !r.boundary {
			continue
		}
		c := Commit{Hash: h, Date: r.date, Parents: r.parentHashes(), Message: string(r.message)}
		if err := records.Put(h[:], encodeRecord(&c, r.author)); err != nil {
			return 0, fmt.Errorf("store commit %s of %s: %w", h, uuid, err)
		}
		more = append(more, r.row())
	}
	return len(more), tx.appendColumns(uuid, columns, more)
}

// DropCommits removes commits from a repository and from its columns. Hashes that are not stored
// are skipped. It returns how many commits that were not boundaries it removed. Its cost grows with
// all columns of the repository, 13 bytes a commit. Authors without commits stay: a number is never given out
// again.
func (tx *Tx) DropCommits(uuid UUID, hashes []Hash) (removed int, err error) {
	records := nested(tx.bolt, commitsName, uuid)
	if records == nil {
		return 0, nil
	}
	dropped := map[columnRow]int{} // how often each row has to go
	for _, h := range hashes {
		r, ok, err := tx.record(uuid, records, h)
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		if !r.boundary {
			dropped[r.row()]++
			removed++
		}
		if err := records.Delete(h[:]); err != nil {
			return 0, fmt.Errorf("drop commit %s of %s: %w", h, uuid, err)
		}
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, tx.dropFromColumns(uuid, dropped)
}

// dropFromColumns removes each row as often as dropped says. Rows have no hash, but equal rows stand for
// commits that no count tells apart, so that it does not matter which of them goes.
func (tx *Tx) dropFromColumns(uuid UUID, dropped map[columnRow]int) error {
	var kept []columnRow
	for b, err := range tx.Blocks(uuid) {
		if err != nil {
			return err
		}
		for i := range b.Dates {
			if row := b.row(i); dropped[row] > 0 {
				dropped[row]--
			} else {
				kept = append(kept, row)
			}
		}
	}
	for _, n := range dropped {
		if n > 0 {
			return tx.damaged("columns of %s differ from its commits", uuid)
		}
	}
	return tx.replaceColumns(uuid, kept)
}

// record reads one record. What it returns ends with the transaction.
func (tx *Tx) record(uuid UUID, records *bbolt.Bucket, h Hash) (r record, ok bool, err error) {
	value := records.Get(h[:])
	if value == nil {
		return r, false, nil
	}
	r, err = tx.decode(uuid, h[:], value)
	return r, err == nil, err
}

// decode reads the value of a record. What it returns ends with the transaction.
func (tx *Tx) decode(uuid UUID, key, value []byte) (record, error) {
	r, err := decodeRecord(key, value)
	if err != nil {
		err = tx.damaged("commit %.20x of %s: %v", key, uuid, err)
	}
	return r, err
}

// Has reports whether a commit is stored, as a boundary too.
func (tx *Tx) Has(uuid UUID, h Hash) bool {
	records := nested(tx.bolt, commitsName, uuid)
	return records != nil && records.Get(h[:]) != nil
}

// Commit returns a stored commit.
func (tx *Tx) Commit(uuid UUID, h Hash) (c Commit, ok bool, err error) {
	records := nested(tx.bolt, commitsName, uuid)
	if records == nil {
		return c, false, nil
	}
	r, ok, err := tx.record(uuid, records, h)
	if !ok || err != nil {
		return c, false, err
	}
	c, err = tx.commit(&r)
	return c, err == nil, err
}

// commit makes a Commit that outlives the transaction.
func (tx *Tx) commit(r *record) (Commit, error) {
	author, err := tx.author(r.author)
	return Commit{
		Hash:     r.hash,
		Date:     r.date,
		Author:   author,
		Parents:  r.parentHashes(),
		Message:  string(r.message),
		Boundary: r.boundary,
	}, err
}

// Commits yields every commit of a repository, boundaries too, in the order of their hashes. It
// ends after the first error.
func (tx *Tx) Commits(uuid UUID) iter.Seq2[Commit, error] {
	return func(yield func(Commit, error) bool) {
		for r, err := range tx.records(uuid, Hash{}) {
			var c Commit
			if err == nil {
				c, err = tx.commit(&r)
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// records yields the records of a repository from a hash on, in the order of the hashes. It goes on where
// one cannot be decoded, or the columns are missing, because Check tells of each. It ends where keys do not
// ascend.
func (tx *Tx) records(uuid UUID, from Hash) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		records, _, err := tx.buckets(uuid)
		if err != nil && !yield(record{}, err) || records == nil {
			return
		}
		cursor := records.Cursor()
		key, value := cursor.Seek(from[:])
		ascending := key == nil || bytes.Compare(from[:], key) <= 0
		for key != nil && ascending {
			if !yield(tx.decode(uuid, key, value)) {
				return
			}
			before := key
			key, value = cursor.Next()
			ascending = key == nil || bytes.Compare(before, key) < 0
		}
		if !ascending {
			yield(record{}, tx.notAscending(uuid))
		}
	}
}

// notAscending is the error for keys that do not ascend. Each page of a damaged file may be sound, and the
// tree have one of them twice: its commits would be counted twice, and a reader that goes on from a key
// could go in circles.
func (tx *Tx) notAscending(uuid UUID) error {
	return tx.damaged("commits of %s are not in the order of their hashes", uuid)
}
