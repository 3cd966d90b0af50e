package store

import (
	"syscall"
	"unsafe"
)

// releaseAfter is how many blocks are read before their pages are let go.
const releaseAfter = 128

// release takes the pages of the file that were read so far out of this process; they stay in the
// system's cache, and are mapped again when they are read again. Linux maps up to 64 KiB around
// each page that is touched, and blocks lie here and there between records: without this, a report
// on a million commits had 25 MB more resident, on ten millions 250. Its cost is below the noise.
func (tx *Tx) release() {
	base := tx.bolt.DB().Info().Data
	mapping := unsafe.Slice(*(**byte)(unsafe.Pointer(&base)), tx.bolt.Size())
	_ = syscall.Madvise(mapping, syscall.MADV_DONTNEED) // what fails here only costs memory
}
