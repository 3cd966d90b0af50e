package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// website is a repository with a default branch of 250 commits, and a branch merged late.
func website(t *testing.T) (*Server, *Repository) {
	t.Helper()
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 200)
	r.Push("feature/late", r.Head())
	r.Commit("feature/late", Change{Date: time.Unix(1000, 0), Message: "late"})
	r.Commits("main", 48)
	r.Merge("main", "feature/late", Change{})
	r.Commits("feature/x", 3)
	return s, r
}

// What is listed, in what order, page by page.
func TestCommits(t *testing.T) {
	s, r := website(t)
	main, x := r.Reachable("main"), r.Reachable("feature/x")
	head := main[0]
	for _, test := range []struct {
		name, query string
		want        []string
		several     bool // branches
	}{
		{"default page length", "", main, false},
		{"longest pages", "&pagelen=100", main, false},
		{"pages of seven", "&pagelen=7", main, false},
		{"union", "&pagelen=100&include=" + x[0], append(slices.Clone(x), main...), true},
		{"range", "&exclude=" + main[60], main[:60], false},
		{"several excludes", "&exclude=" + main[90] + "&exclude=" + main[60], main[:60], false},
		{"empty range", "&exclude=" + head, nil, false},
		{"upper case", "&exclude=" + strings.ToUpper(main[60]), main[:60], false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := walk(t, s, commitsOf(r, test.query))
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

// Parents come after their children, so that dates are not monotone.
func TestCommitsOrder(t *testing.T) {
	s, r := website(t)
	seen := map[string]bool{}
	monotone, last := true, int64(1<<62)
	for path := commitsOf(r, "&pagelen=100"); path != ""; {
		_, p := get(t, s, path)
		for _, c := range p.Values {
			for _, parent := range c.Parents {
				if seen[parent.Hash] {
					t.Errorf("the parent %v comes before %v", parent, c.Hash)
				}
			}
			seen[c.Hash] = true
			date, err := time.Parse("2006-01-02T15:04:05+00:00", c.Date.(string))
			if err != nil {
				t.Error(err)
			}
			monotone = monotone && date.Unix() <= last
			last = date.Unix()
		}
		path = p.Next
	}
	if len(seen) != len(r.Reachable("")) || monotone {
		t.Errorf("%d commits, dates monotone: %v", len(seen), monotone)
	}
}

// The shape of a page, and of the addresses of the next one.
func TestCommitsEnvelope(t *testing.T) {
	s, r := website(t)
	path := commitsPath + "?include=" + r.Head()
	_, p := get(t, s, path+"&pagelen=100&fields=next,values.hash")
	next, err := url.Parse(p.Next)
	if err != nil {
		t.Fatal(err)
	}
	query := next.Query()
	if !strings.HasPrefix(p.Next, s.URL()+commitsPath+"?ctx=") || query.Get("page") != "2" ||
		query.Get("pagelen") != "100" || query.Get("fields") != "next,values.hash" || query.Has("include") {
		t.Errorf("next %v", next)
	}
	if _, p = get(t, s, path+"&pagelen=100&fields=values.hash"); p.Next != "" || len(p.Values) != 100 {
		t.Errorf("next unasked: %q", p.Next)
	}
	got := ask(s, path+"&exclude="+r.Head()+"&fields=next,values.hash", bearer)
	if !same(got.body, `{"values":[]}`) {
		t.Errorf("empty range: %s", got.body)
	}
	for query, message := range map[string]string{
		"&pagelen=101": "Invalid pagelen", "&pagelen=0": "Invalid pagelen", "&pagelen=x": "Invalid pagelen",
		"&ctx=feed&page=2": "Invalid page", "&page=2": "Invalid page", "&page=x": "Invalid page",
		"&ctx=" + query.Get("ctx"):             "Invalid page",
		"&page=99&ctx=" + query.Get("ctx"):     "Invalid page",
		"&page=2&ctx=" + query.Get("ctx")[:31]: "Invalid page",
	} {
		status, p := get(t, s, path+"&"+commitFields+query)
		if status != http.StatusBadRequest || p.Error.Message != message {
			t.Errorf("%s: %d %+v", query, status, p)
		}
	}
}

// The members of a commit: unusual authors, parents and messages.
func TestCommitRows(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	first := r.Commits("main", 1)[0]
	var parents []string
	for i := range 8 {
		parents = append(parents, r.Commit(fmt.Sprint("b", i), Change{Parents: []string{first}}))
	}
	date := time.Date(2025, 3, 31, 10, 0, 0, 0, time.FixedZone("", 7200))
	long, unusual := strings.Repeat("0123456789", 10240), "a\r\nb\t\"\\\x01</script> 日本 🎉"
	for _, c := range []struct {
		Change
		author, message string
	}{
		{Change{Author: "Ann <ann@example.com>", Account: "{a}", Message: unusual},
			`{"raw":"Ann <ann@example.com>","user":{"uuid":"{a}","type":"user"}}`, unusual},
		{Change{Author: "pipe <p@example.com>", Account: "{r}", App: true, Parents: parents, Message: long},
			`{"raw":"pipe <p@example.com>","user":{"uuid":"{r}","type":"app_user"}}`, long},
		{Change{Author: "bob", Message: "\xff\xfex"}, `{"raw":"bob"}`, "\ufffd\ufffdx"},
		{Change{Author: "渡辺 <>", Message: "m"}, `{"raw":"渡辺 <>"}`, "m"},
	} {
		c.Date = date
		hash := r.Commit("main", c.Change)
		got := ask(s, commitsOf(r, "&pagelen=1"), bearer)
		var p struct {
			Values []struct {
				Hash, Date, Message string
				Author              json.RawMessage
				Parents             []struct{ Hash string }
			}
		}
		if err := json.Unmarshal([]byte(got.body), &p); err != nil {
			t.Fatal(err)
		}
		v := p.Values[0]
		author := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(v.Author))
		if !same(author, c.author) || v.Message != c.message || v.Hash != hash ||
			v.Date != "2025-03-31T08:00:00+00:00" {
			t.Errorf("%s: %.300s", c.Author, got.body)
		}
		if n := len(v.Parents); n != max(len(c.Parents), 1) {
			t.Errorf("%s: %d parents", c.Author, n)
		}
	}
	got := ask(s, commitsPath+"?include="+first+"&fields=values.hash,values.parents.hash", bearer)
	if !same(got.body, `{"values":[{"hash":"`+first+`","parents":[]}]}`) {
		t.Errorf("the root: %s", got.body)
	}
}

// A walk stays as it was begun, whatever is pushed meanwhile and whichever ranges are read in between.
func TestCommitsPagesAreStable(t *testing.T) {
	s, r := website(t)
	want := r.Reachable("")
	_, p := get(t, s, commitsOf(r, ""))
	r.ForcePush("main", 20)
	for range 2 {
		if got := walk(t, s, commitsOf(r, "&exclude="+want[200])); slices.Contains(got, want[200]) {
			t.Errorf("the other range has what it excludes: %d commits", len(got))
		}
		if got := walk(t, s, p.Next); !slices.Equal(got, want[30:]) {
			t.Errorf("got %d commits, want %d", len(got), len(want)-30)
		}
	}
}

// The form of POST, whose next is followed with GET.
func TestCommitsPost(t *testing.T) {
	s, r := website(t)
	main := r.Reachable("main")
	form := url.Values{"include": {r.Head()}, "exclude": {main[60], main[90]}}
	address := s.URL() + commitsPath + "?pagelen=25&" + commitFields
	req, err := http.NewRequest("POST", address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", bearer)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var p anyPage
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range p.Values {
		got = append(got, v.Hash)
	}
	if got = append(got, walk(t, s, p.Next)...); !slices.Equal(got, main[:60]) {
		t.Errorf("got %d commits, want 60", len(got))
	}
	if log := s.Requests(); !slices.Equal(log[0].Query["exclude"], form["exclude"]) || log[0].Method != "POST" {
		t.Errorf("the log does not show the form: %+v", log[0])
	}
}

// unknown is the answer to a range with a hash that is not known.
func unknown(hash string) string {
	return `{"type":"error","error":{"message":"Commit not found","data":{"shas":["` + hash +
		`"]}},"data":{"shas":["` + hash + `"]}}`
}

func TestCommitsNotFound(t *testing.T) {
	s, r := website(t)
	main := r.Reachable("")
	old := r.Head()
	r.ForcePush("main", 5)
	got := walk(t, s, commitsPath+"?"+commitFields+"&include="+old+"&exclude="+r.Head())
	if len(got) != 6 { // a merge among them
		t.Errorf("before GC: %d commits", len(got))
	}
	r.GC()
	const none, another = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	for query, hash := range map[string]string{
		"&exclude=" + old:                           old,
		"&include=" + old + "&exclude=" + main[50]:  old,
		"&include=" + none:                          none,
		"&include=" + none + "&include=" + another:  none,
		"&include=" + another + "&exclude=" + none:  another,
		"&exclude=" + main[50] + "&exclude=" + none: none,
		"&include=" + strings.ToUpper(none):         none,
		"&exclude=" + none + "&exclude=" + another:  none,
	} {
		if got := ask(s, commitsOf(r, query), bearer); got.status != 404 || !same(got.body, unknown(hash)) {
			t.Errorf("%s: %d %s", query, got.status, got.body)
		}
	}
}

// A commit of a range, or its repository, is gone between two pages.
func TestCommitsGoneMidWalk(t *testing.T) {
	s, r := website(t)
	_, p := get(t, s, commitsOf(r, ""))
	r.Rewind("main", 1)
	r.GC()
	if status, p := get(t, s, p.Next); status != http.StatusNotFound {
		t.Errorf("%d %+v", status, p)
	}
	_, p = get(t, s, commitsOf(r, ""))
	r.Delete()
	if status, _ := get(t, s, p.Next); status != http.StatusNotFound {
		t.Error("a deleted repository is served")
	}
}
