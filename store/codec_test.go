package store

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// odd picks the numbers at the edges of every encoding as often as all others.
func odd(rng *rand.Rand) int64 {
	edges := []int64{0, 1, -1, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1,
		math.MinInt64, math.MaxInt64, 1_700_000_000}
	if rng.IntN(2) == 0 {
		return edges[rng.IntN(len(edges))]
	}
	return int64(rng.Uint64() >> rng.IntN(64))
}

func randomText(rng *rand.Rand, n int) string {
	b := make([]byte, rng.IntN(n+1))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return string(b)
}

func randomHashes(rng *rand.Rand, n int) (hashes []Hash) {
	h := history{rng: rng}
	for range rng.IntN(n + 1) {
		hashes = append(hashes, h.hash())
	}
	return hashes
}

func TestRecordRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		c := Commit{Hash: Hash{byte(rng.Uint32())}, Date: odd(rng), Parents: randomHashes(rng, 4),
			Message: randomText(rng, 300), Boundary: rng.IntN(2) == 0}
		author := uint32(odd(rng))
		r, err := decodeRecord(c.Hash[:], encodeRecord(&c, author))
		if err != nil {
			t.Fatal(err)
		}
		got := Commit{Hash: c.Hash, Date: r.date, Parents: r.parentHashes(),
			Message: string(r.message), Boundary: r.boundary}
		if !reflect.DeepEqual(got, c) || r.author != author || r.row().merge != c.IsMerge() {
			t.Fatalf("put %+v by %d, got %+v by %d", c, author, got, r.author)
		}
	}
}

func randomRows(rng *rand.Rand, n int) (rows []columnRow) {
	wide, base := rng.IntN(64), odd(rng)
	for range n {
		rows = append(rows, columnRow{base + int64(rng.Uint64()>>wide), uint32(rng.Uint64() >> (32 + wide/2)), rng.IntN(3) == 0})
	}
	return rows
}

func rowsOf(b *Block) (rows []columnRow) {
	for i := range b.Dates {
		rows = append(rows, b.row(i))
	}
	return rows
}

func TestBlockRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	got := &Block{}
	for i := range 2000 {
		want := randomRows(rng, 1+i%70)
		key := numberKey(rng.Uint32())
		if err := got.decode(key, encodeBlock(key, want)); err != nil || !slices.Equal(rowsOf(got), want) {
			t.Fatalf("put %+v, got %+v, error %v", want, got, err)
		}
	}
}

// TestEveryBitCounts flips each bit of a record and of a block, and of their keys: none may go unnoticed.
func TestEveryBitCounts(t *testing.T) {
	c := Commit{Hash: Hash{7}, Date: 5, Parents: []Hash{{1}, {2}}, Message: "message"}
	block := randomRows(rand.New(rand.NewPCG(4, 1)), 20)
	kinds := []struct {
		name   string
		key    []byte
		value  []byte
		decode func(key, value []byte) error
	}{
		{"record", c.Hash[:], encodeRecord(&c, 3), func(k, v []byte) error { _, err := decodeRecord(k, v); return err }},
		{"block", numberKey(1), encodeBlock(numberKey(1), block), new(Block).decode},
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			if err := kind.decode(kind.key, kind.value); err != nil {
				t.Fatal(err)
			}
			for i := range 8 * (len(kind.key) + len(kind.value)) {
				both := slices.Concat(kind.key, kind.value)
				both[i/8] ^= 1 << (i % 8)
				if kind.decode(both[:len(kind.key)], both[len(kind.key):]) == nil {
					t.Errorf("bit %d was flipped unnoticed", i)
				}
			}
			for n := range len(kind.value) {
				if kind.decode(kind.key, kind.value[:n]) == nil {
					t.Errorf("cut to %d bytes unnoticed", n)
				}
			}
		})
	}
}

// The fuzz targets put a right checksum on any bytes, so that the code behind it is reached: decoders
// must not panic, and what they accept must come back the same.

func FuzzRecord(f *testing.F) {
	body := func(c Commit) []byte { v := encodeRecord(&c, 7); return v[:len(v)-checksumLength] }
	f.Add(body(Commit{Date: 1_700_000_000, Parents: []Hash{{1}}, Message: "m"}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0})
	f.Add([]byte{0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		var h Hash
		r, err := decodeRecord(h[:], appendChecksum(h[:], slices.Clone(body)))
		if err != nil {
			return
		}
		c := Commit{Date: r.date, Parents: r.parentHashes(), Message: string(r.message), Boundary: r.boundary}
		again, err := decodeRecord(h[:], encodeRecord(&c, r.author))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v came back as %+v, error %v", r, again, err)
		}
	})
}

func FuzzBlock(f *testing.F) {
	key := numberKey(3)
	block := encodeBlock(key, randomRows(rand.New(rand.NewPCG(5, 1)), 9))
	f.Add(block[:len(block)-checksumLength])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		got := &Block{}
		if got.decode(key, appendChecksum(key, slices.Clone(body))) != nil {
			return
		}
		again := &Block{}
		if err := again.decode(key, encodeBlock(key, rowsOf(got))); err != nil || !reflect.DeepEqual(again, got) {
			t.Fatalf("%+v came back as %+v, error %v", got, again, err)
		}
	})
}

func TestDefaultPath(t *testing.T) {
	for _, test := range []struct {
		goos string
		env  map[string]string
		want string
	}{
		{"linux", map[string]string{"HOME": "/h"}, "/h/.local/share"},
		{"linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x"},
		{"linux", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "x"}, "/h/.local/share"},
		{"linux", map[string]string{}, "error: HOME"},
		{"darwin", map[string]string{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/h/Library/Application Support"},
		{"windows", map[string]string{"LocalAppData": `C:\l`}, `C:\l`},
		{"windows", map[string]string{"HOME": "/h"}, "error: LocalAppData"},
	} {
		if runtime.GOOS == "windows" && test.goos != "windows" {
			continue // package filepath has that platform's paths alone
		}
		got, err := dataFolder(test.goos, func(key string) string { return test.env[key] })
		if err != nil {
			got = "error: " + strings.Fields(err.Error())[0]
		}
		if got != test.want {
			t.Errorf("on %s with %v: %s, want %s", test.goos, test.env, got, test.want)
		}
	}
	if _, err := DefaultPath(func(string) string { return "" }); err == nil {
		t.Error("an empty environment has a data folder")
	}
}

func TestChecksumKnowsItsKey(t *testing.T) {
	value := appendChecksum([]byte("key"), []byte("value"))
	if body, err := verifyChecksum([]byte("key"), value); err != nil || !bytes.Equal(body, []byte("value")) {
		t.Errorf("got %q, %v", body, err)
	}
	if _, err := verifyChecksum([]byte("kez"), value); !errors.Is(err, errChecksum) {
		t.Errorf("under another key: %v", err)
	}
}
