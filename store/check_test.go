package store

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// chain stores n commits, each the parent of the next, as one repository that is up to date.
func chain(t *testing.T, db *DB, n int) []Commit {
	t.Helper()
	h := newHistory(9, 20)
	commits := h.take(n)
	for i := range commits {
		commits[i].Parents = nil
		if i > 0 {
			commits[i].Parents = []Hash{commits[i-1].Hash}
		}
	}
	update(t, db, func(tx *Tx) error {
		_, err := tx.PutCommits(uuidOf(0), commits)
		return errors.Join(err, putRooted(tx, repositoryOf(0, commits[n-1].Hash)))
	})
	return commits
}

// spoil changes the first byte of a value without telling anybody.
func spoil(tx *Tx, bucket []byte, path ...[]byte) error {
	b := tx.bolt.Bucket(bucket)
	for _, name := range path[:len(path)-1] {
		b = b.Bucket(name)
	}
	key := path[len(path)-1]
	value := slices.Clone(b.Get(key))
	value[0] ^= 0x55
	return b.Put(key, value)
}

// A spoiling breaks one thing of a chain of 30 commits.
type spoiling struct {
	name    string
	spoil   func(tx *Tx, c []Commit) error
	want    string // in a finding
	dropped bool   // the repair leaves the commits out
}

func spoilings() []spoiling {
	uuid := []byte(uuidOf(0))
	return []spoiling{
		{name: "nothing", spoil: func(*Tx, []Commit) error { return nil }},
		{"record", func(tx *Tx, c []Commit) error { return spoil(tx, commitsName, uuid, c[5].Hash[:]) },
			"checksum differs", true},
		{"record is gone", func(tx *Tx, c []Commit) error { return nested(tx.bolt, commitsName, uuidOf(0)).Delete(c[5].Hash[:]) },
			"columns hold 30 commits and differ from the 29", true},
		{"record under another key", func(tx *Tx, c []Commit) error {
			b := nested(tx.bolt, commitsName, uuidOf(0))
			return b.Put([]byte("12345678901234567890"), slices.Clone(b.Get(c[5].Hash[:])))
		}, "checksum differs", true},
		{"short key", func(tx *Tx, c []Commit) error {
			return nested(tx.bolt, commitsName, uuidOf(0)).Put([]byte{1}, appendChecksum([]byte{1}, []byte{0, 0, 0, 0}))
		}, "of an unknown form", true},
		{"short record", func(tx *Tx, c []Commit) error { // that a wrong program wrote
			return nested(tx.bolt, commitsName, uuidOf(0)).Put(c[5].Hash[:], appendChecksum(c[5].Hash[:], []byte{0x80}))
		}, "shorter than", true},
		{"all records are gone", func(tx *Tx, _ []Commit) error { return tx.bolt.Bucket(commitsName).DeleteBucket(uuid) },
			"commits or columns of", true},
		{"roots", func(tx *Tx, c []Commit) error { return tx.PutRepository(repositoryOf(0, c[29].Hash)) },
			"0 roots are stored, which are not the 1", true},
		{"unreached commit", func(tx *Tx, c []Commit) error {
			_, err := tx.PutCommits(uuidOf(0), []Commit{{Hash: Hash{1}, Parents: []Hash{c[3].Hash}}})
			return err
		}, "1 commits are stored that the head does not reach", true},
		{"unwanted parent", func(tx *Tx, c []Commit) error {
			_, err := tx.PutCommits(uuidOf(0), []Commit{{Hash: Hash{1}, Parents: []Hash{{2}}}})
			return errors.Join(err, tx.PutWalk(uuidOf(0), Walk{Target: Hash{1}, Base: c[29].Hash}))
		}, "parent 0200", true},
		{"unwanted target", func(tx *Tx, c []Commit) error {
			return tx.PutWalk(uuidOf(0), Walk{Target: Hash{4}, Base: c[29].Hash})
		}, "the target 0400", true},
		{"head is not stored", func(tx *Tx, c []Commit) error {
			r, _, err := tx.Repository(uuidOf(0))
			r.Head = Hash{5}
			return errors.Join(err, tx.PutRepository(r))
		}, "the head reaches 0500", true},
		{"block", func(tx *Tx, _ []Commit) error { return spoil(tx, columnsName, uuid, numberKey(0)) },
			"columns of", false},
		{"columns are gone", func(tx *Tx, _ []Commit) error { return tx.bolt.Bucket(columnsName).DeleteBucket(uuid) },
			"commits or columns of", true},
		{"columns twice", func(tx *Tx, _ []Commit) error {
			b := nested(tx.bolt, columnsName, uuidOf(0))
			return b.Put(numberKey(1), encodeBlock(numberKey(1), randomRows(newHistory(1, 1).rng, 3)))
		}, "block 00000001 is stored where", false},
		{"columns of another", func(tx *Tx, _ []Commit) error {
			return tx.replaceColumns(uuidOf(0), randomRows(newHistory(1, 1).rng, 30))
		}, "columns hold 30 commits and differ from the 30", false},
		{"number of commits", func(tx *Tx, _ []Commit) error {
			return nested(tx.bolt, columnsName, uuidOf(0)).SetSequence(31)
		}, "they have 30 of 31 commits", false},
		{"author", func(tx *Tx, _ []Commit) error { return spoil(tx, authorsName, numberKey(3)) },
			"author 3: ", true},
		{"author is another", func(tx *Tx, _ []Commit) error {
			return tx.bolt.Bucket(authorsName).Put(numberKey(3), []byte(`{"raw":"Eve"}`))
		}, "author 3 is not found by its digest", false},
		{"author's number", func(tx *Tx, _ []Commit) error {
			value := tx.bolt.Bucket(authorsName).Get(numberKey(3))
			return tx.bolt.Bucket(authorNumbersName).Delete(authorNumberKey(value))
		}, "author 3 is not found by its digest", false},
		{"walk", func(tx *Tx, c []Commit) error {
			err := tx.PutWalk(uuidOf(0), Walk{Target: c[29].Hash})
			return errors.Join(err, spoil(tx, walksName, uuid))
		}, "walks/", true},
		{"walk of no repository", func(tx *Tx, _ []Commit) error { return tx.PutWalk("{z}", Walk{}) },
			"walks of {z}, which is not a known repository", false},
		{"commits of no repository", func(tx *Tx, c []Commit) error { _, err := tx.PutCommits("{z}", c); return err },
			"commits of {z}, which is not a known repository", false},
		{"repository", func(tx *Tx, c []Commit) error { return spoil(tx, repositoriesName, uuid) },
			"repositories/", true},
		{"repository of another uuid", func(tx *Tx, c []Commit) error {
			value := tx.bolt.Bucket(repositoriesName).Get(uuid)
			return tx.bolt.Bucket(repositoriesName).Put(uuid, bytes.Replace(value, []byte("uuid"), []byte("uuie"), 1))
		}, "repositories/", true},
		{"budget", func(tx *Tx, _ []Commit) error {
			return errors.Join(tx.PutBudget("b", Budget{Limit: 1}), spoil(tx, budgetsName, []byte("b")))
		}, "budgets/b", false},
		{"workspace", func(tx *Tx, _ []Commit) error {
			return errors.Join(tx.PutWorkspace(Workspace{Slug: "w"}), spoil(tx, workspacesName, []byte("w")))
		}, "workspaces/w", false},
	}
}

