package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// listedSlugs walks a listing.
func listedSlugs(t *testing.T, s *Server, query string) string {
	t.Helper()
	return strings.Join(walk(t, s, acmePath+"?"+listingFields+query), " ")
}

func TestListingPages(t *testing.T) {
	s, w := start(t)
	var want []string
	for i := range 23 {
		want = append(want, w.NewRepository(fmt.Sprintf("r%02d", i)).Slug())
	}
	for _, query := range []string{"", "&pagelen=1", "&pagelen=100", "&sort=created_on"} {
		if got := listedSlugs(t, s, query); got != strings.Join(want, " ") {
			t.Errorf("%q: %s", query, got)
		}
	}
	_, p := get(t, s, acmePath+"?page=2&sort=created_on&fields=next,size")
	next, err := url.Parse(p.Next)
	q := next.Query()
	if err != nil || q.Get("sort") != "created_on" || q.Get("page") != "3" || q.Get("fields") != "next,size" {
		t.Errorf("next %v", next)
	}
	if *p.Size != 23 || p.Values != nil {
		t.Errorf("%+v", p)
	}
	for query, message := range map[string]string{
		"&pagelen=101": "Invalid pagelen", "&pagelen=no": "Invalid pagelen", "&pagelen=0": "Invalid pagelen",
		"&page=0": "Invalid page", "&page=x": "Invalid page",
	} {
		status, p := get(t, s, acmePath+"?"+listingFields+query)
		if status != http.StatusBadRequest || p.Error.Message != message {
			t.Errorf("%s: %d %+v", query, status, p)
		}
	}
}

// Links lead to the host that was asked, by the scheme that it was asked by.
func TestLinksLeadBack(t *testing.T) {
	s, w := start(t)
	w.NewRepository("one")
	w.NewRepository("two")
	secure := httptest.NewTLSServer(s.Handler())
	defer secure.Close()
	q, _ := http.NewRequest("GET", secure.URL+"/2.0"+acmePath+"?pagelen=1&fields=next", nil)
	q.Header.Set("Authorization", bearer)
	resp, err := secure.Client().Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var p anyPage
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || !strings.HasPrefix(p.Next, secure.URL+"/2.0"+acmePath+"?") {
		t.Errorf("next %q, %v", p.Next, err)
	}
}

// A bare list of fields has those members alone, and drops next and size.
func TestListingFields(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	head := r.Commits("main", 1)[0]
	r.SetName("Ünicode 店")
	r.SetProject("WEB")
	day := time.Date(2026, 5, 2, 12, 0, 0, 123456789, time.UTC)
	r.SetUpdatedOn(day)
	fork := r.Fork(w, "website-fork")
	if fork.Head() != head || fork.UUID() == r.UUID() {
		t.Errorf("fork %s of %s", fork.UUID(), r.UUID())
	}
	w.NewRepository("empty")
	for fields, want := range map[string]string{
		"values.slug":       `{"values":[{"slug":"website"},{"slug":"website-fork"},{"slug":"empty"}]}`,
		"size":              `{"size":3}`,
		"values.is_private": `{"values":[{"is_private":true},{"is_private":true},{"is_private":true}]}`,
		"values.size":       `{"values":[{"size":1024},{"size":1024},{"size":0}]}`,
		"values.name":       `{"values":[{"name":"Ünicode 店"},{"name":"website-fork"},{"name":"empty"}]}`,
		"values.project.key": `{"values":[{"project":{"key":"WEB"}},{"project":{"key":"WEB"}},` +
			`{"project":{"key":"PRJ"}}]}`,
		"values.parent.uuid,values.parent.full_name": `{"values":[{},{"parent":{"uuid":"` + r.UUID() +
			`","full_name":"acme/website"}},{}]}`,
		"values.mainbranch.name,values.mainbranch.target.hash": `{"values":[` +
			strings.Repeat(`{"mainbranch":{"name":"main","target":{"hash":"`+head+`"}}},`, 2) +
			`{"mainbranch":null}]}`,
	} {
		if got := ask(s, acmePath+"?fields="+fields, bearer); !same(got.body, want) {
			t.Errorf("%s:\ngot  %s\nwant %s", fields, got.body, want)
		}
	}
	got := ask(s, acmePath+"?fields=values.updated_on&pagelen=1", bearer)
	if !same(got.body, `{"values":[{"updated_on":"2026-05-02T12:00:00.123456+00:00"}]}`) {
		t.Errorf("updated_on: %s", got.body)
	}
	s.ListTargets(false)
	const heads = "fields=values.mainbranch.name,values.mainbranch.target.hash"
	got = ask(s, acmePath+"?pagelen=1&"+heads, bearer)
	if !same(got.body, `{"values":[{"mainbranch":{"name":"main"}}]}`) {
		t.Errorf("without targets: %s", got.body)
	}
}

// Any push moves updated_on, unless it is frozen.
func TestUpdatedOn(t *testing.T) {
	s, w := start(t)
	s.SetClock(func() time.Time { return time.Unix(1_700_000_000, 0) })
	r := w.NewRepository("website")
	r.Commits("main", 3)
	updated := func() string { return ask(s, acmePath+"?fields=values.updated_on", bearer).body }
	before := updated()
	for name, push := range map[string]func(){
		"commit":         func() { r.Commit("main", Change{}) },
		"another branch": func() { r.Commit("x", Change{}) },
		"rewind":         func() { r.Rewind("main", 1) },
		"switch":         func() { r.SwitchBranch("x") },
	} {
		push()
		if now := updated(); now <= before {
			t.Errorf("%s: %v after %v", name, now, before)
		}
		before = updated()
	}
}

// What happens to repositories and workspaces as a whole.
func TestRepositoryLives(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 2)
	id := r.UUID()
	r.Rename("shop")
	if got := listedSlugs(t, s, ""); got != "shop" || r.Slug() != "shop" || r.UUID() != id {
		t.Errorf("renamed: %s", got)
	}
	if got := ask(s, branch, bearer); got.status != http.StatusNotFound {
		t.Errorf("old slug: %d", got.status)
	}
	r.Delete()
	again := w.NewRepository("shop")
	if again.UUID() == id || again.Head() != "" || again.Slug() != "shop" {
		t.Errorf("made again: %s %s", again.UUID(), again.Head())
	}
	other := s.Workspace("Other")
	again.Transfer(other)
	if got := walk(t, s, "/repositories/other?"+listingFields); listedSlugs(t, s, "") != "" || got[0] != "shop" {
		t.Error("not transferred")
	}
	third := w.NewRepository("shop")
	if third.UUID() == id || third.UUID() == again.UUID() {
		t.Error("a UUID was used twice")
	}
	third.Delete()
	if got := listedSlugs(t, s, ""); got != "" || len(w.Repositories()) != 0 {
		t.Errorf("deleted: %s", got)
	}
}

func TestWorkspaceIsRenamed(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	w.Rename("Apex")
	if got := ask(s, list, bearer); got.status != http.StatusNotFound {
		t.Errorf("the old slug answers %d", got.status)
	}
	_, p := get(t, s, "/repositories/apex?"+listingFields)
	if len(p.Values) != 1 || p.Values[0].UUID != r.UUID() || w.Slug() != "apex" {
		t.Errorf("the new slug: %+v", p)
	}
	successor := s.Workspace("acme") // another workspace takes the old slug
	if again := successor.NewRepository("website"); again.UUID() == r.UUID() || successor.uuid == w.uuid {
		t.Error("a UUID was used twice")
	}
}
