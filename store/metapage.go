package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// What bbolt writes at the head of a file. It is read here by hand because bbolt maps a file
// before it looks at it, and a file shorter than its pages then kills the process.
const (
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	pageHeader   = 16
	metaLength   = 64
	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagMeta     = 0x04
	flagFreelist = 0x10
	noFreelist   = ^uint64(0)
	minPageSize  = 1024
	maxPageSize  = 1024 << 14
)

// A metaPage is one of the two heads of a bbolt file. The valid one with the higher
// transaction number holds.
type metaPage struct {
	pageSize int64
	root     uint64 // page of the root bucket
	freelist uint64
	pages    uint64 // every page below this number was given out
	txid     uint64
}

// parseMeta reads a meta page without its page header.
func parseMeta(b []byte) (m metaPage, magic, ok bool) {
	if len(b) < metaLength {
		return m, false, false
	}
	order := binary.NativeEndian
	magic = order.Uint32(b) == boltMagic
	m = metaPage{
		pageSize: int64(order.Uint32(b[8:])),
		root:     order.Uint64(b[16:]),
		freelist: order.Uint64(b[32:]),
		pages:    order.Uint64(b[40:]),
		txid:     order.Uint64(b[48:]),
	}
	ok = magic && order.Uint32(b[4:]) == boltVersion && headSum(b) == order.Uint64(b[56:]) &&
		m.pageSize >= minPageSize && m.pageSize <= maxPageSize
	return m, magic, ok
}

// headSum is the checksum that stands behind the other numbers of a meta page.
func headSum(b []byte) uint64 {
	sum := fnv.New64a()
	sum.Write(b[:56])
	return sum.Sum64()
}

// readMeta finds the meta page that holds. The second one is where the first says that it
// is or, where the first is lost, at one of the page sizes there are.
func readMeta(r io.ReaderAt) (best metaPage, magic bool, err error) {
	b := make([]byte, pageHeader+metaLength)
	found := false
	try := func(offset int64) bool {
		n, err := r.ReadAt(b, offset)
		if err != nil && !errors.Is(err, io.EOF) || n < len(b) {
			return false
		}
		m, hasMagic, ok := parseMeta(b[pageHeader:])
		magic = magic || hasMagic
		if ok && (!found || m.txid > best.txid) {
			best, found = m, true
		}
		return ok
	}
	if try(0) {
		try(best.pageSize)
	} else {
		for size := int64(minPageSize); size <= maxPageSize && !try(size); size *= 2 {
		}
	}
	if !found {
		return best, magic, errors.New("neither of its two heads is intact")
	}
	return best, magic, nil
}

// precheck refuses a file that must not be mapped. Without a lock it may meet a writer at
// work: so a damaged head is looked at more than once by the caller.
func precheck(path string) error {
	f, err := openRegular(path)
	if err != nil {
		return err
	}
	defer f.Close()
	m, magic, err := readMeta(f)
	if err != nil {
		return headless(path, f, magic, err)
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("database %w", err)
	}
	if detail := m.fits(f, info.Size()); detail != "" {
		return damaged(path, "%s", detail)
	}
	return nil
}

func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoDatabase)
	}
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: it is no regular file", path, ErrForeign)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return f, nil
}

// headless tells a file that was ours from one that never was.
func headless(path string, r io.ReaderAt, magic bool, cause error) error {
	b := make([]byte, 4096)
	n, _ := r.ReadAt(b, 0)
	switch b = b[:n]; {
	case n == 0:
		return beyondRepair(path, "it is empty")
	case magic, len(bytes.Trim(b, "\x00")) == 0:
		return beyondRepair(path, "%v", cause)
	}
	return fmt.Errorf("%s: %w; give another path", path, ErrForeign)
}

// fits holds the meta page against the size of the file, and looks at the list of free
// pages, whose length bbolt believes when it takes memory for it.
func (m metaPage) fits(r io.ReaderAt, size int64) string {
	if m.pages > uint64(size/m.pageSize) {
		return fmt.Sprintf("it was cut off: %d bytes of %d", size, m.pages*uint64(m.pageSize))
	}
	if m.root >= m.pages || m.freelist >= m.pages {
		return "its head points outside of it"
	}
	if _, err := m.readFreelist(r); err != nil {
		return err.Error()
	}
	return ""
}

// readFreelist returns the number of free pages.
func (m metaPage) readFreelist(r io.ReaderAt) (free uint64, err error) {
	b := make([]byte, pageHeader+8)
	if _, err := r.ReadAt(b, int64(m.freelist)*m.pageSize); err != nil {
		return 0, fmt.Errorf("list of free pages: %w", err)
	}
	order := binary.NativeEndian
	count, overflow := uint64(order.Uint16(b[10:])), uint64(order.Uint32(b[12:]))
	room := (overflow+1)*uint64(m.pageSize) - pageHeader
	if count == 0xFFFF {
		count, room = order.Uint64(b[pageHeader:]), room-8
	}
	switch {
	case order.Uint64(b) != m.freelist, order.Uint16(b[8:]) != flagFreelist:
		return 0, errors.New("its list of free pages is something else")
	case overflow >= m.pages-m.freelist, count > room/8:
		return 0, errors.New("its list of free pages is longer than its room")
	}
	return count, nil
}
