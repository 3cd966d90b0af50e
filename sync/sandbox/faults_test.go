package sandbox

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// outcome asks once, on a connection of its own, and says in a word what came of it.
func outcome(s *Server, path string) string {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if path[0] == '/' {
		path = s.URL() + path
	}
	r, err := http.NewRequest("GET", path, nil)
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(r)
	if err != nil {
		return "no answer"
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	kind := "text"
	switch {
	case err != nil:
		kind = "broken"
	case len(raw) == 0:
		kind = "empty"
	case json.Valid(raw):
		kind = "JSON"
	case strings.Contains(string(raw), "<html>"):
		kind = "HTML"
	}
	return fmt.Sprint(resp.StatusCode, " ", kind)
}

// Point 15: each fault once, then nothing more.
func TestFaults(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 50)
	path := commitsPath + "?include=main"
	for fault, want := range map[Fault]string{
		ServerError: "500 JSON", EmptyError: "500 empty", BadGateway: "502 HTML", ServiceUnavailable: "503 HTML",
		GatewayTimeout: "504 HTML", Timeout555: "555 empty", TooManyRequests: "429 text", Unauthorized: "401 JSON",
		NoAccess: "404 JSON", Reset: "no answer", ResetMidBody: "200 broken", TruncatedJSON: "200 text",
		HTMLPage: "200 HTML", JunkPage: "200 JSON",
	} {
		s.FailNext("/commits", fault, 1)
		if got := outcome(s, "/repositories/acme"); got != "200 JSON" {
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
	_, page := get(t, s, path)
	for range 3 {
		if got := outcome(s, page["next"].(string)); got != "401 JSON" {
			t.Errorf("page 2: %s", got)
		}
	}
	s.ClearFaults()
	if got := outcome(s, page["next"].(string)); got != "200 JSON" {
		t.Errorf("cleared: %s", got)
	}
}

func TestPageFaults(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 90)
	path := commitsPath + "?include=main"
	want := r.Reachable("")
	s.FailNext("/commits", NextElsewhere, 1)
	_, page := get(t, s, path)
	if !strings.HasPrefix(page["next"].(string), "http://elsewhere.invalid/2.0"+commitsPath+"?") {
		t.Errorf("next %v", page["next"])
	}
	_, page = get(t, s, path)
	second := page["next"].(string)
	s.FailNext("/commits", NextLoop, 1)
	if _, page = get(t, s, second); page["next"] != second {
		t.Errorf("next %v, want %v", page["next"], second)
	}
	s.FailNext("/commits", DuplicateRows, 1)
	if got := walk(t, s, path); !slices.Equal(got, slices.Insert(slices.Clone(want), 30, want[29])) {
		t.Error("no row is there twice")
	}
	s.FailNext("/commits", ShiftedPage, 1)
	if got := walk(t, s, path); !slices.Equal(got, slices.Delete(slices.Clone(want), 30, 31)) {
		t.Error("no row is missing")
	}
	if got := walk(t, s, path); !slices.Equal(got, want) {
		t.Error("it goes on going wrong")
	}
}

func TestListingGlitches(t *testing.T) {
	s, w := start(t)
	for _, slug := range []string{"a", "b", "c", "d"} {
		w.NewRepository(slug)
	}
	s.FailNext("", EmptyListing, 1)
	s.FailNext("", ShortListing, 1)
	s.FailNext("", ShiftedPage, 1)
	for _, want := range []string{"", "a c", "a b d", "a b c d"} {
		if got := slugs(t, s, "/repositories/acme?pagelen=2"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := len(w.Repositories()); got != 4 {
		t.Errorf("the workspace itself has %d", got)
	}
}

// Faults at random: some requests fail, and the same seed lets the same ones fail.
func TestRandomFaults(t *testing.T) {
	var before []string
	for range 2 {
		s, w := start(t)
		w.NewRepository("website")
		s.Faults(3, map[Fault]float64{ServerError: 0.3, Reset: 0.2, HTMLPage: 0.1})
		var got []string
		for range 60 {
			got = append(got, outcome(s, "/repositories/acme"))
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
		if got := outcome(s, "/repositories/acme"); got != "200 JSON" {
			t.Errorf("ended, but %s", got)
		}
	}
}

// Slow answers do not outlive their clients, nor keep the server from closing.
func TestSlow(t *testing.T) {
	s, w := start(t)
	w.NewRepository("website")
	s.Latency(time.Hour)
	client := &http.Client{Timeout: 50 * time.Millisecond}
	if _, err := client.Get(s.URL() + "/repositories/acme"); err == nil {
		t.Error("an answer came at once")
	}
	s.Latency(0)
	s.SlowFor(time.Hour)
	s.FailNext("", Slow, 1)
	if _, err := client.Get(s.URL() + "/repositories/acme"); err == nil {
		t.Error("an answer came at once")
	}
	if got := outcome(s, "/repositories/acme"); got != "200 JSON" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestGzip(t *testing.T) {
	for _, on := range []bool{false, true} {
		s, err := New(Options{Gzip: on})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		s.Workspace("acme")
		r, _ := http.NewRequest("GET", s.URL()+"/repositories/acme?fields=size", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body io.Reader = resp.Body
		if on {
			if body, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		raw, err := io.ReadAll(body)
		if err != nil || string(raw) != `{"size":0}` || (resp.Header.Get("Content-Encoding") == "gzip") != on {
			t.Errorf("gzip %v: %q, %v", on, raw, err)
		}
	}
}

// Changing everything while it is served: for the race detector, and no answer is a mixture.
func TestConcurrentChanges(t *testing.T) {
	s, w := start(t)
	r := w.NewRepository("website")
	r.Commits("main", 120)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			r.ForcePush("main", 3)
			r.Commit(fmt.Sprint("b", i%5), Change{})
			w.NewRepository(fmt.Sprint("r", i)).Delete()
			s.Link("a@example.com", User{Name: "A"})
			s.AddAccessToken(fmt.Sprint(i)).Revoke()
			if i%10 == 0 {
				r.GC()
			}
			time.Sleep(time.Millisecond) // or a reader finds nothing it was promised
		}
	})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for range 30 {
				status, page, err := fetch(s, "/repositories/acme/website/commits?include=main&pagelen=100")
				if err != nil || status != http.StatusOK || len(page.Values) != 100 {
					t.Errorf("%d, %d commits, %v", status, len(page.Values), err)
				}
				if status, _, err := fetch(s, "/repositories/acme"); err != nil || status != http.StatusOK {
					t.Errorf("%d, %v", status, err)
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	wg.Wait()
}

type anyPage struct{ Values []json.RawMessage }

func fetch(s *Server, path string) (status int, page anyPage, err error) {
	r, err := http.NewRequest("GET", s.URL()+path, nil)
	if err != nil {
		return 0, page, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, page, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&page)
	return resp.StatusCode, page, errors.Join(err, resp.Body.Close())
}
