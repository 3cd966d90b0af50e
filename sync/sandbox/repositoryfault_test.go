package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// A broken commit fails every page that holds it, and smaller pages around it are served.
func TestBrokenCommit(t *testing.T) {
	s, r := website(t)
	want := r.Reachable("")
	r.BrokenCommit(want[45])
	for query, status := range map[string]int{
		"": 200, "&pagelen=45": 200, "&pagelen=46": 500, "&pagelen=100": 500,
		"&exclude=" + want[45]: 200, "&include=" + want[45] + "&pagelen=1": 200,
	} {
		if got := ask(s, commitsOf(r, query), bearer); got.status != status {
			t.Errorf("%q: %d, want %d", query, got.status, status)
		}
	}
	alone := commitsPath + "?" + commitFields + "&pagelen=1&include=" + want[45]
	if got := ask(s, alone, bearer); got.status != 500 {
		t.Errorf("alone: %d", got.status)
	}
	r.Mend(want[45])
	if got := walk(t, s, commitsOf(r, "&pagelen=100")); !slices.Equal(got, want) {
		t.Error("not mended")
	}
}

func TestWithholdRow(t *testing.T) {
	s, r := website(t)
	want := r.Reachable("")
	r.WithholdRow(want[45])
	for _, pagelen := range []int{7, 100} {
		got := walk(t, s, commitsOf(r, fmt.Sprint("&pagelen=", pagelen)))
		if !slices.Equal(got, slices.Delete(slices.Clone(want), 45, 46)) {
			t.Errorf("pagelen %d: %d rows", pagelen, len(got))
		}
	}
	if got := ask(s, commitsOf(r, "&exclude="+want[45]), bearer); got.status != 200 {
		t.Errorf("as a hash: %d", got.status)
	}
}

// The parents of a shallow commit are named, and unknown, until the history is deepened.
func TestShallow(t *testing.T) {
	s, r := website(t)
	all := r.Reachable("")
	at, parent := all[30], all[31]
	r.Shallow(at)
	late := 1 // the commit of the merged branch, which began further back
	want := len(r.Reachable(""))
	if got := walk(t, s, commitsOf(r, "")); len(got) != want || want >= len(all) || want < 31+late {
		t.Errorf("%d commits, want %d of %d", len(got), want, len(all))
	}
	_, p := get(t, s, commitsPath+"?"+commitFields+"&pagelen=1&include="+at)
	if p.Next != "" || len(p.Values[0].Parents) != 1 || p.Values[0].Parents[0].Hash != parent {
		t.Errorf("the shallow commit: %+v", p)
	}
	got := ask(s, commitsOf(r, "&include="+parent), bearer)
	if got.status != http.StatusNotFound || !same(got.body, unknown(parent)) {
		t.Errorf("its parent: %d %s", got.status, got.body)
	}
	r.GC()
	r.Mend(at)
	if got := walk(t, s, commitsOf(r, "")); !slices.Equal(got, all) {
		t.Errorf("deepened: %d commits, want %d", len(got), len(all))
	}
}

func TestForbid(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	for _, status := range []int{403, 404} {
		r.Forbid(status)
		if got := listedSlugs(t, s, ""); got != "website" {
			t.Errorf("the listing has %q", got)
		}
		for _, path := range []string{branch, commitsOf(r, "")} {
			if got := ask(s, path, bearer); got.status != status {
				t.Errorf("%q: %d, want %d", path, got.status, status)
			}
		}
	}
	r.Forbid(0)
	if got := ask(s, branch, bearer); got.status != http.StatusOK {
		t.Errorf("not forbidden any more: %d", got.status)
	}
}
