package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Point 9: the whole default item, and the odd authors, parents and messages.
func TestCommitShape(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	first := r.Commits("main", 1)[0]
	var parents []string
	for i := range 8 {
		parents = append(parents, r.Commit(fmt.Sprint("b", i), Change{Parents: []string{first}}))
	}
	long, odd := strings.Repeat("0123456789", 10240), "a\r\nb\t\"\\\x01</script>"
	s.Link("ann@example.com", User{Name: "Ann"})
	robot := &User{Name: "Pipelines", Type: "app_user"}
	for _, c := range []struct {
		Change
		user, message string
		kind          any
	}{
		{Change{Author: "Ann <ann@example.com>", Message: odd}, "user", odd, "author"},
		{Change{Author: "Ann <ANN@example.com>", Parents: parents, Message: long}, "user", long, "author"},
		{Change{Author: "bob", Message: "\xff\xfex"}, "", "\ufffd\ufffdx", nil},
		{Change{Author: "渡辺 <>", Message: "日本 🎉"}, "", "日本 🎉", nil},
		{Change{Author: "pipe <p@example.com>", Account: robot, Message: "m"}, "app_user", "m", "author"},
	} {
		h := r.Commit("main", c.Change)
		_, got := get(t, s, "/repositories/acme/website/commit/"+h)
		_, page := get(t, s, commitsPath+"?pagelen=1&include="+h)
		if listed := page["values"].([]any)[0]; fmt.Sprint(listed) != fmt.Sprint(got) {
			t.Errorf("the list has another commit: %.300v", listed)
		}
		checkShape(t, "commit", got, commitShape)
		author := got["author"].(map[string]any)
		user, _ := author["user"].(map[string]any)
		if kind, _ := user["type"].(string); kind != c.user || author["type"] != c.kind {
			t.Errorf("%s: author %v", c.Author, author)
		}
		if got["message"] != c.message || author["raw"] != c.Author {
			t.Errorf("%s: message %.60q", c.Author, got["message"])
		}
		if user != nil {
			checkShape(t, "user", user, userShape)
		}
		if n := len(got["parents"].([]any)); n != max(len(c.Parents), 1) {
			t.Errorf("%s: %d parents", c.Author, n)
		}
	}
	_, root := get(t, s, "/repositories/acme/website/commit/"+first)
	if got := root["parents"].([]any); len(got) != 0 {
		t.Errorf("parents of the root: %v", got)
	}
}

// A shape is the members of an object: "" a string, 0 a number, a map an object, false a boolean.
type shape map[string]any

var linkShape = shape{"href": ""}

var commitShape = shape{
	"type": "", "hash": "", "date": "", "author": nil, "message": "", "parents": nil,
	"summary":  shape{"type": "", "raw": "", "markup": "", "html": ""},
	"rendered": shape{"message": shape{"type": "", "raw": "", "markup": "", "html": ""}},
	"links": shape{
		"self": linkShape, "html": linkShape, "diff": linkShape, "approve": linkShape,
		"comments": linkShape, "statuses": linkShape, "patch": linkShape,
	},
	"repository": shape{
		"type": "", "name": "", "full_name": "", "uuid": "",
		"links": shape{"self": linkShape, "html": linkShape},
	},
}

var userShape = shape{
	"type": "", "display_name": "", "uuid": "", "account_id": "", "nickname": "",
	"links": shape{"self": linkShape, "html": linkShape},
}

// checkShape compares an object with its shape: the same members, of the same types. nil in the
// shape is anything.
func checkShape(t *testing.T, name string, got any, want any) {
	t.Helper()
	members, isShape := want.(shape)
	if !isShape {
		if want != nil && fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) {
			t.Errorf("%s is %T, want %T", name, got, want)
		}
		return
	}
	object, ok := got.(map[string]any)
	if !ok {
		t.Errorf("%s is %T, want an object", name, got)
		return
	}
	if a, b := slices.Sorted(maps.Keys(object)), slices.Sorted(maps.Keys(members)); !slices.Equal(a, b) {
		t.Errorf("%s has %v, want %v", name, a, b)
	}
	for key, want := range members {
		checkShape(t, name+"."+key, object[key], want)
	}
}
