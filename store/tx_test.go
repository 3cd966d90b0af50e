package store

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestPutCommits(t *testing.T) {
	db := newDB(t)
	a := Commit{Hash: Hash{1}, Date: 10, Author: Author{Raw: "A"}, Message: "first"}
	b := Commit{Hash: Hash{2}, Date: 20, Author: Author{Raw: "B"}, Parents: []Hash{{1}, {9}}}
	old := Commit{Hash: Hash{3}, Date: 5, Author: Author{Raw: "A"}, Parents: []Hash{{8}}, Boundary: true}
	now := old
	now.Boundary = false
	changed := a
	changed.Message = "changed"
	steps := []struct {
		name   string
		put    []Commit
		added  int
		extent Extent
		stored []Commit
	}{
		{"two and a boundary", []Commit{b, a, old}, 2, Extent{2, 1, 10, 20}, []Commit{a, b, old}},
		{"again", []Commit{a, b, old}, 0, Extent{2, 1, 10, 20}, []Commit{a, b, old}},
		{"none", nil, 0, Extent{2, 1, 10, 20}, []Commit{a, b, old}},
		{"what is stored stays", []Commit{changed}, 0, Extent{2, 1, 10, 20}, []Commit{a, b, old}},
		{"a boundary no more, given twice", []Commit{now, now}, 1, Extent{3, 1, 5, 20}, []Commit{a, b, now}},
		{"a boundary never again", []Commit{old}, 0, Extent{3, 1, 5, 20}, []Commit{a, b, now}},
	}
	for _, step := range steps {
		update(t, db, func(tx *Tx) error {
			added, err := tx.PutCommits("{u}", step.put)
			if added != step.added {
				t.Errorf("%s: added %d, want %d", step.name, added, step.added)
			}
			return err
		})
		view(t, db, func(tx *Tx) error {
			if got := all(t, tx, "{u}"); !reflect.DeepEqual(got, step.stored) {
				t.Errorf("%s: stored are %+v, want %+v", step.name, got, step.stored)
			}
			if got, err := tx.Extent("{u}"); got != step.extent {
				t.Errorf("%s: extent is %+v, want %+v, error %v", step.name, got, step.extent, err)
			}
			return nil
		})
	}
	view(t, db, func(tx *Tx) error {
		if authors, err := tx.Authors(); len(authors) != 2 || err != nil {
			t.Errorf("authors are %v, error %v", authors, err)
		}
		parents, boundary, ok, err := tx.Parents("{u}", Hash{2})
		if !reflect.DeepEqual(parents, b.Parents) || boundary || !ok || err != nil {
			t.Errorf("parents are %v, %v, %v, %v", parents, boundary, ok, err)
		}
		if !has(t, tx, "{u}", Hash{3}) || has(t, tx, "{u}", Hash{9}) || has(t, tx, "{v}", Hash{3}) {
			t.Error("Has is wrong")
		}
		if _, ok, err := tx.Commit("{v}", Hash{1}); ok || err != nil {
			t.Errorf("commit of a repository without any: %v, %v", ok, err)
		}
		return err
	})
}

func TestPutCommitsRefuses(t *testing.T) {
	db := newDB(t)
	update(t, db, func(tx *Tx) error {
		for name, c := range map[string]Commit{
			"no hash": {Message: "m"}, "a parent without": {Hash: Hash{1}, Parents: []Hash{{}}},
		} {
			if _, err := tx.PutCommits("{u}", []Commit{c}); err == nil {
				t.Errorf("%s: was stored", name)
			}
		}
		if _, err := tx.PutCommits("", []Commit{{Hash: Hash{1}}}); err == nil {
			t.Error("no uuid: was stored")
		}
		return nil
	})
}

func all(t *testing.T, tx *Tx, uuid UUID) (commits []Commit) {
	t.Helper()
	for c, err := range tx.Commits(uuid) {
		if err != nil {
			t.Fatal(err)
		}
		commits = append(commits, c)
	}
	slices.SortFunc(commits, func(a, b Commit) int { return slices.Compare(a.Hash[:], b.Hash[:]) })
	return commits
}

