package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// outcome asks once, and says in two words what came of it.
func outcome(s *Server, path string) string {
	got := ask(s, path, bearer)
	kind := "text"
	switch {
	case got.err != nil && got.status == 0:
		return "no answer"
	case got.err != nil:
		kind = "broken"
	case got.body == "":
		kind = "empty"
	case json.Valid([]byte(got.body)):
		kind = "JSON"
	case strings.Contains(got.body, "<html>"):
		kind = "HTML"
	}
	return fmt.Sprint(got.status, " ", kind)
}

// Each fault once, then nothing more.
func TestFaults(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 50)
	path := commitsOf(r, "")
	for fault, want := range map[Fault]string{
		ServerError: "500 JSON", BadGateway: "502 HTML",
		ServiceUnavailable: "503 HTML",
		TooManyRequests:    "429 text", Unauthorized: "401 JSON",
		NoAccess: "404 JSON", Reset: "no answer", ResetMidBody: "200 broken", TruncatedJSON: "200 text",
		JunkPage: "200 JSON", HTMLPage: "200 HTML",
	} {
		s.FailNext("/commits", fault, 1)
		if got := outcome(s, list); got != "200 JSON" {
			t.Errorf("%s hit another request: %s", fault, got)
		}
		if got := outcome(s, path); got != want {
			t.Errorf("%s: %s, want %s", fault, got, want)
		}
		if got := outcome(s, path); got != "200 JSON" {
			t.Errorf("after %s: %s", fault, got)
		}
	}
	s.FailNext("page=2", Unauthorized, -1) // in the middle of a walk
	_, p := get(t, s, path)
	for range 3 {
		if got := outcome(s, p.Next); got != "401 JSON" {
			t.Errorf("page 2: %s", got)
		}
	}
	s.ClearFaults()
	if got := outcome(s, p.Next); got != "200 JSON" {
		t.Errorf("cleared: %s", got)
	}
}

// Next links that cannot be followed.
func TestNextLinks(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 90)
	w.NewRepository("other")
	for path, at := range map[string]string{
		commitsOf(r, ""): commitsPath, acmePath + "?" + listingFields + "&pagelen=1": acmePath,
	} {
		_, p := get(t, s, path)
		good := p.Next
		base := strings.TrimSuffix(s.URL(), "/2.0")
		for fault, want := range map[Fault]string{
			NextElsewhere: strings.Replace(good, base, "http://elsewhere.invalid", 1),
			NextOutside:   strings.Replace(good, "/2.0/", "/1.0/", 1),
			NextAmpersand: s.URL() + at + "&" + good[len(s.URL()+at)+1:],
			NextLoop:      strings.Replace(good, "page=2&", "page=1&", 1),
		} {
			s.FailNext("", fault, 1)
			if _, p := get(t, s, path); p.Next != want {
				t.Errorf("%s: %s, want %s", fault, p.Next, want)
			}
		}
		s.FailNext("", NextForgotten, 1)
		_, p = get(t, s, path)
		if status, p := get(t, s, p.Next); status != 400 || p.Error.Message != "Invalid page" {
			t.Errorf("forgotten: %d %+v", status, p)
		}
		s.FailNext("", NextLoop, 1)
		if _, p := get(t, s, good); at == commitsPath && p.Next != good {
			t.Errorf("loop on page 2: %s", p.Next)
		}
		s.ClearFaults()
	}
}

// Links that go on for ever, with rows that were there before, or with none.
func TestEndlessPages(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 40)
	want := r.Reachable("")
	for fault, rows := range map[Fault][]string{EndlessRows: want[:30], EndlessEmpty: nil} {
		s.FailNext("page=", fault, -1)
		seen := map[string]bool{}
		_, p := get(t, s, commitsOf(r, ""))
		for range 20 {
			if p.Next == "" || seen[p.Next] {
				t.Fatalf("%s: next %q", fault, p.Next)
			}
			seen[p.Next] = true
			_, p = get(t, s, p.Next)
			var got []string
			for _, v := range p.Values {
				got = append(got, v.Hash)
			}
			if !slices.Equal(got, rows) {
				t.Errorf("%s: %d rows", fault, len(got))
			}
		}
		s.ClearFaults()
	}
}