// TestCheck breaks one thing at a time beside a repository that is whole. The check finds it; the
// repair leaves a sound file, the whole repository, and of the broken one all or nothing.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range spoilings() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := newDB(t)
			commits := chain(t, db, 30)
			whole := newHistory(10, 20).take(40)
			update(t, db, func(tx *Tx) error {
				r := repositoryOf(1, Hash{})
				r.NeedsSweep = true
				_, err := tx.PutCommits(r.UUID, whole)
				return errors.Join(err, tx.PutRepository(r), test.spoil(tx, commits))
			})
			found, err := db.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				if len(found) > 0 {
					t.Fatalf("found %v", found)
				}
				return
			}
			if !slices.ContainsFunc(found, func(f Finding) bool { return strings.Contains(f.What, test.want) }) {
				t.Errorf("found %q, want %q", found, test.want)
			}
			told, err := db.Repair(t.Context())
			if err != nil || len(told) == 0 {
				t.Fatalf("repair: %v, %v", told, err)
			}
			if left, err := db.Check(t.Context()); err != nil || len(left) > 0 {
				t.Fatalf("after the repair: %v, %v", left, err)
			}
			checkRepaired(t, db, test, commits, whole)
		})
	}
}

func checkRepaired(t *testing.T, db *DB, test spoiling, broken, whole []Commit) {
	t.Helper()
	view(t, db, func(tx *Tx) error {
		if got := all(t, tx, uuidOf(1)); test.name != "author" && test.name != "author is another" && !slices.EqualFunc(got, byHash(whole),
			func(a, b Commit) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("of the whole repository %d commits are left", len(got))
		}
		want := len(broken)
		if test.dropped {
			want = 0
		}
		if got := all(t, tx, uuidOf(0)); len(got) != want {
			t.Errorf("of the broken repository %d commits are left, want %d", len(got), want)
		}
		r, ok, err := tx.Repository(uuidOf(0))
		if !strings.HasPrefix(test.name, "repository") && (!ok || r.Head.IsZero() != test.dropped) {
			t.Errorf("the broken repository is %+v, %v", r, ok)
		}
		return err
	})
}

func byHash(commits []Commit) []Commit {
	return slices.SortedFunc(slices.Values(commits), func(a, b Commit) int { return CompareHashes(a.Hash, b.Hash) })
}

func TestCheckAllowsHolesThatAreWanted(t *testing.T) {
	db := newDB(t)
	update(t, db, func(tx *Tx) error {
		_, err := tx.PutCommits(uuidOf(0), []Commit{
			{Hash: Hash{9}, Parents: []Hash{{8}, {7}}},
			{Hash: Hash{8}, Parents: []Hash{{6}}, Boundary: true}, // 6 is beyond the floor
		})
		return errors.Join(err, putRooted(tx, repositoryOf(0, Hash{})),
			tx.PutWalk(uuidOf(0), Walk{Target: Hash{9}, Wanted: []Hash{{7}}}))
	})
	if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}

