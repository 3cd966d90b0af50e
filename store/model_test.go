package store

import (
	"errors"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// sameFacts compares what the columns say with what the records say.
func sameFacts(t *testing.T, tx *Tx, uuid UUID, want map[Hash]Commit) {
	t.Helper()
	authors, err := tx.Authors()
	if err != nil {
		t.Fatal(err)
	}
	type plain struct {
		date   int64
		author Author
		merge  bool
	}
	count := map[plain]int{}
	for _, c := range want {
		if !c.Boundary {
			count[plain{c.Date, c.Author, c.IsMerge()}]++
		}
	}
	hashed := maps.Clone(count)
	for f, err := range tx.Blocks(uuid) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Dates {
			count[plain{f.Dates[i], authors[f.Authors[i]], f.Merges[i]}]--
		}
	}
	var before Hash
	for f, err := range tx.MergedCommits([]UUID{uuid}) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Hash.String() <= before.String() {
			t.Fatalf("%s comes after %s", f.Hash, before)
		}
		before = f.Hash
		hashed[plain{f.Date, authors[f.Author], f.Merge}]--
	}
	for name, m := range map[string]map[plain]int{"facts": count, "hashed facts": hashed} {
		for f, n := range m {
			if n != 0 {
				t.Fatalf("%s: %+v is off by %d", name, f, n)
			}
		}
	}
}

// TestModel does random things to a repository and to a map, and compares. Two DBs of one file
// take turns, and some of what they do is rolled back.
func TestModel(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 1))
	db := newDB(t)
	dbs := []*DB{db, Open(db.Path())}
	h := newHistory(6, 400)
	model := map[Hash]Commit{}
	rounds := 60
	if testing.Short() {
		rounds = 6
	}
	for range rounds {
		if rng.IntN(3) == 0 {
			slices.Reverse(dbs)
		}
		before := maps.Clone(model)
		rollback := errors.New("rolled back")
		err := dbs[0].Update(t.Context(), func(tx *Tx) error {
			for range 1 + rng.IntN(3) {
				switch rng.IntN(6) {
				case 0:
					modelDrop(t, tx, rng, model)
				case 1:
					modelPromote(t, tx, rng, model)
				default:
					modelPut(t, tx, rng, h, model)
				}
			}
			if rng.IntN(8) == 0 {
				return rollback
			}
			return nil
		})
		if err == rollback {
			model = before
		} else if err != nil {
			t.Fatal(err)
		}
		view(t, db, func(tx *Tx) error {
			sameFacts(t, tx, "{u}", model)
			want := slices.SortedFunc(maps.Values(model), func(a, b Commit) int {
				return slices.Compare(a.Hash[:], b.Hash[:])
			})
			if got := all(t, tx, "{u}"); len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("%d commits, want %d, or others", len(got), len(want))
			}
			return nil
		})
	}
}

func modelPut(t *testing.T, tx *Tx, rng *rand.Rand, h *history, model map[Hash]Commit) {
	batch := h.take(rng.IntN(1500))
	for i := range batch {
		batch[i].Boundary = rng.IntN(8) == 0
	}
	for _, c := range model { // some again, perhaps as what they are not
		if len(batch)%100 == 0 {
			break
		}
		c.Boundary = rng.IntN(2) == 0
		batch = append(batch, c)
	}
	for range min(len(batch), rng.IntN(5)) { // some twice
		c := batch[rng.IntN(len(batch))]
		c.Boundary = rng.IntN(2) == 0
		batch = append(batch, c)
	}
	want := 0
	for _, c := range batch {
		if _, ok := model[c.Hash]; !ok {
			model[c.Hash] = c
			if !c.Boundary {
				want++
			}
		}
	}
	if added, err := tx.PutCommits("{u}", batch); err != nil || added != want {
		t.Fatalf("added %d, want %d, error %v", added, want, err)
	}
}

func modelPromote(t *testing.T, tx *Tx, rng *rand.Rand, model map[Hash]Commit) {
	want := 0
	hashes := []Hash{{}, {1, 2, 3}}
	for h, c := range model {
		if rng.IntN(4) > 0 {
			continue
		}
		hashes = append(hashes, h)
		if c.Boundary {
			c.Boundary = false
			model[h] = c
			want++
		}
	}
	if added, err := tx.PromoteBoundaries("{u}", hashes); err != nil || added != want {
		t.Fatalf("promoted %d, want %d, error %v", added, want, err)
	}
}

func modelDrop(t *testing.T, tx *Tx, rng *rand.Rand, model map[Hash]Commit) {
	limit := byte(rng.IntN(256))
	kept := func(h Hash) bool { return h[5] <= limit }
	want := 0
	for h, c := range model {
		if !kept(h) {
			delete(model, h)
			if !c.Boundary {
				want++
			}
		}
	}
	if removed, err := keep(tx, "{u}", kept); err != nil || removed != want {
		t.Fatalf("removed %d, want %d, error %v", removed, want, err)
	}
}

// keep drops every commit for whose hash kept returns false.
func keep(tx *Tx, uuid UUID, kept func(Hash) bool) (removed int, err error) {
	var drop []Hash
	for c, err := range tx.Commits(uuid) {
		if err != nil {
			return 0, err
		}
		if !kept(c.Hash) {
			drop = append(drop, c.Hash)
		}
	}
	return tx.DropCommits(uuid, drop)
}

// TestMergedCommits compares the merge of three repositories, which share some commits, with a map.
func TestMergedCommits(t *testing.T) {
	db := newDB(t)
	rng := rand.New(rand.NewPCG(8, 1))
	uuids := []UUID{uuidOf(0), uuidOf(1), "{empty}", uuidOf(2)}
	want := map[Hash][]int{}
	update(t, db, func(tx *Tx) error {
		for _, c := range newHistory(8, 30).take(500) {
			for i, uuid := range uuids {
				if uuid == "{empty}" || rng.IntN(2) == 0 {
					continue
				}
				if c.Boundary = rng.IntN(5) == 0; !c.Boundary {
					want[c.Hash] = append(want[c.Hash], i)
				}
				if _, err := tx.PutCommits(uuid, []Commit{c}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	view(t, db, func(tx *Tx) error {
		var before Hash
		for c, err := range tx.MergedCommits(uuids) {
			if err != nil {
				return err
			}
			if !slices.Equal(c.In, want[c.Hash]) || CompareHashes(c.Hash, before) <= 0 {
				t.Errorf("%s after %s is in %v, want %v", c.Hash, before, c.In, want[c.Hash])
			}
			before = c.Hash
			delete(want, c.Hash)
		}
		return nil
	})
	if len(want) > 0 {
		t.Errorf("%d commits did not come", len(want))
	}
}
