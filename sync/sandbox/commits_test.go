package sandbox

import (
	"slices"
	"testing"
)

func TestCommitsPages(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 250)
	r.Commits("feature/x", 3)
	want := r.Reachable("main")
	if got := walk(t, s, "/repositories/acme/website/commits?pagelen=100&include="+r.Head()); !slices.Equal(got, want) {
		t.Errorf("got %d commits, want %d", len(got), len(want))
	}
	if got := walk(t, s, "/repositories/acme/website/commits?include="+r.Head()+"&exclude="+want[40]); !slices.Equal(got, want[:40]) {
		t.Errorf("got %d commits, want 40", len(got))
	}
	if got := walk(t, s, "/repositories/acme/website/commits"); len(got) != 253 {
		t.Errorf("all refs: got %d commits, want 253", len(got))
	}
	fields := "&fields=next,values.hash,values.date,values.message,values.parents.hash,values.author.raw"
	if got := walk(t, s, "/repositories/acme/website/commits?pagelen=100&include="+r.Head()+fields); !slices.Equal(got, want) {
		t.Errorf("with fields: got %d commits, want %d", len(got), len(want))
	}
	_, list := get(t, s, "/repositories/acme?fields=next,size,values.uuid,values.slug,values.mainbranch.name,values.mainbranch.target.hash")
	t.Log(list)
	_, list = get(t, s, "/repositories/acme/website/commits?pagelen=1")
	t.Log(list)
}
