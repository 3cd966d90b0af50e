//go:build unix

package store

import (
	"io/fs"
	"os"
	"syscall"
)

// adoptOwner tries to give f the owner of another file; only root may give files away.
func adoptOwner(f *os.File, info fs.FileInfo) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(stat.Uid), int(stat.Gid))
	}
}

// renamesOverOpenFiles: a file can be replaced while it is open.
const renamesOverOpenFiles = true

// isOpenElsewhere is for Windows: here a file can be replaced while others have it open.
func isOpenElsewhere(error) bool { return false }

func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
