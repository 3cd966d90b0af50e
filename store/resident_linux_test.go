package store

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRelease reads, lets go of the file's pages, and reads the same again.
func TestRelease(t *testing.T) {
	db := newDB(t)
	fill(t, db, 2, 3000)
	view(t, db, func(tx *Tx) error {
		sum := func() (sum int64) {
			for f, err := range tx.Facts(uuidOf(1), math.MinInt64, math.MaxInt64) {
				if err != nil {
					t.Fatal(err)
				}
				for _, date := range f.Dates {
					sum += date
				}
			}
			return sum
		}
		before := sum()
		if resident(t, db.Path()) == "0 kB" {
			t.Error("nothing was mapped by reading")
		}
		tx.release()
		if got := resident(t, db.Path()); got != "0 kB" {
			t.Errorf("%s are still mapped", got)
		}
		if after := sum(); after != before || after == 0 {
			t.Errorf("read %d, then %d", before, after)
		}
		return nil
	})
}

// resident is how much of a file the process has mapped and present.
func resident(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	_, mapping, found := strings.Cut(string(maps), path+"\n")
	_, rss, _ := strings.Cut(mapping, "\nRss:")
	rss, _, ok := strings.Cut(rss, "\n")
	if !found || !ok {
		t.Fatalf("%s is not mapped", path)
	}
	return strings.TrimSpace(rss)
}
