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
		JunkPage: "200 JSON", HTMLPage: "200 HTML", SignOn: "302 empty", IPAllowList: "403 JSON",
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
	if got := outcome(s, list); got != "200 JSON" {
		t.Errorf("afterwards: %s", got)
	}
}
