package store

import (
	"encoding/binary"
	"errors"
	"go/parser"
	"go/token"
	"hash/crc32"
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
	buckets, _, _ := strings.Cut(file.Doc.Text(), "\nA record:")
	for line := range strings.Lines(buckets) {
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
			case len(key) == hashLength:
				name = "<hash>"
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
		return errors.Join(tx.PutWorkspace(Workspace{Slug: "acme"}), tx.PutBudget("budget", Budget{Limit: 5}),
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

// TestBytesAreAsDrawn holds a record and a block against the drawing in the package comment, byte by byte.
func TestBytesAreAsDrawn(t *testing.T) {
	c := Commit{Hash: Hash{0xab}, Date: -2, Parents: []Hash{{1}, {2}}, Message: "hi", Boundary: true}
	want := slices.Concat([]byte{3, 0xac, 2, 1, 2}, c.Parents[0][:], c.Parents[1][:], []byte("hi"))
	sum := crc32.Checksum(slices.Concat(c.Hash[:], want), crc32.MakeTable(crc32.Castagnoli))
	want = binary.LittleEndian.AppendUint32(want, sum)
	if got := encodeRecord(&c, 300); !slices.Equal(got, want) {
		t.Errorf("record is % x\nwant      % x", got, want)
	}
	rows := []columnRow{{5, 7, false}, {-1, 1 << 24, true}}
	want = []byte{5, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 7, 0, 0, 0, 0, 0, 0, 1, 0, 1}
	key := []byte{0, 0, 1, 2}
	sum = crc32.Checksum(slices.Concat(key, want), crc32.MakeTable(crc32.Castagnoli))
	want = binary.LittleEndian.AppendUint32(want, sum)
	if got := encodeBlock(numberKey(258), rows); !slices.Equal(got, want) {
		t.Errorf("block is % x\nwant     % x", got, want)
	}
}

// TestOtherVersions: a file of another layout is refused and not touched.
func TestOtherVersions(t *testing.T) {
	for v, want := range map[uint32]error{1: ErrOlder, 2: ErrOlder, 4: ErrNewer, 1 << 31: ErrNewer, 0: ErrDamaged} {
		db := newDB(t)
		update(t, db, func(tx *Tx) error { return tx.bolt.Bucket(metaName).Put(versionKey, numberKey(v)) })
		before, err := os.ReadFile(db.Path())
		if err != nil {
			t.Fatal(err)
		}
		nothing := func(*Tx) error { return nil }
		_, checked := db.Check(t.Context())
		_, repaired := db.Repair(t.Context())
		_, _, compacted := db.Compact(t.Context())
		for name, err := range map[string]error{"view": db.View(t.Context(), nothing), "check": checked, "repair": repaired,
			"update": db.Update(t.Context(), nothing), "compact": compacted} {
			if !errors.Is(err, want) || !strings.Contains(err.Error(), db.Path()) {
				t.Errorf("version %d: %s says %v", v, name, err)
			}
		}
		if after, err := os.ReadFile(db.Path()); err != nil || !slices.Equal(before, after) {
			t.Errorf("version %d: the file changed, error %v", v, err)
		}
	}
}
