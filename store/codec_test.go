package store

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
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
		r, err := decodeRecord(appendRecord([]byte("before"), &c, author)[len("before"):])
		if err != nil {
			t.Fatal(err)
		}
		got := Commit{Hash: c.Hash, Date: r.date, Parents: r.parentHashes(),
			Message: string(r.message), Boundary: r.boundary}
		if !reflect.DeepEqual(got, c) || r.author != author || r.isMerge() != c.IsMerge() {
			t.Fatalf("put %+v by %d, got %+v by %d", c, author, got, r.author)
		}
	}
}

func randomFacts(rng *rand.Rand, n int) *Facts {
	f := &Facts{}
	wide, base := rng.IntN(64), odd(rng)
	for range n {
		f.add(fact{base + int64(rng.Uint64()>>wide), uint32(rng.Uint64() >> (32 + wide/2)), rng.IntN(3) == 0})
	}
	return f
}

func TestBlockRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	got := &Facts{}
	for i := range 2000 {
		want := randomFacts(rng, 1+i%70)
		key := blockKey(rng.Uint32())
		block := encodeBlock(key, want)
		e, err := decodeHead(key, block)
		if err != nil || e != want.extent() {
			t.Fatalf("head is %+v, want %+v, error %v", e, want.extent(), err)
		}
		if err := got.decodeBlock(key, block, e); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("put %+v, got %+v, error %v", want, got, err)
		}
	}
}

func TestWalkAuthorBudgetRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 500 {
		w := Walk{Target: Hash{1}, Base: Hash{2}, Met: rng.IntN(2) == 0, Wanted: randomHashes(rng, 9)}
		if got, err := decodeWalk(walkKey("{u}"), encodeWalk("{u}", w)); err != nil || !reflect.DeepEqual(got, w) {
			t.Fatalf("put %+v, got %+v, error %v", w, got, err)
		}
		a := Author{Raw: randomText(rng, 40), UUID: randomText(rng, 200), App: rng.IntN(2) == 0}
		if got, err := decodeAuthor(encodeAuthor(a)); err != nil || got != a {
			t.Fatalf("put %+v, got %+v, error %v", a, got, err)
		}
		b := budget{limit: rng.IntN(5000), spent: map[int64]int{}}
		for range rng.IntN(70) {
			b.spent[odd(rng)] = rng.IntN(1000)
		}
		if got, err := decodeBudget(budgetKey("b"), encodeBudget("b", b)); err != nil || !reflect.DeepEqual(got, b) {
			t.Fatalf("put %+v, got %+v, error %v", b, got, err)
		}
	}
}

// TestEveryBitCounts flips each bit of one value of each kind: none may go unnoticed.
func TestEveryBitCounts(t *testing.T) {
	c := Commit{Hash: Hash{7}, Date: 5, Parents: []Hash{{1}, {2}}, Message: "message"}
	facts := randomFacts(rand.New(rand.NewPCG(4, 1)), 20)
	kinds := []struct {
		name   string
		key    []byte
		value  []byte
		decode func(key, value []byte) error
	}{
		{"pack", packKey(2), samplePack(t, packKey(2), &c),
			func(k, v []byte) error { return eachPacked(k, v, func(place, packed) error { return nil }) }},
		{"chunk", chunkKey(old, lastBound), seal(chunkKey(old, lastBound), mergeChunk(nil, []entry{newEntry(c.Hash, place{1, 2})})),
			func(k, v []byte) error { _, err := decodeChunk(k, v); return err }},
		{"block", blockKey(1), encodeBlock(blockKey(1), facts), decodeWhole},
		{"walk", walkKey("{u}"), encodeWalk("{u}", Walk{Wanted: []Hash{{1}}}),
			func(k, v []byte) error { _, err := decodeWalk(k, v); return err }},
		{"author", nil, encodeAuthor(Author{Raw: "a", UUID: "b"}),
			func(_, v []byte) error { _, err := decodeAuthor(v); return err }},
		{"budget", budgetKey("b"), encodeBudget("b", budget{spent: map[int64]int{5: 6}}),
			func(k, v []byte) error { _, err := decodeBudget(k, v); return err }},
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
					t.Errorf("bit %d was flipped and nobody noticed", i)
				}
			}
			for n := range len(kind.value) {
				if kind.decode(kind.key, kind.value[:n]) == nil {
					t.Errorf("cut to %d bytes and nobody noticed", n)
				}
			}
		})
	}
}

func decodeWhole(key, block []byte) error {
	e, err := decodeHead(key, block)
	if err != nil {
		return err
	}
	return new(Facts).decodeBlock(key, block, e)
}

// The fuzz targets put a right checksum on whatever comes, so that what is behind it is reached:
// decoders must not panic, and what they accept must come back the same.

