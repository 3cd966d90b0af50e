package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A victim is a sound file, and what is in it.
type victim struct {
	bytes  []byte
	stored map[Hash]Commit
	uuids  []UUID
}

func newVictim(t *testing.T, batch int) *victim {
	t.Helper()
	v := &victim{stored: map[Hash]Commit{}}
	db := newDB(t)
	for i := range 3 {
		h := newHistory(uint64(i), 30)
		v.uuids = append(v.uuids, uuidOf(i))
		for range 3 {
			commits := h.take(batch)
			for _, c := range commits {
				v.stored[c.Hash] = c
			}
			update(t, db, func(tx *Tx) error {
				_, err := tx.PutCommits(uuidOf(i), commits)
				return errors.Join(err, putRooted(tx, repositoryOf(i, commits[batch-1].Hash)))
			})
		}
	}
	var err error
	if v.bytes, err = os.ReadFile(db.Path()); err != nil {
		t.Fatal(err)
	}
	return v
}

// file writes what damage made of the victim.
func (v *victim) file(t *testing.T, damage func([]byte) []byte) *DB {
	t.Helper()
	dir, err := os.MkdirTemp("", "trunkstat-damage-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A file stays mapped where bbolt panicked while it opened it, and Windows removes no such file.
		if err := os.RemoveAll(dir); err != nil && renamesOverOpenFiles {
			t.Error(err)
		}
	})
	db := Open(filepath.Join(dir, "trunkstat.db"))
	if err := os.WriteFile(db.Path(), damage(append([]byte(nil), v.bytes...)), 0o600); err != nil {
		t.Fatal(err)
	}
	return db
}

// known lets an error pass that says what is wrong and where.
func known(t *testing.T, db *DB, what string, err error) {
	t.Helper()
	ours := errors.Is(err, ErrDamaged) || errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer)
	if err != nil && (!ours || !strings.Contains(err.Error(), db.Path())) {
		t.Errorf("%s: %v", what, err)
	}
}

// read goes through everything: what it is given must be what was stored.
func (v *victim) read(tx *Tx) error {
	for _, uuid := range v.uuids {
		dates := map[int64]int{}
		for c, err := range tx.Commits(uuid) {
			if err != nil {
				return err
			}
			want := v.stored[c.Hash]
			want.Author = c.Author // authors are JSON without a checksum; the check compares their digests
			if !reflect.DeepEqual(c, want) {
				return fmt.Errorf("commit %+v was never stored", c)
			}
			dates[c.Date]++
		}
		for f, err := range tx.Blocks(uuid) {
			if err != nil {
				return err
			}
			for _, date := range f.Dates {
				if dates[date]--; dates[date] < 0 {
					return fmt.Errorf("facts of %s have the date %d, which no record has", uuid, date)
				}
			}
		}
	}
	_, err := tx.Authors()
	return errors.Join(err, drain(tx.MergedCommits(v.uuids)))
}

// write changes something everywhere.
func (v *victim) write(tx *Tx) error {
	for _, uuid := range v.uuids {
		fresh := newHistory(77, 5).take(30)
		if _, err := tx.PutCommits(uuid, fresh); err != nil {
			return err
		}
		if _, err := keep(tx, uuid, func(h Hash) bool { _, ok := v.stored[h]; return ok }); err != nil {
			return err
		}
	}
	return tx.PutBudget("x", Budget{Spent: map[int64]int{1: 1}})
}

// endure puts a damaged file through everything there is.
func (v *victim) endure(t *testing.T, damage func([]byte) []byte) {
	t.Helper()
	db := v.file(t, damage)
	err := db.View(t.Context(), v.read)
	known(t, db, "view", err)
	known(t, db, "merged", db.View(t.Context(), func(tx *Tx) error { return drain(tx.MergedCommits(v.uuids)) }))
	before, _ := os.ReadFile(db.Path())
	found, checked := db.Check(t.Context())
	known(t, db, "check", checked)
	if after, _ := os.ReadFile(db.Path()); !reflect.DeepEqual(before, after) {
		t.Error("reading changed the file")
	}
	if err != nil && checked == nil && len(found) == 0 {
		t.Errorf("the check found nothing, but reading said %v", err)
	}
	known(t, db, "update", db.Update(t.Context(), v.write))
	known(t, db, "view after the update", db.View(t.Context(), v.read))

	db = v.file(t, damage)
	_, _, err = db.Compact(t.Context())
	known(t, db, "compact", err)
	db = v.file(t, damage)
	_, err = db.Repair(t.Context())
	known(t, db, "repair", err)
	if err != nil {
		return
	}
	if left, err := db.Check(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("after the repair: %v, %v", left, err)
	}
	view(t, db, v.read)
}

