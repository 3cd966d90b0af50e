package store

import (
	"errors"
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
		if !has(t, tx, "{u}", Hash{3}) || has(t, tx, "{u}", Hash{9}) || has(t, tx, "{v}", Hash{3}) {
			t.Error("Has is wrong")
		}
		if _, ok, err := tx.Commit("{v}", Hash{1}); ok || err != nil {
			t.Errorf("commit of a repository without any: %v, %v", ok, err)
		}
		return nil
	})
}

func TestPromoteBoundaries(t *testing.T) {
	db := newDB(t)
	a := Commit{Hash: Hash{1}, Date: 10, Author: Author{Raw: "A"}, Message: "first"}
	old := Commit{Hash: Hash{3}, Date: 5, Author: Author{Raw: "B"}, Parents: []Hash{{8}, {9}}, Boundary: true}
	update(t, db, func(tx *Tx) error {
		_, err := tx.PutCommits("{u}", []Commit{a, old})
		return err
	})
	for i, want := range []int{1, 0} {
		update(t, db, func(tx *Tx) error {
			if added, err := tx.PromoteBoundaries("{u}", []Hash{{3}, {3}, {1}, {7}}); err != nil || added != want {
				t.Errorf("call %d added %d, error %v", i, added, err)
			}
			added, err := tx.PromoteBoundaries("{v}", []Hash{{3}})
			if added != 0 {
				t.Errorf("a repository without commits: %d", added)
			}
			return err
		})
	}
	old.Boundary = false
	view(t, db, func(tx *Tx) error {
		if got := all(t, tx, "{u}"); !reflect.DeepEqual(got, []Commit{a, old}) {
			t.Errorf("stored are %+v", got)
		}
		sameFacts(t, tx, "{u}", map[Hash]Commit{{1}: a, {3}: old})
		e, err := tx.Extent("{u}")
		if want := (Extent{2, 1, 5, 10}); e != want {
			t.Errorf("extent is %+v, want %+v", e, want)
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

func TestSmallThings(t *testing.T) {
	db := newDB(t)
	r := repositoryOf(1, Hash{7})
	r.Roots, r.Floor, r.NeedsSweep = []Hash{{1}, {2}}, -5, true
	other := Repository{UUID: "{b}", Workspace: "acme", Slug: "a"}
	ws := Workspace{Slug: "acme", Credential: &Credential{Kind: "api_token"}, LastSync: time.Unix(5, 0).UTC()}
	walk := Walk{Target: Hash{1}, BaseSeen: true, Wanted: []Hash{{3}}}
	spent := map[int64]int{29_000_000: 3, 29_000_001: 900}
	update(t, db, func(tx *Tx) error {
		return errors.Join(tx.PutRepository(r), tx.PutRepository(other), tx.PutWorkspace(ws),
			tx.PutWorkspace(Workspace{Slug: "zz"}), tx.DeleteWorkspace("zz"), tx.DeleteWorkspace("never"),
			tx.PutWalk("{a}", walk), tx.PutWalk("{b}", walk), tx.DeleteWalk("{b}"), tx.DeleteWalk("{c}"),
			tx.PutBudget("one", Budget{5000, spent}))
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
		keep(tx.Budget("one"))
		keep(tx.Budget("none"))
		keep(tx.Budgets())
		want := []any{[]Repository{other, r}, []Workspace{ws}, map[UUID]Walk{"{a}": walk}, Budget{5000, spent},
			Budget{}, map[string]Budget{"one": {5000, spent}}}
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
