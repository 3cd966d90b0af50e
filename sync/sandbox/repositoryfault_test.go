package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
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

func TestHideFromRange(t *testing.T) {
	s, r := website(t)
	head := r.Head()
	_, first := get(t, s, commitsOf(r, ""))
	r.HideFromRange(head)
	for _, path := range []string{commitsOf(r, ""), first.Next} {
		if got := ask(s, path, bearer); got.status != 404 || !same(got.body, unknown(head)) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	_, p := get(t, s, acmePath+"?"+listingFields)
	if p.Values[0].MainBranch.Target.Hash != head {
		t.Errorf("the listing names %+v", p.Values[0].MainBranch)
	}
	r.Mend(head)
	if got := ask(s, commitsOf(r, ""), bearer); got.status != 200 {
		t.Errorf("unhidden: %d", got.status)
	}
}

func TestRawDates(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	head := r.Commits("main", 1)[0]
	for text, want := range map[string]string{
		"null": `{"date":null}`, `""`: `{"date":""}`, "": `{}`, "7": `{"date":7}`,
		`"2025-02-30T00:00:00+00:00"`: `{"date":"2025-02-30T00:00:00+00:00"}`,
	} {
		r.SetRawDate(head, text)
		got := ask(s, commitsPath+"?include="+head+"&fields=values.date", bearer)
		if !same(got.body, `{"values":[`+want+`]}`) {
			t.Errorf("%s: %s", text, got.body)
		}
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

// Repositories vanish from a listing that answers 200.
func TestLoseAccess(t *testing.T) {
	s, w := start(t)
	for _, slug := range []string{"website", "b", "c", "d"} {
		w.NewRepository(slug).Commits("main", 1)
	}
	w.LoseAccessExcept(0)
	if got := listedSlugs(t, s, ""); got != "" {
		t.Errorf("the listing has %q", got)
	}
	if got := ask(s, branch, bearer); got.status != 404 || !same(got.body, notFound) {
		t.Errorf("%d %s", got.status, got.body)
	}
	w.LoseAccessExcept(2)
	_, p := get(t, s, acmePath+"?"+listingFields)
	if got := listedSlugs(t, s, ""); got != "website b" || *p.Size != 2 {
		t.Errorf("the listing has %q", got)
	}
	w.LoseAccessExcept(4)
	if got := listedSlugs(t, s, ""); got != "website b c d" {
		t.Errorf("regained: %q", got)
	}
}

// A default branch that is named and not there, in a repository with commits and in an empty one.
func TestMissingBranch(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	w.NewRepository("empty").NameMissingBranch("trunk")
	r.Commits("main", 1)
	r.NameMissingBranch("main")
	_, p := get(t, s, acmePath+"?"+listingFields)
	for i, name := range []string{"main", "trunk"} {
		if b := p.Values[i].MainBranch; b == nil || b.Name != name || b.Target != nil {
			t.Errorf("%s: %+v", name, b)
		}
	}
	got := ask(s, acmePath+"?fields=values.mainbranch.target.hash&pagelen=1", bearer)
	if !strings.Contains(got.body, `"mainbranch":{"target":null}`) {
		t.Errorf("%s", got.body)
	}
	if got := ask(s, branch, bearer); got.status != http.StatusNotFound {
		t.Errorf("the branch itself: %d", got.status)
	}
	r.NameMissingBranch("")
	if _, p := get(t, s, acmePath+"?"+listingFields); p.Values[0].MainBranch.Target == nil {
		t.Errorf("taken back: %+v", p.Values[0])
	}
	r.SwitchBranch("none")
	if _, p := get(t, s, acmePath+"?"+listingFields); p.Values[0].MainBranch != nil {
		t.Errorf("a branch that does not exist yet: %+v", p.Values[0])
	}
}

func TestMaxPagelen(t *testing.T) {
	s, r := website(t)
	s.MaxPagelen(CommitsKind, 50)
	for query, want := range map[string]int{"&pagelen=50": 200, "&pagelen=51": 400, "&pagelen=100": 400} {
		status, p := get(t, s, commitsOf(r, query))
		if status != want || want == 400 && p.Error.Message != "Invalid pagelen" {
			t.Errorf("%s: %d %+v", query, status, p)
		}
	}
	if status, _ := get(t, s, acmePath+"?"+listingFields+"&pagelen=100"); status != 200 {
		t.Errorf("the listing: %d", status)
	}
	s.MaxPagelen(CommitsKind, 0)
	if status, _ := get(t, s, commitsOf(r, "&pagelen=100")); status != 200 {
		t.Errorf("taken back: %d", status)
	}
}

func TestRefuseUUIDs(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	s.RefuseUUIDs(true)
	byUUID := strings.Replace(branch, "website", r.UUID(), 1)
	if got := ask(s, byUUID, bearer); got.status != 404 || !same(got.body, notFound) {
		t.Errorf("by UUID: %d %s", got.status, got.body)
	}
	if got := ask(s, branch, bearer); got.status != 200 {
		t.Errorf("by slug: %d", got.status)
	}
	s.RefuseUUIDs(false)
	if got := ask(s, byUUID, bearer); got.status != 200 {
		t.Errorf("taken back: %d", got.status)
	}
}