func FuzzRecord(f *testing.F) {
	f.Add(appendRecord(nil, &Commit{Date: 1_700_000_000, Parents: []Hash{{1}}, Message: "m"}, 7))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := decodeRecord(body)
		if err != nil {
			return
		}
		c := Commit{Date: r.date, Parents: r.parentHashes(), Message: string(r.message),
			Boundary: r.boundary}
		again, err := decodeRecord(appendRecord(nil, &c, r.author))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v came back as %+v, error %v", r, again, err)
		}
	})
}

// samplePack packs the records of commits whose author is 3.
func samplePack(t testing.TB, key []byte, commits ...*Commit) (value []byte) {
	t.Helper()
	number, _ := parseNumber(key)
	p := &packer{number: number, put: func(_, v []byte) error { value = v; return nil }}
	for _, c := range commits {
		if _, err := p.add(c.Hash, appendRecord(nil, c, 3)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	return value
}

func FuzzPack(f *testing.F) {
	key := packKey(3)
	pack := samplePack(f, key, &Commit{Hash: Hash{1}, Message: "one"}, &Commit{Hash: Hash{2}, Parents: []Hash{{1}}})
	f.Add(pack[:len(pack)-sumLength])
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0})
	f.Fuzz(func(t *testing.T, body []byte) {
		last := -1
		_ = eachPacked(key, seal(key, slices.Clone(body)), func(at place, p packed) error {
			if int(at.offset) <= last || p.next <= int(at.offset) || p.next > len(body) {
				t.Fatalf("a record at %d, of which the next is at %d, after one at %d", at.offset, p.next, last)
			}
			last = int(at.offset)
			return nil
		})
	})
}

func FuzzChunk(f *testing.F) {
	f.Add(mergeChunk(nil, []entry{newEntry(Hash{1}, place{1, 2}), newEntry(Hash{9}, place{3, 4})}), []byte("\x01"))
	f.Fuzz(func(t *testing.T, body, hash []byte) {
		key := chunkKey(young, lastBound)
		chunk, err := decodeChunk(key, seal(key, slices.Clone(body)))
		if err != nil {
			return
		}
		var h Hash
		copy(h[:], hash)
		i, found := searchChunk(chunk, h[:])
		if found && Hash(hashAt(chunk, i)) != h || i > len(chunk)/placeLength {
			t.Fatalf("%s is found at %d of %x", h, i, chunk)
		}
	})
}

func FuzzBlock(f *testing.F) {
	key := blockKey(3)
	block := encodeBlock(key, randomFacts(rand.New(rand.NewPCG(5, 1)), 9))
	f.Add(block[:blockHead], block[blockBody:len(block)-sumLength])
	f.Add(make([]byte, blockHead), []byte{})
	f.Fuzz(func(t *testing.T, head, body []byte) {
		block := append(seal(key, slices.Clone(head)), body...)
		block = seal(key, block)
		e, err := decodeHead(key, block)
		if err != nil {
			return
		}
		got := &Facts{}
		if err := got.decodeBlock(key, block, e); err != nil {
			return
		}
		if len(got.Dates) != e.Commits || len(got.Authors) != e.Commits || len(got.Merges) != e.Commits {
			t.Fatalf("%+v gave %+v", e, got)
		}
	})
}

func FuzzWalk(f *testing.F) {
	f.Add(encodeWalk("{u}", Walk{Wanted: []Hash{{1}}}))
	f.Add([]byte{walkForm, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		key := walkKey("{u}")
		w, err := decodeWalk(key, seal(key, slices.Clone(body)))
		if err != nil {
			return
		}
		if again, err := decodeWalk(key, encodeWalk("{u}", w)); err != nil || !reflect.DeepEqual(again, w) {
			t.Fatalf("%+v came back as %+v, error %v", w, again, err)
		}
	})
}

func FuzzAuthor(f *testing.F) {
	f.Add(encodeAuthor(Author{Raw: "A <a@example.com>", UUID: "{u}", App: true}))
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := decodeAuthor(seal(nil, slices.Clone(body)))
		if err != nil {
			return
		}
		if again, err := decodeAuthor(encodeAuthor(a)); err != nil || again != a {
			t.Fatalf("%+v came back as %+v, error %v", a, again, err)
		}
	})
}

func FuzzBudget(f *testing.F) {
	f.Add(encodeBudget("b", budget{limit: 1000, spent: map[int64]int{29_000_000: 5}}))
	f.Add([]byte{budgetForm, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		key := budgetKey("b")
		b, err := decodeBudget(key, seal(key, slices.Clone(body)))
		if err != nil {
			return
		}
		if again, err := decodeBudget(key, encodeBudget("b", b)); err != nil || !reflect.DeepEqual(again, b) {
			t.Fatalf("%+v came back as %+v, error %v", b, again, err)
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

func TestSealKnowsItsKey(t *testing.T) {
	sealed := seal([]byte("key"), []byte("value"))
	if value, err := unseal([]byte("key"), sealed); err != nil || !bytes.Equal(value, []byte("value")) {
		t.Errorf("got %q, %v", value, err)
	}
	if _, err := unseal([]byte("kez"), sealed); !errors.Is(err, errChecksum) {
		t.Errorf("under another key: %v", err)
	}
}