// Rows that come twice, are missing, or cannot be used.
func TestRowFaults(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 90)
	want := r.Reachable("")
	for fault, hashes := range map[Fault][]string{
		DuplicateRows: slices.Insert(slices.Clone(want), 30, want[29]),
		ShiftedPage:   slices.Delete(slices.Clone(want), 30, 31),
		NullRow:       slices.Replace(slices.Clone(want), 15, 16, "null"),
	} {
		s.FailNext("/commits", fault, 1)
		if got := walk(t, s, commitsOf(r, "")); !slices.Equal(got, hashes) {
			t.Errorf("%s: %d rows", fault, len(got))
		}
	}
	if got := walk(t, s, commitsOf(r, "")); !slices.Equal(got, want) {
		t.Error("it goes on going wrong")
	}
}

func TestListingFaults(t *testing.T) {
	s, w := start(t)
	for _, slug := range []string{"a", "b", "c", "d"} {
		w.NewRepository(slug)
	}
	for _, test := range []struct {
		fault Fault
		want  string
	}{
		{EmptyListing, ""}, {ShortListing, "a c"}, {RepeatedRepository, "a b b d"}, {NullRow, "a b null d"},
		{LargerSize, "a b c d"}, {RowWithoutUUID, "a b c d"},
	} {
		s.FailNext("", test.fault, 2)
		if got := listedSlugs(t, s, "&pagelen=4"); got != test.want {
			t.Errorf("%s: %q, want %q", test.fault, got, test.want)
		}
		_, p := get(t, s, acmePath+"?"+listingFields)
		if (test.fault == LargerSize) != (*p.Size > 4) {
			t.Errorf("%s: size %d", test.fault, *p.Size)
		}
		unnamed := slices.IndexFunc(p.Values, func(v *row) bool { return v != nil && v.UUID == "" })
		if (test.fault == RowWithoutUUID) != (unnamed == 2) {
			t.Errorf("%s: row %d has no uuid", test.fault, unnamed)
		}
	}
	for fault, want := range map[Fault]string{ShiftedPage: "a b d", DuplicateRows: "a b b c d"} {
		s.FailNext("", fault, 1)
		if got := listedSlugs(t, s, "&pagelen=2"); got != want {
			t.Errorf("%s: %q, want %q", fault, got, want)
		}
	}
	s.FailNext(acmePath+"?page=2&", ServerError, -1) // for good
	_, p := get(t, s, acmePath+"?"+listingFields+"&pagelen=2")
	for range 3 {
		if got := outcome(s, p.Next); got != "500 JSON" {
			t.Errorf("the second page: %s", got)
		}
	}
	if got := len(w.Repositories()); got != 4 {
		t.Errorf("the workspace itself has %d", got)
	}
}

// In an outage the listing answers, and nothing else.
func TestOutage(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 1)
	s.Outage(true)
	for path, want := range map[string]string{
		list: "200 JSON", commitsOf(r, ""): "503 HTML", branch: "503 HTML",
	} {
		if got := outcome(s, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	s.Outage(false)
	if got := outcome(s, branch); got != "200 JSON" {
		t.Errorf("afterwards: %s", got)
	}
}

// Faults at random: some requests fail, and the same seed lets the same ones fail.
func TestRandomFaults(t *testing.T) {
	var before []string
	for range 2 {
		s, _ := start(t)
		s.Faults(3, map[Fault]float64{ServerError: 0.3, Reset: 0.2, HTMLPage: 0.1})
		var got []string
		for range 60 {
			got = append(got, outcome(s, list))
		}
		for _, want := range []string{"500 JSON", "no answer", "200 HTML", "200 JSON"} {
			if !slices.Contains(got, want) {
				t.Errorf("no request got %s", want)
			}
		}
		if before != nil && !slices.Equal(before, got) {
			t.Error("the same seed gave other faults")
		}
		before = got
		s.Faults(0, nil)
		if got := outcome(s, list); got != "200 JSON" {
			t.Errorf("ended, but %s", got)
		}
	}
}

// Slow answers do not outlive their clients, nor keep the server from closing.
func TestSlow(t *testing.T) {
	s, _ := start(t)
	s.Latency(time.Hour)
	client := &http.Client{Timeout: 50 * time.Millisecond}
	if _, err := client.Get(s.URL() + list); err == nil {
		t.Error("an answer came at once")
	}
	s.Latency(0)
	s.SlowFor(time.Hour)
	s.FailNext("", Slow, 1)
	if _, err := client.Get(s.URL() + list); err == nil {
		t.Error("an answer came at once")
	}
	if got := outcome(s, list); got != "200 JSON" {
		t.Errorf("afterwards: %s", got)
	}
}
