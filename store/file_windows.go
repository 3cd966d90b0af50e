package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// adoptOwner does nothing: a new file inherits its access list from the folder.
func adoptOwner(*os.File, fs.FileInfo) {}

// renamesOverOpenFiles: a file can be replaced while it is open.
const renamesOverOpenFiles = false

// isOpenElsewhere reports ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION.
func isOpenElsewhere(err error) bool {
	const sharingViolation = syscall.Errno(32)
	return errors.Is(err, syscall.ERROR_ACCESS_DENIED) || errors.Is(err, sharingViolation)
}

// unlock does nothing: Windows releases the locks of a file when it is closed.
func unlock(*os.File) {}