func TestFactsSkipsBlocks(t *testing.T) {
	db := newDB(t)
	var commits []Commit
	for i := range 3 * blockLength {
		commits = append(commits, Commit{Hash: Hash{byte(i), byte(i >> 8), 1}, Date: int64(i)})
	}
	update(t, db, func(tx *Tx) error { _, err := tx.PutCommits("{u}", commits); return err })
	const n = blockLength
	for _, test := range []struct {
		since, until int64
		want         int
	}{
		{0, 3*n - 1, 3 * n}, {n, 2*n - 1, n}, {n - 1, n, 2 * n}, {3 * n, math.MaxInt64, 0},
		{math.MinInt64, -1, 0}, {math.MinInt64, 0, n}, {3*n - 1, math.MaxInt64, n},
	} {
		view(t, db, func(tx *Tx) error {
			got := 0
			for f, err := range tx.Facts("{u}", test.since, test.until) {
				if err != nil {
					return err
				}
				got += len(f.Dates)
			}
			if got != test.want {
				t.Errorf("from %d to %d: %d commits, want %d", test.since, test.until, got, test.want)
			}
			return nil
		})
	}
}

func TestSmallThings(t *testing.T) {
	db := newDB(t)
	r := repositoryOf(1, Hash{7})
	r.Roots, r.Floor, r.Dirty = []Hash{{1}, {2}}, -5, true
	other := Repository{UUID: "{b}", Workspace: "acme", Slug: "a"}
	ws := Workspace{Slug: "acme", Credential: &Credential{Kind: "api_token"}, LastSync: time.Unix(5, 0).UTC()}
	walk := Walk{Target: Hash{1}, Met: true, Wanted: []Hash{{3}}}
	spent := map[int64]int{29_000_000: 3, 29_000_001: 900}
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutRepository(r), tx.PutRepository(other), tx.PutWorkspace(ws),
			tx.PutWorkspace(Workspace{Slug: "zz"}), tx.DeleteWorkspace("zz"), tx.DeleteWorkspace("never"),
			tx.PutWalk("{a}", walk), tx.PutWalk("{b}", walk), tx.DeleteWalk("{b}"), tx.DeleteWalk("{c}"),
			tx.PutSpent("one", spent), tx.PutLimit("one", 5000), tx.PutSpent("one", spent))
	})
	view(t, db, func(tx *Tx) error {
		got := []any{}
		keep := func(v any, err error) {
			if err != nil {
				t.Error(err)
			}
			got = append(got, v)
		}
		keep(tx.Repositories())
		keep(tx.Workspaces())
		keep(tx.Walks())
		keep(tx.Spent("one"))
		keep(tx.Limit("one"))
		keep(tx.Spent("none"))
		keep(tx.Budgets())
		want := []any{[]Repository{other, r}, []Workspace{ws}, map[UUID]Walk{"{a}": walk}, spent, 5000,
			map[int64]int{}, []string{"one"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		if one, ok, err := tx.Repository(r.UUID); !ok || err != nil || !reflect.DeepEqual(one, r) {
			t.Errorf("repository is %+v, %v, %v", one, ok, err)
		}
		if _, ok, err := tx.Repository("{none}"); ok || err != nil {
			t.Errorf("a repository nobody stored: %v, %v", ok, err)
		}
		if w, ok, err := tx.Walk("{a}"); !ok || err != nil || !reflect.DeepEqual(w, walk) {
			t.Errorf("walk is %+v, %v, %v", w, ok, err)
		}
		if _, ok, err := tx.Workspace("none"); ok || err != nil {
			t.Errorf("a workspace nobody stored: %v, %v", ok, err)
		}
		return nil
	})
	update(t, db, func(tx *Tx) error {
		if tx.PutRepository(Repository{Slug: "s"}) == nil || tx.PutWorkspace(Workspace{}) == nil {
			t.Error("stored without a key")
		}
		return nil
	})
}

func TestParallel(t *testing.T) {
	db := newDB(t)
	fill(t, db, 8, 700)
	view(t, db, func(tx *Tx) error {
		counts := make([]int, 4)
		err := tx.Parallel(4, func(worker int, tx *Tx) error {
			for i := worker; i < 8; i += 4 {
				for f, err := range tx.Facts(uuidOf(i), math.MinInt64, math.MaxInt64) {
					if err != nil {
						return err
					}
					counts[worker] += len(f.Dates)
				}
			}
			return nil
		})
		if !reflect.DeepEqual(counts, []int{1400, 1400, 1400, 1400}) {
			t.Errorf("workers counted %v", counts)
		}
		return err
	})
	mine := errors.New("mine")
	view(t, db, func(tx *Tx) error {
		err := tx.Parallel(3, func(worker int, _ *Tx) error {
			if worker == 1 {
				return mine
			}
			return nil
		})
		if !errors.Is(err, mine) {
			t.Errorf("error is %v", err)
		}
		return nil
	})
	update(t, db, func(tx *Tx) error {
		if tx.Parallel(1, func(int, *Tx) error { return nil }) == nil {
			t.Error("parallel reading while writing")
		}
		return nil
	})
}
