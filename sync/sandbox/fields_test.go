package sandbox

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// Point 8: the three modes, the wildcard, names that do not exist.
func TestFields(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	date := time.Date(2025, 3, 31, 10, 0, 0, 0, time.FixedZone("", 7200))
	head := r.Commit("main", Change{Date: date, Author: "Ann <ann@example.com>", Message: "m"})
	for range 11 {
		r.Commit("other", Change{})
	}
	w.NewRepository("blank")
	empty := `{"mainbranch":null}`
	for _, test := range []struct{ path, fields, want string }{
		{"/commits?include=main", "values.hash", `{"values":[{"hash":"` + head + `"}]}`},
		{"/commits?include=main", "pagelen,values.date,values.parents.hash",
			`{"values":[{"date":"2025-03-31T08:00:00+00:00","parents":[]}],"pagelen":30}`},
		{"/commits?include=main", "values.author.raw,values.author.user.uuid",
			`{"values":[{"author":{"raw":"Ann <ann@example.com>"}}]}`},
		{"/commits?include=main", "next,nosuch,values.hsah,values.message", `{"values":[{"message":"m"}]}`},
		{"/commits?include=main", "values.summary.raw,values.committer.raw",
			`{"values":[{"summary":{"raw":"m"},"committer":{"raw":"Ann <ann@example.com>"}}]}`},
		{"/commits?include=main", "values.author.*,-values.author.type",
			`{"values":[{"author":{"raw":"Ann <ann@example.com>"}}]}`},
		{"/commits?include=main", "values.*,-values.links,-values.repository,-values.rendered,-values.summary",
			`{"values":[{"type":"commit","hash":"` + head + `","date":"2025-03-31T08:00:00+00:00",` +
				`"author":{"type":"author","raw":"Ann <ann@example.com>"},"message":"m","parents":[]}]}`},
		{"/commits?include=main", "values.*.raw",
			`{"values":[{"author":{"raw":"Ann <ann@example.com>"},"summary":{"raw":"m"},"links":{},` +
				`"parents":[],"rendered":{},"repository":{}}]}`},
		{"/commits?include=main", "-values", `{"pagelen":30}`},
		{"/commits?include=main", "values.hash,+pagelen", `{"values":[{"hash":"` + head + `"}],"pagelen":30}`},
		{"/commits?include=other&pagelen=10", "values.nothing", `{"values":[{},{},{},{},{},{},{},{},{},{}]}`},
		{"", "mainbranch", `{"mainbranch":{"type":"branch","name":"main"}}`},
		{"", "mainbranch.*,mainbranch.target.hash",
			`{"mainbranch":{"type":"branch","name":"main","target":{"hash":"` + head + `"}}}`},
		{"/", "mainbranch.target.hash", `{"mainbranch":{"target":{"hash":"` + head + `"}}}`},
		{"/refs/branches/main", "target.hash", `{"target":{"hash":"` + head + `"}}`},
	} {
		path := "/repositories/acme/website" + test.path
		_, raw := getRaw(t, s, withFields(path, test.fields), "Bearer "+token)
		if string(raw) != test.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", test.path, test.fields, raw, test.want)
		}
	}
	blank := withFields("/repositories/acme/blank", "mainbranch.target.hash")
	if _, raw := getRaw(t, s, blank, "Bearer "+token); string(raw) != empty {
		t.Errorf("empty repository: %s", raw)
	}
}

func withFields(path, fields string) string {
	mark := "?"
	for _, c := range path {
		if c == '?' {
			mark = "&"
		}
	}
	return path + mark + "fields=" + url.QueryEscape(fields)
}

// Without fields there is no target and no committer; adding leaves the rest as it is.
func TestFieldsAdd(t *testing.T) {
	s, w := start(t)
	head := w.NewRepository("website").Commits("main", 1)[0]
	_, plain := get(t, s, "/repositories/acme")
	row := plain["values"].([]any)[0].(map[string]any)
	if _, ok := row["mainbranch"].(map[string]any)["target"]; ok {
		t.Error("the target is there unasked")
	}
	_, more := get(t, s, withFields("/repositories/acme", "+values.mainbranch.target.hash"))
	added := more["values"].([]any)[0].(map[string]any)
	target := added["mainbranch"].(map[string]any)["target"].(map[string]any)
	if len(added) != len(row) || more["size"] != 1.0 || target["hash"] != head || len(target) != 1 {
		t.Errorf("added: %v", added)
	}
	s.ListTargets(false)
	const heads = "values.mainbranch.name,values.mainbranch.target.hash"
	_, list := get(t, s, withFields("/repositories/acme", heads))
	branch := list["values"].([]any)[0].(map[string]any)["mainbranch"].(map[string]any)
	if len(branch) != 1 || branch["name"] != "main" {
		t.Errorf("without targets: %v", branch)
	}
	status, single := get(t, s, withFields("/repositories/acme/website", "mainbranch.target.hash"))
	if status != http.StatusOK || len(single["mainbranch"].(map[string]any)) != 1 {
		t.Errorf("one repository: %v", single)
	}
}
