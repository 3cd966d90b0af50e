//go:build unix && !aix && !solaris

package store

import (
	"os"
	"syscall"
)

// unlock gives back bbolt's lock. To close the file is not enough: a mapping that is still
// there keeps it open, and its lock with it.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
