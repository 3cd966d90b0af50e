package sync

import (
	"testing"
	"time"
)

// A page is told of when it is stored, however many more the walker may fetch meanwhile.
func TestStoredIsToldInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acme.NewRepository("long").Commits("main", 1500)
	w.server.Latency(150 * time.Millisecond)
	w.opt.ahead = maxAhead
	first := 0 // requests when the first page was told of
	s, err := w.run(func(pages int) bool {
		if pages == 1 {
			first = w.server.Count()
			w.server.Latency(0) // what follows tells no more
		}
		return false
	})
	if err != nil || s.Commits.Added != 1500 || w.pagesAdded != 15 {
		t.Fatalf("%+v after %d pages, %v", s, w.pagesAdded, err)
	}
	if first == 0 || first > 8 {
		t.Errorf("the first of 15 pages was told of after %d requests", first)
	}
}
