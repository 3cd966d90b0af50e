package store

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// drawn reads the layout out of the package comment: paths of buckets and of keys.
func drawn(t *testing.T) (paths []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	entry := regexp.MustCompile(`^\t((?:    |│   )*)(?:[├└]── )?("?[a-z_<>0-9]+"?)(  |$)`)
	var path []string
	for line := range strings.Lines(file.Doc.Text()) {
		m := entry.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		depth := len([]rune(m[1])) / 4
		if strings.ContainsAny(line, "├└") {
			depth++
		}
		path = append(path[:min(depth, len(path))], strings.Trim(m[2], `"`))
		paths = append(paths, strings.Join(path, "/"))
	}
	slices.Sort(paths)
	return paths
}

// real reads the same out of a file that has one of everything.
func realPaths(t *testing.T, db *DB) (paths []string) {
	t.Helper()
	names := map[string]string{string(uuidOf(0)): "<uuid>", "acme": "<slug>", "budget": "<name>"}
	var visit func(prefix string, b *bbolt.Bucket) error
	visit = func(prefix string, b *bbolt.Bucket) error {
		return b.ForEach(func(key, value []byte) error {
			name, ok := names[string(key)]
			switch {
			case ok:
			case len(key) == 4:
				name = "<uint32>"
			case strings.HasPrefix(prefix, "author_numbers"):
				name = "<digest>"
			case len(key) == 1+hashLength:
				name = "<bound>"
			default:
				name = string(key)
			}
			paths = append(paths, prefix+name)
			if value == nil {
				return visit(prefix+name+"/", b.Bucket(key))
			}
			return nil
		})
	}
	view(t, db, func(tx *Tx) error {
		return tx.bolt.ForEach(func(name []byte, b *bbolt.Bucket) error {
			paths = append(paths, string(name))
			return visit(string(name)+"/", b)
		})
	})
	slices.Sort(paths)
	return slices.Compact(paths)
}

func fillAll(t *testing.T, db *DB) {
	t.Helper()
	fill(t, db, 1, 10)
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutWorkspace(Workspace{Slug: "acme"}), tx.PutLimit("budget", 5),
			tx.PutWalk(uuidOf(0), Walk{Target: Hash{1}, Wanted: []Hash{{1}}}))
	})
}

func TestLayoutIsAsDrawn(t *testing.T) {
	db := newDB(t)
	fillAll(t, db)
	if want, got := drawn(t), realPaths(t, db); len(want) < 15 || !slices.Equal(want, got) {
		t.Errorf("drawn: %q\nreal:  %q", want, got)
	}
}

// TestFrozen reads the file that each version wrote; those of older ones must be migrated.
func TestFrozen(t *testing.T) {
	for v := range version {
		t.Run(fmt.Sprint(v+1), func(t *testing.T) { testFrozen(t, fmt.Sprintf("testdata/version-%d.db", v+1)) })
	}
}

func testFrozen(t *testing.T, path string) {
	db := newDB(t)
	frozen, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(db.Path(), frozen, 0o600); err != nil {
		t.Fatal(err)
	}
	update(t, db, func(tx *Tx) error { // that were not stored with it
		r, _, err := tx.Repository(uuidOf(0))
		return errors.Join(err, putRooted(tx, r))
	})
	if found, err := db.Check(t.Context()); err != nil || len(found) > 0 {
		t.Fatalf("check: %v, %v", found, err)
	}
	want := map[Hash]Commit{}
	for _, c := range newHistory(0, 300).take(10) {
		want[c.Hash] = c
	}
	view(t, db, func(tx *Tx) error {
		sameFacts(t, tx, uuidOf(0), want)
		if w, ok, err := tx.Walk(uuidOf(0)); !ok || err != nil || w.Target != (Hash{1}) {
			t.Errorf("walk is %v, %v, %v", w, ok, err)
		}
		if limit, err := tx.Limit("budget"); limit != 5 || err != nil {
			t.Errorf("limit is %d, %v", limit, err)
		}
		return nil
	})
}

// TestMigration gives a DB steps that the package does not have.
func TestMigration(t *testing.T) {
	db := newDB(t)
	update(t, db, func(*Tx) error { return nil })
	done := ""
	note := func(name string) step {
		return func(tx *bbolt.Tx) error {
			done += name
			return tx.Bucket(metaName).Put([]byte(name), []byte(name))
		}
	}
	broken := errors.New("broken")
	read := func(tx *Tx) error {
		if tx.bolt.Bucket(metaName).Get([]byte("a")) == nil {
			t.Error("a step left nothing")
		}
		return nil
	}

	db.steps = append(slices.Clone(steps), note("a"), func(*bbolt.Tx) error { return broken })
	if err := db.View(t.Context(), read); !errors.Is(err, broken) {
		t.Errorf("a step that fails: %v", err)
	}
	view(t, Open(db.Path()), func(tx *Tx) error {
		if tx.bolt.Bucket(metaName).Get([]byte("a")) != nil {
			t.Error("half of a migration is stored")
		}
		return nil
	})
	db.steps, done = append(slices.Clone(steps), note("a"), note("b")), ""
	view(t, db, read)
	update(t, db, read)
	if done != "ab" {
		t.Errorf("the steps done are %q", done)
	}
	if err := Open(db.Path()).View(t.Context(), read); !errors.Is(err, ErrNewer) {
		t.Errorf("the older program says %v", err)
	}
	if err := Open(db.Path()).Update(t.Context(), read); !errors.Is(err, ErrNewer) {
		t.Errorf("the older program, writing, says %v", err)
	}
	if _, err := Open(db.Path()).Check(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("the older program, checking, says %v", err)
	}
}
