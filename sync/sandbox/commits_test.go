package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// world is a repository with a default branch of 250 commits, a branch with a slash, a branch
// merged late and a tag.
func world(t *testing.T) (*Server, *Repository) {
	t.Helper()
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 200)
	r.CreateBranch("feature/late", "main")
	r.Commit("feature/late", Change{Date: time.Unix(1000, 0), Message: "late"})
	r.Commits("main", 48)
	r.Merge("main", "feature/late", Change{})
	r.Commits("feature/x", 3)
	r.Tag("v1", r.Reachable("main")[100])
	return s, r
}

const commitsPath = "/repositories/acme/website/commits"

// Points 1, 2, 4 and 5: what is listed, in what order, page by page.
func TestCommits(t *testing.T) {
	s, r := world(t)
	main, x := r.Reachable("main"), r.Reachable("feature/x")
	head := main[0]
	for _, test := range []struct {
		name, query string
		want        []string
		several     bool // branches
	}{
		{"by hash", "?pagelen=100&include=" + head, main, false},
		{"default page length", "?include=" + head, main, false},
		{"by branch", "?include=main", main, false},
		{"branch with a slash", "?include=feature%2Fx", x, false},
		{"by tag", "?include=v1", main[100:], false},
		{"short hash", "?include=" + head[:9], main, false},
		{"upper case", "?include=" + strings.ToUpper(head), main, false},
		{"union", "?include=feature%2Fx&include=main&pagelen=100", append(slices.Clone(x), main...), true},
		{"range", "?include=" + head + "&exclude=" + main[60], main[:60], false},
		{"several excludes", "?include=" + head + "&exclude=" + main[90] + "&exclude=" + main[60], main[:60], false},
		{"empty range", "?include=" + main[60] + "&exclude=" + head, nil, false},
		{"exclude alone", "?exclude=main", x, false},
		{"revision", "/" + head, main, false},
		{"revision, branch", "/main?pagelen=100", main, false},
		{"revision minus", "/main?exclude=v1&pagelen=7", main[:100], false},
		{"revision and include", "/main?include=feature/x&pagelen=100", append(slices.Clone(x), main...), true},
		{"everything", "", append(slices.Clone(x), main...), true},
		{"slash at the end", "/", append(slices.Clone(x), main...), true},
		{"ignored parameters", "?q=nonsense&sort=date&path=a.go&include=main", main, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := walk(t, s, commitsPath+test.query)
			if test.several { // they interleave by date
				slices.Sort(got)
				slices.Sort(test.want)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %d commits, want %d", len(got), len(test.want))
			}
		})
	}
}

func TestCommitsOrder(t *testing.T) {
	s, r := world(t)
	seen := map[string]bool{}
	monotone, last := true, int64(1<<62)
	for url := any(commitsPath + "?pagelen=100&include=main"); url != nil; {
		_, page := get(t, s, url.(string))
		for _, v := range page["values"].([]any) {
			c := v.(map[string]any)
			for _, p := range c["parents"].([]any) {
				if seen[p.(map[string]any)["hash"].(string)] {
					t.Errorf("the parent %v comes before %v", p, c["hash"])
				}
			}
			seen[c["hash"].(string)] = true
			date, err := time.Parse("2006-01-02T15:04:05+00:00", c["date"].(string))
			if err != nil {
				t.Error(err)
			}
			monotone = monotone && date.Unix() <= last
			last = date.Unix()
		}
		url = page["next"]
	}
	if len(seen) != len(r.Reachable("")) || monotone {
		t.Errorf("%d commits, dates monotone: %v", len(seen), monotone)
	}
}

// Point 2: the shape of a page, and of the addresses of the next one.
func TestCommitsEnvelope(t *testing.T) {
	s, r := world(t)
	head := r.Head()
	fields := "fields=next,pagelen,values.hash"
	_, page := get(t, s, commitsPath+"?include="+head+"&pagelen=100&"+fields)
	keys := slices.Sorted(maps.Keys(page))
	if !slices.Equal(keys, []string{"next", "pagelen", "values"}) || page["pagelen"] != 100.0 {
		t.Errorf("keys %v, pagelen %v", keys, page["pagelen"])
	}
	next, err := url.Parse(page["next"].(string))
	if err != nil {
		t.Fatal(err)
	}
	query := next.Query()
	if !strings.HasPrefix(next.String(), s.URL()+commitsPath+"?ctx=") || query.Get("page") != "2" ||
		query.Get("pagelen") != "100" || query.Get("fields") != "next,pagelen,values.hash" {
		t.Errorf("next %v", next)
	}
	_, page = get(t, s, commitsPath+"/main?pagelen=100")
	if got, want := page["next"], s.URL()+commitsPath+"/main?page=2&pagelen=100"; got != want {
		t.Errorf("next of a revision %v, want %v", got, want)
	}
	_, last := get(t, s, commitsPath+"?include="+head+"&exclude="+r.Reachable("")[3])
	keys = slices.Sorted(maps.Keys(last))
	if !slices.Equal(keys, []string{"pagelen", "values"}) || last["pagelen"] != 30.0 {
		t.Errorf("last page: keys %v, pagelen %v", keys, last["pagelen"])
	}
	_, empty := get(t, s, commitsPath+"?include=main&exclude=main")
	if values, ok := empty["values"].([]any); !ok || len(values) != 0 {
		t.Errorf("empty range: %v", empty)
	}
}

