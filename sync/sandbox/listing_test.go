package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// slugs walks a listing from path on.
func slugs(t *testing.T, s *Server, path string) string {
	t.Helper()
	var list []string
	for path != "" {
		status, page := get(t, s, path)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %v", path, status, page)
		}
		for _, v := range page["values"].([]any) {
			list = append(list, v.(map[string]any)["slug"].(string))
		}
		path, _ = page["next"].(string)
	}
	return strings.Join(list, " ")
}

// Point 3: pages that are counted, with a way back.
func TestListingPages(t *testing.T) {
	s, w := start(t)
	var want []string
	for i := range 23 {
		want = append(want, w.NewRepository(fmt.Sprintf("r%02d", i)).Slug())
	}
	for _, path := range []string{
		"/repositories/acme", "/repositories/ACME/?pagelen=1", "/repositories/acme?pagelen=100",
	} {
		if got := slugs(t, s, path); got != strings.Join(want, " ") {
			t.Errorf("%s: %s", path, got)
		}
	}
	_, page := get(t, s, "/repositories/acme?page=2&sort=-slug&fields=-values.links")
	keys := slices.Sorted(maps.Keys(page))
	if strings.Join(keys, " ") != "next page pagelen previous size values" {
		t.Errorf("keys %v", keys)
	}
	if page["page"] != 2.0 || page["pagelen"] != 10.0 || page["size"] != 23.0 {
		t.Errorf("page %v of %v, size %v", page["page"], page["pagelen"], page["size"])
	}
	next, err := url.Parse(page["next"].(string))
	q := next.Query()
	if err != nil || q.Get("sort") != "-slug" || q.Get("page") != "3" || q.Get("fields") != "-values.links" {
		t.Errorf("next %v", next)
	}
	for query, message := range map[string]string{
		"pagelen=101": "Invalid pagelen", "pagelen=no": "Invalid pagelen", "page=0": "Invalid page",
		"q=colour=1":                          `Field "colour" does not support filtering`,
		"q=slug=%22r01%22+AND+colour~%22x%22": `Field "colour" does not support filtering`,
		"q=updated_on>soon":                   `Invalid date "soon"`,
	} {
		status, body := get(t, s, "/repositories/acme?"+query)
		if status != http.StatusBadRequest || body["error"].(map[string]any)["message"] != message {
			t.Errorf("%s: %d %v", query, status, body)
		}
	}
}

