package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
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
	db := newDB(t)
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
			if !reflect.DeepEqual(c, v.stored[c.Hash]) {
				return fmt.Errorf("commit %+v was never stored", c)
			}
			dates[c.Date]++
		}
		for f, err := range tx.Facts(uuid, math.MinInt64, math.MaxInt64) {
			if err != nil {
				return err
			}
			for _, date := range f.Dates {
				if dates[date]--; dates[date] < 0 {
					return fmt.Errorf("facts of %s have the date %d, which no record has", uuid, date)
				}
			}
		}
		if err := errors.Join(drain(tx.HashedFacts(uuid)), drain(tx.HashedFactsByHash(uuid))); err != nil {
			return err
		}
	}
	_, err := tx.Authors()
	return errors.Join(err, tx.Parallel(2, func(_ int, tx *Tx) error {
		_, err := tx.Extent(v.uuids[0])
		return err
	}))
}

// write changes something everywhere.
func (v *victim) write(tx *Tx) error {
	for _, uuid := range v.uuids {
		fresh := newHistory(77, 5).take(30)
		if _, err := tx.PutCommits(uuid, fresh); err != nil {
			return err
		}
		if _, err := tx.Keep(uuid, func(h Hash) bool { _, ok := v.stored[h]; return ok }); err != nil {
			return err
		}
	}
	return tx.PutSpent("x", map[int64]int{1: 1})
}

// endure puts a damaged file through everything there is.
func (v *victim) endure(t *testing.T, damage func([]byte) []byte) {
	t.Helper()
	db := v.file(t, damage)
	err := db.View(t.Context(), v.read)
	known(t, db, "view", err)
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
		"no free list": func(b []byte) []byte { return withHead(b, 32, math.MaxUint64) },
		"root outside": func(b []byte) []byte { return withHead(b, 16, 1<<40) },
		"high water":   func(b []byte) []byte { return withHead(b, 40, 1<<40) },
	} {
		t.Run(name, func(t *testing.T) { v.endure(t, damage) })
	}
}

// TestCycles bends pointers of branch pages back to the page that they are on, or to another branch. bbolt
// alone would go in circles until the stack ends, and with it the process.
func TestCycles(t *testing.T) {
	v := newVictim(t, 1500) // many enough for branches
	branches := 0
	for id := range len(v.bytes) / pageSize {
		page := v.bytes[id*pageSize:][:pageSize]
		if !isBranch(page) || binary.NativeEndian.Uint64(page) != uint64(id) {
			continue
		}
		branches++
		for _, child := range []int{0, 1, len(appendChildren(nil, page)) - 1} {
			v.endure(t, func(b []byte) []byte {
				at := id*pageSize + pageHeader + 16*child + 8
				binary.NativeEndian.PutUint64(b[at:], uint64(id))
				return b
			})
		}
	}
	if branches < 3 {
		t.Errorf("%d branch pages: the test tests nothing", branches)
	}
}

// TestBeyondRepair tells files that Repair can save something of from those that it cannot.
func TestBeyondRepair(t *testing.T) {
	v := newVictim(t, 120)
	meta, _, err := readMeta(strings.NewReader(string(v.bytes)))
	if err != nil {
		t.Fatal(err)
	}
	root := int(meta.root) * pageSize
	for name, test := range map[string]struct {
		damage func(b []byte) []byte
		want   error
	}{
		"empty":         {func(b []byte) []byte { return b[:0] }, ErrBeyondRepair},
		"one head":      {func(b []byte) []byte { return b[:4096] }, ErrBeyondRepair},
		"before root":   {func(b []byte) []byte { return b[:root] }, ErrBeyondRepair},
		"no heads":      {func(b []byte) []byte { clear(b[:8192]); return b }, ErrBeyondRepair},
		"root is noise": {func(b []byte) []byte { rand.NewChaCha8([32]byte{}).Read(b[root:][:4096]); return b }, ErrBeyondRepair},
		"high water":    {func(b []byte) []byte { return withHead(b, 40, 1<<40) }, nil},
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

// withHead changes a number in both heads and gives them right checksums.
func withHead(b []byte, at int, value uint64) []byte {
	for _, head := range [][]byte{b[pageHeader:], b[pageSize+pageHeader:]} {
		binary.NativeEndian.PutUint64(head[at:], value)
		binary.NativeEndian.PutUint64(head[56:], headSum(head))
	}
	return b
}

const damageSeeds = 40

// TestRandomDamage garbles pages, and flips single bytes, wherever.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	v := newVictim(t, 120)
	meta, _, err := readMeta(strings.NewReader(string(v.bytes)))
	if err != nil {
		t.Fatal(err)
	}
	used := int(meta.pages) * pageSize
	for seed := range damageSeeds {
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
