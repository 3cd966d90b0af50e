package store

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// A file is made beside its place, under its name and this with a number behind it, and then renamed.
// A process that is killed meanwhile leaves it there.
const beingMade = ".new-"

// leftoverAfter is far longer than a file that is being made goes without a write or a lock.
const leftoverAfter = time.Hour

// removeLeftovers removes what processes that were killed left beside path. What it cannot do
// harms nobody, so there is no error to tell.
func removeLeftovers(path string) {
	files, _ := os.ReadDir(filepath.Dir(path))
	for _, f := range files {
		number, ok := strings.CutPrefix(f.Name(), filepath.Base(path)+beingMade)
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" || !f.Type().IsRegular() {
			continue
		}
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > leftoverAfter {
			removeUnlocked(filepath.Join(filepath.Dir(path), f.Name()))
		}
	}
}

// removeUnlocked removes a file that no process has locked, as bbolt does those that it writes.
func removeUnlocked(path string) {
	lock := flock.New(path)
	if ok, err := lock.TryLock(); ok && err == nil {
		_ = lock.Unlock() // Windows removes nothing that is open
		_ = os.Remove(path)
	}
}
