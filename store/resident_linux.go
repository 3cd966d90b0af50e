package store

import (
	"os"
	"syscall"
	"unsafe"
)

// releaseAfter is how many blocks or packs are read before their pages are let go.
const releaseAfter = 128

// release takes the pages of the file that were read so far out of this process; they stay in the
// system's cache, and are mapped again when they are read again. Linux maps up to 64 KiB around
// each page that is touched, and blocks lie here and there between packs: without this, a report
// on a million commits had 25 MB more resident, on ten millions 250. Its cost is below the noise.
func (tx *Tx) release() {
	_ = syscall.Madvise(tx.mapping(), syscall.MADV_DONTNEED) // what fails here only costs memory
}

// want has a block read, and the next one, which stands beside it. bbolt asks for no reading ahead,
// so that a file which is not in the system's cache came page by page; this way it comes in half the
// time. A block that is in the cache costs two microseconds more.
func (tx *Tx) want(block []byte) {
	mapping := tx.mapping()
	at := int(uintptr(unsafe.Pointer(&block[0])) - tx.bolt.DB().Info().Data)
	if at < 0 || at >= len(mapping) {
		return // a copy: of a small bucket, or of what this transaction wrote
	}
	end := min(at+2*len(block), len(mapping))
	_ = syscall.Madvise(mapping[at&^(os.Getpagesize()-1):end], syscall.MADV_WILLNEED)
}
