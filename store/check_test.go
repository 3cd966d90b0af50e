package store

import (
	"errors"
	"math"
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
	name  string
	spoil func(tx *Tx, c []Commit) error
	want  string // in a finding
	dirty bool   // after the repair
	holes int    // commits to be fetched again
}

func spoilings() []spoiling {
	uuid := repositoryKey(uuidOf(0))
	return []spoiling{
		{name: "nothing", spoil: func(*Tx, []Commit) error { return nil }},
		{"pack", func(tx *Tx, c []Commit) error { return spoil(tx, commitsName, uuid, packKey(0)) },
			"pack 00000000: checksum differs", true, 30},
		{"pack is gone", func(tx *Tx, c []Commit) error { return nested(tx.bolt, commitsName, uuidOf(0)).Delete(packKey(0)) },
			"is not stored", true, 30},
		{"pack under another key", func(tx *Tx, c []Commit) error {
			b := nested(tx.bolt, commitsName, uuidOf(0))
			return b.Put(packKey(1), slices.Clone(b.Get(packKey(0))))
		}, "pack 00000001: checksum differs", true, 0},
		{"record", func(tx *Tx, c []Commit) error { // that a wrong program wrote
			b := nested(tx.bolt, commitsName, uuidOf(0))
			key := packKey(0)
			pack, err := unseal(key, slices.Clone(b.Get(key)))
			p, _ := unpack(pack, 0)
			p.record[0] = 0x7e
			return errors.Join(err, b.Put(key, seal(key, pack)))
		}, "shorter than it says", true, 1},
		{"record twice", func(tx *Tx, c []Commit) error {
			b := nested(tx.bolt, commitsName, uuidOf(0))
			return errors.Join(b.Put(packKey(1), samplePack(&testing.T{}, packKey(1), &c[5])), b.SetSequence(31))
		}, "is not found by its hash", true, 0},
		{"number of records", func(tx *Tx, c []Commit) error {
			return nested(tx.bolt, commitsName, uuidOf(0)).SetSequence(31)
		}, "30 commits of 31 are there", false, 0},
		{"all records are gone", func(tx *Tx, _ []Commit) error { return tx.bolt.Bucket(commitsName).DeleteBucket(uuid) },
			"commits, places or columns of", true, 30},
		{"places", func(tx *Tx, _ []Commit) error { return spoil(tx, placesName, uuid, chunkKey(young, lastBound)) },
			"is not found by its hash", false, 0},
		{"places are gone", func(tx *Tx, _ []Commit) error { return deleteNested(tx.bolt, placesName, uuidOf(0)) },
			"commits, places or columns of", false, 0},
		{"place of nothing", func(tx *Tx, c []Commit) error {
			s, err := tx.commitsOf(uuidOf(0))
			return errors.Join(err, s.insert(old, []entry{newEntry(Hash{1}, place{0, 0})}))
		}, "31 places of 30 commits are there", false, 0},
		{"place of another", func(tx *Tx, c []Commit) error {
			s, err := tx.commitsOf(uuidOf(0))
			at, _, _ := s.find(c[6].Hash)
			return errors.Join(err, s.forget(map[Hash]bool{c[5].Hash: true}), s.insert(young, []entry{newEntry(c[5].Hash, at)}))
		}, "is not found by its hash", false, 0},
		{"roots", func(tx *Tx, c []Commit) error { return tx.PutRepository(repositoryOf(0, c[29].Hash)) },
			"0 roots are known, and they are not the 1 that are stored", true, 0},
		{"commit nobody reaches", func(tx *Tx, c []Commit) error {
			_, err := tx.PutCommits(uuidOf(0), []Commit{{Hash: Hash{1}, Parents: []Hash{c[3].Hash}}})
			return err
		}, "1 commits are stored that the head does not reach", true, 0},
		{"parent nobody wants", func(tx *Tx, c []Commit) error {
			_, err := tx.PutCommits(uuidOf(0), []Commit{{Hash: Hash{1}, Parents: []Hash{{2}}}})
			return errors.Join(err, tx.PutWalk(uuidOf(0), Walk{Target: Hash{1}, Base: c[29].Hash}))
		}, "parent 0200", true, 1},
		{"target nobody wants", func(tx *Tx, c []Commit) error {
			return tx.PutWalk(uuidOf(0), Walk{Target: Hash{4}, Base: c[29].Hash})
		}, "the target 0400", true, 1},
		{"block", func(tx *Tx, _ []Commit) error { return spoil(tx, columnsName, uuid, blockKey(0)) },
			"columns: block 0: checksum differs", false, 0},
		{"columns are gone", func(tx *Tx, _ []Commit) error { return deleteNested(tx.bolt, columnsName, uuidOf(0)) },
			"commits, places or columns of", false, 0},
		{"columns twice", func(tx *Tx, _ []Commit) error {
			b := nested(tx.bolt, columnsName, uuidOf(0))
			f := randomFacts(newHistory(1, 1).rng, 3)
			return b.Put(blockKey(1), encodeBlock(blockKey(1), f))
		}, "columns: block 1: 3 commits of 0 are there", false, 0},
		{"author", func(tx *Tx, _ []Commit) error { return spoil(tx, authorsName, authorKey(3)) },
			"author 3: checksum differs", true, -1},
		{"author's number", func(tx *Tx, _ []Commit) error {
			value := tx.bolt.Bucket(authorsName).Get(authorKey(3))
			return tx.bolt.Bucket(authorNumbersName).Delete(authorNumberKey(value))
		}, "author 3 is not found by its digest", false, 0},
		{"walk", func(tx *Tx, c []Commit) error {
			err := tx.PutWalk(uuidOf(0), Walk{Target: c[29].Hash})
			return errors.Join(err, spoil(tx, walksName, uuid))
		}, "walk of", false, 0},
		{"walk of nobody", func(tx *Tx, _ []Commit) error { return tx.PutWalk("{z}", Walk{}) },
			"walks of {z}, which is no known repository", false, 0},
		{"commits of nobody", func(tx *Tx, c []Commit) error { _, err := tx.PutCommits("{z}", c); return err },
			"commits of {z}, which is no known repository", false, 0},
		{"budget", func(tx *Tx, _ []Commit) error {
			return errors.Join(tx.PutLimit("b", 5), spoil(tx, budgetsName, budgetKey("b")))
		}, "budget b", false, 0},
		{"workspace", func(tx *Tx, _ []Commit) error {
			return errors.Join(tx.PutWorkspace(Workspace{Slug: "w"}), spoil(tx, workspacesName, workspaceKey("w")))
		}, "workspaces/w", false, 0},
	}
}