func TestListingFilters(t *testing.T) {
	s, w := start(t)
	day := func(d int) time.Time { return time.Date(2026, 5, d, 12, 0, 0, 0, time.UTC) }
	for i, slug := range []string{"ant", "bee", "cat", "dog"} {
		r := w.NewRepository(slug)
		r.SetUpdatedOn(day(10 + i))
		r.SetPublic(slug == "cat")
		r.SetName("The " + strings.ToUpper(slug))
		if slug > "bee" {
			r.SetProject("PETS")
		}
	}
	w.Repository("ant").Fork(w, "ant-fork").SetUpdatedOn(day(1))
	for q, want := range map[string]string{
		`updated_on>2026-05-11T12:00:00Z`:                        "cat dog",
		`updated_on >= "2026-05-11T12:00:00+00:00"`:              "bee cat dog",
		`updated_on<2026-05-11`:                                  "ant ant-fork",
		`updated_on <= 2026-05-11T14:00:00+02:00`:                "ant bee ant-fork",
		`is_private=false`:                                       "cat",
		`project.key="PETS"`:                                     "cat dog",
		`name~"the d"`:                                           "dog",
		`name !~ "a"`:                                            "bee dog",
		`slug="ant" OR project.key="PETS" AND is_private=true`:   "ant dog",
		`(slug="ant" or project.key="PETS") and is_private=true`: "ant dog",
		`(slug = "bee" OR slug = "cat") AND is_private = true`:   "bee",
		`parent=null`:                                            "ant bee cat dog",
		`parent!=null`:                                           "ant-fork",
		`full_name="acme/bee"`:                                   "bee",
		`slug="nobody"`:                                          "",
	} {
		if got := slugs(t, s, "/repositories/acme?pagelen=1&q="+url.QueryEscape(q)); got != want {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
	for sort, want := range map[string]string{
		"updated_on": "ant-fork ant bee cat dog", "-updated_on": "dog cat bee ant ant-fork",
		"-slug": "dog cat bee ant-fork ant",
	} {
		if got := slugs(t, s, "/repositories/acme?pagelen=2&sort="+sort); got != want {
			t.Errorf("sort %s: %q, want %q", sort, got, want)
		}
	}
	for _, bad := range []string{"slug", "slug=", "(slug=1", "slug=1)", "=1", `slug="x" slug="y"`, "slug^2"} {
		if status, _ := get(t, s, "/repositories/acme?q="+url.QueryEscape(bad)); status != http.StatusBadRequest {
			t.Errorf("%s: status %d", bad, status)
		}
	}
}

func TestRepositoryShape(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	r.SetName("Ünicode 店")
	fork := r.Fork(s.Workspace("other"), "website")
	want := shape{
		"type": "", "full_name": "", "name": "", "slug": "", "description": "", "scm": "", "website": nil,
		"is_private": false, "fork_policy": "", "created_on": "", "updated_on": "", "size": 0.0,
		"language": "", "has_issues": false, "has_wiki": false, "uuid": "", "links": nil,
		"owner":      shape{"type": "", "uuid": "", "display_name": "", "username": "", "links": nil},
		"workspace":  shape{"type": "", "uuid": "", "name": "", "slug": "", "links": nil},
		"project":    shape{"type": "", "key": "", "uuid": "", "name": "", "links": nil},
		"mainbranch": shape{"type": "", "name": ""},
	}
	_, list := get(t, s, "/repositories/acme")
	row := list["values"].([]any)[0].(map[string]any)
	checkShape(t, "repository", row, want)
	_, single := get(t, s, "/repositories/%7B%7D/"+url.PathEscape(r.UUID()))
	if fmt.Sprint(single) != fmt.Sprint(row) {
		t.Errorf("the repository differs from its row:\n%v\n%v", single, row)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000000+00:00", row["updated_on"].(string)); err != nil {
		t.Error(err)
	}
	want["parent"] = shape{"type": "", "full_name": "", "name": "", "uuid": "", "links": nil}
	_, forked := get(t, s, "/repositories/other/"+url.PathEscape(fork.UUID()))
	checkShape(t, "fork", forked, want)
	if forked["parent"].(map[string]any)["uuid"] != r.UUID() || row["name"] != "Ünicode 店" {
		t.Errorf("parent %v, name %v", forked["parent"], row["name"])
	}
}

// Point 10: what moves updated_on.
func TestUpdatedOn(t *testing.T) {
	s, _ := clocked(t) // and the clock stands still
	r := s.Workspace("acme").Repository("website")
	r.Commits("main", 3)
	updated := func() any {
		_, body := get(t, s, "/repositories/acme/website?fields=updated_on")
		return body["updated_on"]
	}
	before := updated()
	for _, push := range []struct {
		name string
		do   func()
	}{
		{"commit", func() { r.Commit("main", Change{}) }},
		{"another branch", func() { r.Commit("x", Change{}) }},
		{"rewind", func() { r.Rewind("main", 1) }},
		{"new branch", func() { r.CreateBranch("y", "main") }},
		{"deleted branch", func() { r.DeleteBranch("x") }},
		{"switch", func() { r.SwitchBranch("y") }},
	} {
		push.do()
		now := updated()
		if now.(string) <= before.(string) {
			t.Errorf("%s: %v after %v", push.name, now, before)
		}
		before = now
	}
	r.FreezeUpdatedOn(true)
	r.Commits("main", 2)
	if now := updated(); now != before {
		t.Errorf("frozen, but %v after %v", now, before)
	}
}

// What happens to repositories as a whole.
func TestRepositoryLives(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 2)
	id := r.UUID()
	r.Rename("shop")
	if got := slugs(t, s, "/repositories/acme"); got != "shop" || r.Slug() != "shop" {
		t.Errorf("renamed: %s", got)
	}
	if status, _ := get(t, s, "/repositories/acme/website"); status != http.StatusNotFound {
		t.Errorf("old slug: %d", status)
	}
	again := r.Recreate()
	if again.UUID() == id || again.Head() != "" || again.Slug() != "shop" {
		t.Errorf("made again: %s %s", again.UUID(), again.Head())
	}
	other := s.Workspace("Other")
	again.Transfer(other)
	if slugs(t, s, "/repositories/acme") != "" || slugs(t, s, "/repositories/other") != "shop" {
		t.Error("not transferred")
	}
	third := w.NewRepository("shop")
	if third.UUID() == id || third.UUID() == again.UUID() {
		t.Error("a UUID was used twice")
	}
	third.Commits("main", 1)
	third.RenameBranch("main", "trunk")
	_, body := get(t, s, "/repositories/acme/shop?fields=mainbranch.name")
	if body["mainbranch"].(map[string]any)["name"] != "trunk" {
		t.Errorf("renamed branch: %v", body)
	}
	third.Delete()
	if got := slugs(t, s, "/repositories/acme"); got != "" {
		t.Errorf("deleted: %s", got)
	}
}

func TestRefs(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	head := r.Commits("main", 1)[0]
	r.CreateBranch("feature/x", "main")
	r.Tag("v1", head)
	for path, want := range map[string][]string{
		"refs/branches": {"feature/x", "main"}, "refs/tags": {"v1"}, "refs": {"feature/x", "main", "v1"},
		"refs/branches?q=" + url.QueryEscape(`name="main"`): {"main"}, "refs?sort=-name": {"v1", "main", "feature/x"},
	} {
		_, page := get(t, s, "/repositories/acme/website/"+path)
		var got []string
		for _, v := range page["values"].([]any) {
			x := v.(map[string]any)
			got = append(got, x["name"].(string))
			if x["target"].(map[string]any)["hash"] != head {
				t.Errorf("%s: target %v", path, x["target"])
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	for _, name := range []string{"feature%2Fx", "feature/x", "main"} {
		status, body := get(t, s, "/repositories/acme/website/refs/branches/"+name)
		if status != http.StatusOK || body["type"] != "branch" {
			t.Errorf("%s: %d %v", name, status, body)
		}
	}
	if status, _ := get(t, s, "/repositories/acme/website/refs/branches/none"); status != http.StatusNotFound {
		t.Errorf("no such branch: %d", status)
	}
}
