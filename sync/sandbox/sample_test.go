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

func generate(t testing.TB, seed uint64, opt Sample) (*Server, *Workspace) {
	t.Helper()
	s, err := New(Options{Now: func() time.Time { return sampleNow }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, s.Generate(seed, opt)
}

// fingerprint writes down everything that is generated.
func fingerprint(w *Workspace) string {
	var b bytes.Buffer
	for _, r := range w.Repositories() {
		fmt.Fprintln(&b, r.uuid, r.slug, r.name, r.project, r.created, r.updated)
		for _, x := range sortedRefs("branch", r.branches) {
			fmt.Fprintln(&b, x.name, r.graph.hashes[x.target])
		}
	}
	return b.String()
}

func TestGenerateIsDeterministic(t *testing.T) {
	_, a := generate(t, 7, Sample{})
	_, b := generate(t, 7, Sample{})
	_, c := generate(t, 8, Sample{})
	if fingerprint(a) != fingerprint(b) {
		t.Error("the same seed gave another workspace")
	}
	if fingerprint(a) == fingerprint(c) {
		t.Error("another seed gave the same workspace")
	}
}

func TestGenerateIsVaried(t *testing.T) {
	s, w := generate(t, 7, Sample{})
	if n := len(w.Repositories()); n != 12 {
		t.Errorf("%d repositories", n)
	}
	total, merges, oldest := 0, 0, sampleNow.Unix()
	shapes := map[string]bool{}
	mails := map[string]bool{}
	hours := map[time.Weekday]int{}
	for _, r := range w.Repositories() {
		g := r.graph
		total += len(r.Reachable(""))
		for n := range g.hashes {
			oldest = min(oldest, g.dates[n])
			if g.dates[n] > sampleNow.Unix() {
				t.Errorf("%s: a commit of the future", r.slug)
			}
			hours[time.Unix(g.dates[n], 0).UTC().Weekday()]++
			merges += min(len(g.more[int32(n)]), 1)
			person := g.people[g.authors[n]].raw
			mails[emailOf(person)] = true
			text := g.messages[n]
			for shape, is := range map[string]bool{
				"CRLF": strings.Contains(text, "\r\n"), "quote": strings.Contains(text, `"`),
				"=": strings.HasPrefix(text, "="), "long": len(text) > 100_000, "comma": strings.Contains(text, ","),
				"[bot]": strings.Contains(person, "[bot]"), "Pipelines": strings.HasPrefix(person, "Pipelines "),
				"name only": !strings.Contains(person, "<"), "no address": strings.Contains(person, "<>"),
				"body": strings.Contains(text, "\n\n"), "CJK": strings.Contains(person, "渡辺"),
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
	if total < 9000 || total > 13000 {
		t.Errorf("%d commits", total)
	}
	if merges < 300 {
		t.Errorf("%d merges", merges)
	}
	if len(mails) < 45 || len(s.accounts) < 25 {
		t.Errorf("%d addresses, %d linked", len(mails), len(s.accounts))
	}
	if span := sampleNow.Sub(time.Unix(oldest, 0)); span < 23*month {
		t.Errorf("a span of %v", span)
	}
	if hours[time.Sunday]*5 > hours[time.Tuesday] {
		t.Errorf("no weekend: %v", hours)
	}
}

func TestGenerateRoles(t *testing.T) {
	_, w := generate(t, 7, Sample{})
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

func TestGenerateSizes(t *testing.T) {
	for _, opt := range []Sample{
		{Repositories: 4, Commits: 1}, {Repositories: 5, Commits: 30}, {Repositories: 60, Commits: 500},
		{Repositories: 12, OddDates: true, Workspace: "other"},
	} {
		_, w := generate(t, 1, opt)
		want := opt.Repositories
		if opt.OddDates {
			want++
		}
		if got := len(w.Repositories()); got != want {
			t.Errorf("%+v: %d repositories, want %d", opt, got, want)
		}
	}
}

func TestGeneratedJSON(t *testing.T) {
	s, _ := generate(t, 7, Sample{})
	s.AddAccessToken(token)
	_, raw := getRaw(t, s, "/repositories/larkspur?pagelen=100", "Bearer "+token)
	if !json.Valid(raw) {
		t.Fatalf("no JSON: %.300s", raw)
	}
	if got := walk(t, s, "/repositories/larkspur/storefront/commits?pagelen=100"); len(got) < 2500 {
		t.Errorf("%d commits", len(got))
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		generate(b, 7, Sample{})
	}
}