func TestCommitsBadPages(t *testing.T) {
	s, _ := world(t)
	for query, message := range map[string]string{
		"?pagelen=101": "Invalid pagelen", "?pagelen=0": "Invalid pagelen", "?pagelen=x": "Invalid pagelen",
		"?ctx=feed&page=2": "Invalid page", "?page=2": "Invalid page", "?page=x": "Invalid page",
		"/main?page=0": "Invalid page", "/main?page=99": "Invalid page",
	} {
		status, body := get(t, s, commitsPath+query)
		if status != http.StatusBadRequest || body["error"].(map[string]any)["message"] != message {
			t.Errorf("%s: %d %v", query, status, body)
		}
	}
}

// A walk by hash stays as it was begun, whatever is pushed meanwhile.
func TestCommitsPagesAreStable(t *testing.T) {
	s, r := world(t)
	want := r.Reachable("")
	_, page := get(t, s, commitsPath+"?include=main")
	r.ForcePush("main", 20)
	got := walk(t, s, page["next"].(string))
	if !slices.Equal(got, want[30:]) {
		t.Errorf("got %d commits, want %d", len(got), len(want)-30)
	}
}

// Lists are dropped when there are many, and made again for whoever comes back to one.
func TestRangesAreForgotten(t *testing.T) {
	s, r := world(t)
	want := r.Reachable("")
	_, page := get(t, s, commitsPath+"?include=main")
	next, err := url.Parse(page["next"].(string))
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxLists + 1 {
		get(t, s, fmt.Sprintf("%s?include=%s&exclude=%s&fields=next", commitsPath, want[i%16], want[17+i/16]))
	}
	if rng := r.ranges.named(next.Query().Get("ctx")); rng.commits != nil || len(r.ranges.recent) > maxLists {
		t.Errorf("%d lists are kept, and the first one has %d commits", len(r.ranges.recent), len(rng.commits))
	}
	if got := walk(t, s, next.String()); !slices.Equal(got, want[30:]) {
		t.Errorf("got %d commits, want %d", len(got), len(want)-30)
	}
}

// Point 4: the form of POST, whose next is followed with GET.
func TestCommitsPost(t *testing.T) {
	s, r := world(t)
	main := r.Reachable("main")
	form := url.Values{"include": {r.Head()}, "exclude": {main[60], main[90]}}
	for _, path := range []string{commitsPath, commitsPath + "/main"} {
		req, err := http.NewRequest("POST", s.URL()+path+"?pagelen=25", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var page struct {
			Values []struct{ Hash string }
			Next   string
		}
		if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range page.Values {
			got = append(got, v.Hash)
		}
		if got = append(got, walk(t, s, page.Next)...); !slices.Equal(got, main[:60]) {
			t.Errorf("%s: got %d commits, want 60", path, len(got))
		}
	}
	if log := s.Requests(); !slices.Equal(log[0].Query["exclude"], form["exclude"]) || log[0].Method != "POST" {
		t.Errorf("the log does not show the form: %+v", log[0])
	}
}

// Points 6 and 7: what does not resolve, word for word.
func TestCommitsNotFound(t *testing.T) {
	s, r := world(t)
	main := r.Reachable("")
	old := r.Head()
	r.ForcePush("main", 5)
	if got := walk(t, s, commitsPath+"?include="+old+"&exclude=main"); len(got) != 6 { // a merge among them
		t.Errorf("before GC: %d commits", len(got))
	}
	r.DeleteBranch("feature/late")
	r.GC()
	r.HideFromRange(r.Head())
	const nobody = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	for query, sha := range map[string]string{
		"?include=main&exclude=" + old:                r.MainBranch(),
		"?include=" + main[50] + "&exclude=" + old:    old,
		"?include=" + r.Head():                        r.Head(),
		"?include=nobranch":                           "nobranch",
		"?include=" + main[50] + "&include=" + nobody: nobody,
		"/" + nobody:                                  nobody,
		"/" + main[50] + "/":                          main[50] + "/",
		"/feature/x":                                  "feature/x",
		"?include=" + main[50][:5]:                    main[50][:5],
	} {
		status, raw := getRaw(t, s, commitsPath+query, "Bearer "+token)
		want := `{"type":"error","error":{"message":"Commit not found","data":{"shas":["` + sha +
			`"]}},"data":{"shas":["` + sha + `"]}}`
		if status != http.StatusNotFound || string(raw) != want {
			t.Errorf("%s: %d %s\nwant %s", query, status, raw, want)
		}
	}
	query := commitsPath + "?include=nobranch&exclude=" + nobody
	if _, raw := getRaw(t, s, query, "Bearer "+token); strings.Contains(string(raw), nobody) {
		t.Error("the second hash is named as well")
	}
	s.NameEveryHash(true)
	_, raw := getRaw(t, s, query, "Bearer "+token)
	if strings.Count(string(raw), `["nobranch","`+nobody+`"]`) != 2 {
		t.Errorf("both should be named: %s", raw)
	}
}

// A range is forgotten between two pages of it.
func TestCommitsGoneMidWalk(t *testing.T) {
	s, r := world(t)
	_, page := get(t, s, commitsPath+"?include=main")
	r.Rewind("main", 1)
	r.GC()
	if status, body := get(t, s, page["next"].(string)); status != http.StatusNotFound {
		t.Errorf("%d %v", status, body)
	}
	_, page = get(t, s, commitsPath+"?include=main")
	r.Delete()
	if status, _ := get(t, s, page["next"].(string)); status != http.StatusNotFound {
		t.Error("a deleted repository is served")
	}
}