// TestCheck breaks one thing at a time. The check finds it; the repair leaves a file that is
// sound, and a state from which the next sync makes it whole.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, test := range spoilings() {
		t.Run(test.name, func(t *testing.T) {
			db := newDB(t)
			commits := chain(t, db, 30)
			update(t, db, func(tx *Tx) error { return test.spoil(tx, commits) })
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
			heal(t, db, commits, test.dirty, test.holes)
		})
	}
}

// heal does what the next sync does to a dirty repository: mark from the target, fetch what is
// missing below it, drop the rest. The database must then be as if nothing had happened.
func heal(t *testing.T, db *DB, commits []Commit, dirty bool, holes int) {
	t.Helper()
	uuid, target := uuidOf(0), commits[len(commits)-1].Hash
	update(t, db, func(tx *Tx) error {
		r, _, err := tx.Repository(uuid)
		if err != nil {
			return err
		}
		if r.Dirty != dirty || r.Head.IsZero() != dirty {
			t.Fatalf("the repository is %+v", r)
		}
		if w, ok, err := tx.Walk(uuid); err != nil || ok && len(w.Wanted) != holes {
			t.Errorf("the walk wants %v, error %v", w.Wanted, err)
		}
		want := map[Hash]Commit{}
		fetched := 0
		for _, c := range commits {
			want[c.Hash] = c
			if !has(t, tx, uuid, c.Hash) {
				fetched++
			}
			if _, err := tx.PutCommits(uuid, []Commit{c}); err != nil {
				return err
			}
		}
		if holes >= 0 && fetched > holes || holes < 0 && fetched == 0 {
			t.Errorf("fetched %d commits, want %d", fetched, holes)
		}
		_, err = tx.Keep(uuid, func(h Hash) bool { _, ok := want[h]; return ok })
		r.Dirty, r.Head, r.Roots = false, target, nil
		if err := errors.Join(err, putRooted(tx, r), tx.DeleteWalk(uuid)); err != nil {
			return err
		}
		sameFacts(t, tx, uuid, want)
		return nil
	})
	if left, err := db.Check(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("after the next sync: %v, %v", left, err)
	}
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
	update(t, db, func(tx *Tx) error { return spoil(tx, placesName, repositoryKey(uuidOf(0)), chunkKey(young, lastBound)) })
	found, err := db.Check(t.Context())
	if err != nil || len(found) != maxFindings+1 || !strings.HasPrefix(found[maxFindings].What, "and ") {
		t.Errorf("%d findings, the last is %v, error %v", len(found), found[len(found)-1], err)
	}
}

