package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var sampleNow = time.Date(2026, 6, 3, 15, 0, 0, 0, time.UTC)

func generate(t testing.TB, seed uint64) (*Server, *Workspace) {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, s.Generate("larkspur", sampleNow, seed)
}

// fingerprint writes down everything that is generated.
func fingerprint(w *Workspace) string {
	var b bytes.Buffer
	for _, r := range w.Repositories() {
		fmt.Fprintln(&b, r.uuid, r.slug, r.name, r.project, r.created, r.updated)
		for _, name := range r.Branches() {
			fmt.Fprintln(&b, name, r.Hash(name))
		}
	}
	return b.String()
}

func TestGenerateIsDeterministic(t *testing.T) {
	_, a := generate(t, 7)
	_, b := generate(t, 7)
	_, c := generate(t, 8)
	if fingerprint(a) != fingerprint(b) {
		t.Error("the same seed gave another workspace")
	}
	if fingerprint(a) == fingerprint(c) {
		t.Error("another seed gave the same workspace")
	}
}

func TestGenerateIsVaried(t *testing.T) {
	_, w := generate(t, 7)
	if n := len(w.Repositories()); n != 12 {
		t.Errorf("%d repositories", n)
	}
	total, merges, oldest := 0, 0, sampleNow.Unix()
	shapes, mails, accounts := map[string]bool{}, map[string]bool{}, map[string]bool{}
	days := map[time.Weekday]int{}
	for _, r := range w.Repositories() {
		total += len(r.Reachable(""))
		for _, c := range r.graph.commits {
			oldest = min(oldest, c.date)
			if c.date > sampleNow.Unix() {
				t.Errorf("%s: a commit of the future", r.slug)
			}
			days[time.Unix(c.date, 0).UTC().Weekday()]++
			if len(c.parents) > 1 {
				merges++
			}
			_, mail, _ := strings.Cut(c.author, "<")
			mails[mail] = true
			if c.account != "" {
				accounts[c.account] = true
			}
			message, author := c.message, c.author
			for shape, is := range map[string]bool{
				"CRLF": strings.Contains(message, "\r\n"), "quote": strings.Contains(message, `"`),
				"=": strings.HasPrefix(message, "="), "comma": strings.Contains(message, ","),
				"body": strings.Contains(message, "\n\n"), "CJK": strings.Contains(author, "渡辺"),
				"[bot]":      strings.Contains(author, "[bot]"),
				"Pipelines":  strings.HasPrefix(author, "Pipelines "),
				"name only":  !strings.Contains(author, "<"),
				"no address": strings.Contains(author, "<>"),
			} {
				shapes[shape] = shapes[shape] || is
			}
		}
	}
	for shape, seen := range shapes {
		if !seen {
			t.Errorf("no commit with %s", shape)
		}
	}
	if total < 9000 || total > 13000 || merges < 300 {
		t.Errorf("%d commits, %d merges", total, merges)
	}
	if len(mails) < 45 || len(accounts) < 25 {
		t.Errorf("%d addresses, %d accounts", len(mails), len(accounts))
	}
	if span := sampleNow.Sub(time.Unix(oldest, 0)); span < 23*month {
		t.Errorf("a span of %v", span)
	}
	if days[time.Sunday]*5 > days[time.Tuesday] {
		t.Errorf("no weekend: %v", days)
	}
}

func TestGenerateRoles(t *testing.T) {
	_, w := generate(t, 7)
	fork, copied := w.Repository("checkout-api-experiments"), w.Repository("storefront-before")
	if fork == nil || copied == nil {
		t.Fatal("no fork or no copy")
	}
	for _, pair := range [][2]*Repository{
		{fork, w.Repository("checkout-api")}, {copied, w.Repository("storefront")},
	} {
		theirs := pair[1].Reachable("")
		shared, own := 0, 0
		for _, h := range pair[0].Reachable("") {
			if slices.Contains(theirs, h) {
				shared++
			} else {
				own++
			}
		}
		if shared < 50 || (own > 0) != (pair[0] == fork) {
			t.Errorf("%s shares %d commits and has %d of its own", pair[0].slug, shared, own)
		}
	}
	if fork.parent != w.Repository("checkout-api") || copied.parent != nil {
		t.Error("the fork has no parent, or the copy has one")
	}
	if w.Repository("blank-page").Head() != "" {
		t.Error("the empty repository has a head")
	}
	if silent := w.Repository("old-mill"); sampleNow.Sub(silent.updated) < 6*month {
		t.Errorf("the silent repository was pushed to on %v", silent.updated)
	}
}

func TestGeneratedPages(t *testing.T) {
	s, w := generate(t, 7)
	s.AddAccessToken(token)
	got := ask(s, "/repositories/larkspur?pagelen=100&"+listingFields, bearer)
	if !json.Valid([]byte(got.body)) {
		t.Fatalf("no JSON: %.300s", got.body)
	}
	if got := walk(t, s, commitsOf(w.Repository("storefront"), "&pagelen=100")); len(got) < 2000 {
		t.Errorf("%d commits", len(got))
	}
}