func TestDamage(t *testing.T) {
	t.Parallel()
	v := newVictim(t, 120)
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:n] } }
	for name, damage := range map[string]func([]byte) []byte{
		"none":         func(b []byte) []byte { return b },
		"empty":        cut(0),
		"100 bytes":    cut(100),
		"a page":       cut(4096),
		"two pages":    cut(8192),
		"four pages":   cut(16384),
		"half":         cut(len(v.bytes) / 2),
		"half a page":  cut(len(v.bytes)/2 + 2048),
		"zeros":        func(b []byte) []byte { clear(b); return b },
		"heads zeroed": func(b []byte) []byte { clear(b[:8192]); return b },
		"first head":   func(b []byte) []byte { clear(b[:4096]); return b },
		"second head":  func(b []byte) []byte { clear(b[4096:8192]); return b },
		"sqlite":       func(b []byte) []byte { return append([]byte("SQLite format 3\x00"), make([]byte, 9000)...) },
		"text":         func(b []byte) []byte { return []byte(strings.Repeat("hello, world\n", 3000)) },
		"no free list": func(b []byte) []byte { return withMeta(b, freelistField, math.MaxUint64) },
		"root outside": func(b []byte) []byte { return withMeta(b, rootField, 1<<40) },
		"high water":   func(b []byte) []byte { return withMeta(b, pagesField, 1<<40) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v.endure(t, damage)
		})
	}
}

// TestBeyondRepair tells files that Repair can save something of from those that it cannot.
func TestBeyondRepair(t *testing.T) {
	t.Parallel()
	v := newVictim(t, 120)
	root := int(metaField(v.bytes, rootField)) * pageSize
	for name, test := range map[string]struct {
		damage func(b []byte) []byte
		want   error
	}{
		"empty":         {func(b []byte) []byte { return b[:0] }, ErrBeyondRepair},
		"one head":      {func(b []byte) []byte { return b[:4096] }, ErrBeyondRepair},
		"before root":   {func(b []byte) []byte { return b[:root] }, ErrBeyondRepair},
		"no heads":      {func(b []byte) []byte { clear(b[:8192]); return b }, ErrBeyondRepair},
		"root is noise": {func(b []byte) []byte { rand.NewChaCha8([32]byte{}).Read(b[root:][:4096]); return b }, ErrBeyondRepair},
		"high water":    {func(b []byte) []byte { return withMeta(b, pagesField, 1<<40) }, ErrBeyondRepair},
		"foreign":       {func(b []byte) []byte { return append([]byte("SQLite format 3\x00"), make([]byte, 9000)...) }, ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			db := v.file(t, test.damage)
			found, err := db.Check(t.Context())
			if !errors.Is(err, test.want) || (test.want == nil) != (len(found) > 0) {
				t.Errorf("check: %v, %v", found, err)
			}
			if _, err := db.Repair(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("repair: %v", err)
			}
		})
	}
}

// The offsets of some fields in bbolt's meta pages, behind the page header.
const (
	pageHeader       = 16
	rootField        = 16
	freelistField    = 32
	pagesField       = 40 // every page below this number was given out
	transactionField = 48
	sumField         = 56 // FNV-64a of all before it
)

// metaField reads a field of the newer of the two meta pages.
func metaField(b []byte, field int) uint64 {
	read := func(page, field int) uint64 { return binary.NativeEndian.Uint64(b[page*pageSize+pageHeader+field:]) }
	newer := 0
	if read(1, transactionField) > read(0, transactionField) {
		newer = 1
	}
	return read(newer, field)
}

