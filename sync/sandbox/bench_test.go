package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"testing"
)

const syncFields = "&fields=next,values.hash,values.date,values.message,values.parents.hash," +
	"values.author.raw,values.author.user.uuid,values.author.user.type"

// BenchmarkServe reads a repository of 100,000 commits page by page, as a sync does, and reports
// how many commits a second go over HTTP.
func BenchmarkServe(b *testing.B) {
	s, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.AddAccessToken(token)
	const commits = 100_000
	r := s.Workspace("acme").Big("big", commits)
	for b.Loop() {
		url := s.URL() + "/repositories/acme/big/commits?pagelen=100&include=" + r.Head() + syncFields
		for pages := 0; url != ""; pages++ {
			url = nextOf(b, url)
			if pages > commits/100 {
				b.Fatal("too many pages")
			}
		}
	}
	b.ReportMetric(commits*float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

func nextOf(b *testing.B, url string) string {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
	// Of the values only the brackets are looked at: it is the server that is measured.
	var page struct{ Next string }
	if err := json.Unmarshal(raw, &page); err != nil {
		b.Fatal(err)
	}
	return page.Next
}

// BenchmarkBig reports what a commit of a big repository takes in memory.
func BenchmarkBig(b *testing.B) {
	const commits = 1_000_000
	for b.Loop() {
		s, err := New(Options{})
		if err != nil {
			b.Fatal(err)
		}
		before := heapInUse()
		r := s.Workspace("acme").Big("big", commits)
		b.ReportMetric(float64(heapInUse()-before)/commits, "B/commit")
		runtime.KeepAlive(r)
		s.Close()
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