func TestFindingsAreBounded(t *testing.T) {
	db := newDB(t)
	chain(t, db, 100)
	update(t, db, func(tx *Tx) error {
		for c, err := range tx.Commits(uuidOf(0)) {
			if err := errors.Join(err, spoil(tx, commitsName, []byte(uuidOf(0)), c.Hash[:])); err != nil {
				return err
			}
		}
		return nil
	})
	found, err := db.Check(t.Context())
	if err != nil || len(found) != maxFindings+1 || !strings.HasPrefix(found[maxFindings].What, "and ") {
		t.Errorf("%d findings, the last is %v, error %v", len(found), found[len(found)-1], err)
	}
}

// TestDamagedValues reads what TestCheck's victims spoiled through every door.
func TestDamagedValues(t *testing.T) {
	db := newDB(t)
	commits := chain(t, db, 30)
	uuid := []byte(uuidOf(0))
	update(t, db, func(tx *Tx) error {
		return errors.Join(
			spoil(tx, commitsName, uuid, commits[5].Hash[:]), spoil(tx, columnsName, uuid, numberKey(0)),
			spoil(tx, authorsName, numberKey(0)), spoil(tx, repositoriesName, uuid),
			tx.PutWalk(uuidOf(0), Walk{}), spoil(tx, walksName, uuid),
			tx.PutBudget("b", Budget{Limit: 1}), spoil(tx, budgetsName, []byte("b")))
	})
	readers := map[string]func(tx *Tx) error{
		"repositories": func(tx *Tx) error { _, err := tx.Repositories(); return err },
		"repository":   func(tx *Tx) error { _, _, err := tx.Repository(uuidOf(0)); return err },
		"walk":         func(tx *Tx) error { _, _, err := tx.Walk(uuidOf(0)); return err },
		"walks":        func(tx *Tx) error { _, err := tx.Walks(); return err },
		"authors":      func(tx *Tx) error { _, err := tx.Authors(); return err },
		"extent":       func(tx *Tx) error { _, err := tx.Extent(uuidOf(0)); return err },
		"budget":       func(tx *Tx) error { _, err := tx.Budget("b"); return err },
		"commit":       func(tx *Tx) error { _, _, err := tx.Commit(uuidOf(0), commits[5].Hash); return err },
		"commits":      func(tx *Tx) error { return drain(tx.Commits(uuidOf(0))) },
		"blocks":       func(tx *Tx) error { return drain(tx.Blocks(uuidOf(0))) },
		"merged":       func(tx *Tx) error { return drain(tx.MergedCommits([]UUID{uuidOf(0)})) },
	}
	writers := map[string]func(tx *Tx) error{
		"keep":    func(tx *Tx) error { _, err := keep(tx, uuidOf(0), func(Hash) bool { return false }); return err },
		"drop":    func(tx *Tx) error { _, err := tx.DropCommits(uuidOf(0), []Hash{commits[6].Hash}); return err },
		"promote": func(tx *Tx) error { _, err := tx.PromoteBoundaries(uuidOf(0), []Hash{commits[5].Hash}); return err },
		"put new": func(tx *Tx) error { _, err := tx.PutCommits(uuidOf(0), []Commit{{Hash: Hash{1}}}); return err },
	}
	for name, f := range readers {
		if err := db.View(t.Context(), f); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), db.Path()) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	for name, f := range writers {
		if err := db.Update(t.Context(), f); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// A key that is no hash, alone and as the first of several repositories', is damage and not an endless loop.
func TestKeysOfOtherLengths(t *testing.T) {
	for _, key := range [][]byte{{1}, make([]byte, 21), bytes.Repeat([]byte{0xff}, 3000)} {
		db := newDB(t)
		chain(t, db, 30)
		update(t, db, func(tx *Tx) error {
			_, err := tx.PutCommits(uuidOf(1), newHistory(3, 5).take(30))
			return errors.Join(err, nested(tx.bolt, commitsName, uuidOf(0)).Put(key, appendChecksum(key, []byte{0, 0, 0, 0})))
		})
		for name, f := range map[string]func(tx *Tx) error{
			"commits": func(tx *Tx) error { return drain(tx.Commits(uuidOf(0))) },
			"merged":  func(tx *Tx) error { return drain(tx.MergedCommits([]UUID{uuidOf(0), uuidOf(1)})) },
		} {
			if err := db.View(t.Context(), f); !errors.Is(err, ErrDamaged) || len(err.Error()) > 1000 {
				t.Errorf("%s with the key %x: error is %v", name, key, err)
			}
		}
		if _, err := db.Graph(t.Context(), uuidOf(0)); !errors.Is(err, ErrDamaged) {
			t.Errorf("graph with the key %x: error is %v", key, err)
		}
	}
}

func drain[T any](seq func(func(T, error) bool)) (failed error) {
	for _, err := range seq {
		if err != nil {
			failed = err
		}
	}
	return failed
}