// withMeta changes a field in both meta pages and gives them right checksums.
func withMeta(b []byte, field int, value uint64) []byte {
	for page := range 2 {
		meta := b[page*pageSize+pageHeader:]
		binary.NativeEndian.PutUint64(meta[field:], value)
		sum := fnv.New64a()
		sum.Write(meta[:sumField])
		binary.NativeEndian.PutUint64(meta[sumField:], sum.Sum64())
	}
	return b
}

// TestRandomDamage garbles pages, and flips single bytes, wherever.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	v := newVictim(t, 120)
	used := int(metaField(v.bytes, pagesField)) * pageSize
	seeds := 40
	if testing.Short() {
		seeds = 12
	}
	for seed := range seeds {
		damage := func(b []byte) []byte {
			rng := rand.New(rand.NewPCG(uint64(seed), 9))
			for range 1 + rng.IntN(3) {
				at := rng.IntN(used)
				switch rng.IntN(4) {
				case 0: // a page of noise
					for i := range pageSize {
						b[at&^(pageSize-1)+i] = byte(rng.Uint32())
					}
				case 1: // a page in the place of another
					copy(b[at&^(pageSize-1):], b[rng.IntN(used)&^(pageSize-1):][:pageSize])
				case 2: // one bit
					b[at] ^= 1 << rng.IntN(8)
				case 3: // one byte of the head of a page
					b[at&^(pageSize-1)+rng.IntN(200)] = byte(rng.Uint32())
				}
			}
			return b
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			v.endure(t, damage)
		})
	}
}

// TestRepairKeepsRepositories: where the authors cannot be read, the repositories are still known, with their
// floors, and are fetched again.
func TestRepairKeepsRepositories(t *testing.T) {
	v := newVictim(t, 120)
	db := v.file(t, func(b []byte) []byte {
		for page := range slices.Chunk(b, pageSize) {
			if bytes.Contains(page, []byte(`{"raw":"Person`)) {
				page[8] ^= 0xff // what kind of page it is
			}
		}
		return b
	})
	if found, err := db.Repair(t.Context()); err != nil || len(found) == 0 {
		t.Fatalf("repair: %v, %v", found, err)
	}
	view(t, db, func(tx *Tx) error {
		all, err := tx.Repositories()
		if len(all) != len(v.uuids) {
			t.Errorf("%d repositories are left of %d", len(all), len(v.uuids))
		}
		return err
	})
	if left, err := db.Check(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("after the repair: %v, %v", left, err)
	}
}

// TestPageTwice: a tree that has one of its pages twice is damaged, although each page is sound. A reader would
// count the commits of that page twice, and one that goes on from a key could go in circles.
func TestPageTwice(t *testing.T) {
	db := newDB(t)
	commits := newHistory(1, 30).take(3000)
	update(t, db, func(tx *Tx) error {
		_, err := tx.PutCommits(uuidOf(0), commits)
		return errors.Join(err, putRooted(tx, repositoryOf(0, commits[len(commits)-1].Hash)))
	})
	file, err := os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	var pointers [][]byte // to the leaves of commits, in file
	for page := range slices.Chunk(file, pageSize) {
		const branch, leaf, hash = 1, 2, 20
		if binary.NativeEndian.Uint16(page[8:]) != branch {
			continue
		}
		for i := range int(binary.NativeEndian.Uint16(page[10:])) {
			element := page[pageHeader+16*i:][:16]
			length, id := binary.NativeEndian.Uint32(element[4:]), binary.NativeEndian.Uint64(element[8:])
			if length == hash && id < uint64(len(file)/pageSize) &&
				binary.NativeEndian.Uint16(file[id*pageSize+8:]) == leaf {
				pointers = append(pointers, element[8:])
			}
		}
	}
	copy(pointers[len(pointers)/2], pointers[0])
	if err := os.WriteFile(db.Path(), file, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(tx *Tx) error{
		"commits": func(tx *Tx) error { return drain(tx.Commits(uuidOf(0))) },
		"merged":  func(tx *Tx) error { return drain(tx.MergedCommits([]UUID{uuidOf(0)})) },
	} {
		if err := db.View(t.Context(), f); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := db.Graph(t.Context(), uuidOf(0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("graph: %v", err)
	}
	if found, err := db.Check(t.Context()); err != nil || len(found) == 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}