// TestDamagedValues reads what TestCheck's victims spoiled through every door.
func TestDamagedValues(t *testing.T) {
	db := newDB(t)
	commits := chain(t, db, 30)
	uuid := repositoryKey(uuidOf(0))
	update(t, db, func(tx *Tx) error {
		return errors.Join(
			spoil(tx, commitsName, uuid, packKey(0)), spoil(tx, columnsName, uuid, blockKey(0)),
			spoil(tx, authorsName, authorKey(0)), spoil(tx, repositoriesName, uuid),
			tx.PutWalk(uuidOf(0), Walk{}), spoil(tx, walksName, uuid),
			tx.PutLimit("b", 1), spoil(tx, budgetsName, budgetKey("b")))
	})
	readers := map[string]func(tx *Tx) error{
		"repositories": func(tx *Tx) error { _, err := tx.Repositories(); return err },
		"repository":   func(tx *Tx) error { _, _, err := tx.Repository(uuidOf(0)); return err },
		"walk":         func(tx *Tx) error { _, _, err := tx.Walk(uuidOf(0)); return err },
		"walks":        func(tx *Tx) error { _, err := tx.Walks(); return err },
		"authors":      func(tx *Tx) error { _, err := tx.Authors(); return err },
		"extent":       func(tx *Tx) error { _, err := tx.Extent(uuidOf(0)); return err },
		"spent":        func(tx *Tx) error { _, err := tx.Spent("b"); return err },
		"parents":      func(tx *Tx) error { _, _, _, err := tx.Parents(uuidOf(0), commits[5].Hash); return err },
		"commit":       func(tx *Tx) error { _, _, err := tx.Commit(uuidOf(0), commits[5].Hash); return err },
		"commits":      func(tx *Tx) error { return drain(tx.Commits(uuidOf(0))) },
		"facts":        func(tx *Tx) error { return drain(tx.Facts(uuidOf(0), math.MinInt64, math.MaxInt64)) },
		"hashed facts": func(tx *Tx) error { return drain(tx.HashedFacts(uuidOf(0))) },
		"by hash":      func(tx *Tx) error { return drain(tx.HashedFactsByHash(uuidOf(0))) },
	}
	writers := map[string]func(tx *Tx) error{
		"keep":    func(tx *Tx) error { _, err := tx.Keep(uuidOf(0), func(Hash) bool { return false }); return err },
		"put old": func(tx *Tx) error { _, err := tx.PutCommits(uuidOf(0), commits[5:6]); return err },
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

func drain[T any](seq func(func(T, error) bool)) (failed error) {
	for _, err := range seq {
		if err != nil {
			failed = err
		}
	}
	return failed
}
