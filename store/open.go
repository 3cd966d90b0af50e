package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

const (
	// version is the number of the layout in doc.go. No release was ever made of 1 and 2. From the
	// first release on, a file of an older version is migrated in one transaction.
	version     uint32 = 3
	application        = "trunkstat"

	// pageSize is the same on every platform, so that a file can be moved between them.
	pageSize = 4096
)

// A handle is an open file for the time of one transaction.
type handle struct {
	bolt *bbolt.DB
	file *os.File // bbolt's own
	path string   // as the user wrote it
	real string   // behind symbolic links

	ended bool // the transaction that transact began
}

type openOptions struct {
	write    bool
	freelist bool // reading needs the list of free pages
}

// open tries until the file is free. bbolt's own loop looks every 50 ms, ignores contexts, and
// meets the gaps that writers leave too rarely.
func (db *DB) open(ctx context.Context, w *wait, options openOptions) (*handle, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open database %s: %w", db.path, err)
	}
	for {
		if err := db.checkPinned(); err != nil {
			return nil, err
		}
		h, err := tryOpen(db.path, db.realPath(), options)
		if !errors.Is(err, errBusy) {
			return h, err
		}
		if err := w.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// tryOpen opens the file if no other process has it, or returns errBusy.
func tryOpen(path, real string, options openOptions) (*handle, error) {
	h := &handle{path: path, real: real}
	if err := h.precheck(); err != nil {
		return nil, err
	}
	boltOptions := &bbolt.Options{
		Timeout:         time.Millisecond, // one attempt
		ReadOnly:        !options.write,
		PreLoadFreelist: options.freelist,
		FreelistType:    bbolt.FreelistMapType,
		NoStatistics:    !options.freelist,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
			if h.file == nil { // a backup opens the file once more
				h.file = f
			}
			return f, err
		},
	}
	returned := false
	err := guard(path, func() (err error) {
		h.bolt, err = bbolt.Open(h.real, 0o600, boltOptions)
		returned = true
		return err
	})
	switch {
	case !returned: // bbolt panicked half-way
		h.abandon()
		return nil, beyondRepair(path, "its head is unreadable")
	case err != nil:
		return nil, openError(path, err)
	case h.replaced():
		return nil, errors.Join(errBusy, h.bolt.Close())
	}
	return h, nil
}

// precheck looks at the file before it is mapped: bbolt would make a database of an empty one.
func (h *handle) precheck() error {
	info, err := os.Stat(h.real)
	if err != nil {
		return openError(h.path, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w: it is not a regular file", h.path, ErrForeign)
	}
	f, err := os.Open(h.real)
	if err != nil {
		return openError(h.path, err)
	}
	defer f.Close()
	head := make([]byte, 2*pageSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("database: %w", err)
	}
	if head = head[:n]; !hasBoltMagic(head) && len(bytes.Trim(head, "\x00")) > 0 {
		return fmt.Errorf("%s: %w", h.path, ErrForeign)
	}
	if n < 2*pageSize {
		return beyondRepair(h.path, "the file is cut off")
	}
	return nil
}

// hasBoltMagic reports whether one of the two pages at the head of a file is bbolt's.
func hasBoltMagic(head []byte) bool {
	const magic, pageHeader = 0xED0CDAED, 16
	for _, at := range []int{pageHeader, pageSize + pageHeader} {
		if len(head) >= at+4 && binary.NativeEndian.Uint32(head[at:]) == magic {
			return true
		}
	}
	return false
}

// openError gives bbolt's errors our names; those of the system keep theirs.
func openError(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout), isOpenElsewhere(err):
		return errBusy
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s: %w", path, ErrNoDatabase)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum),
		errors.Is(err, berrors.ErrVersionMismatch):
		return beyondRepair(path, err)
	}
	return fmt.Errorf("open database %s: %w", path, err)
}

// replaced reports whether the file that was locked is no longer the one at the path, because
// db compact put another there meanwhile. What is written to it would be lost.
func (h *handle) replaced() bool {
	locked, err := h.file.Stat()
	if err != nil {
		return true
	}
	current, err := os.Stat(h.real)
	return err != nil || !os.SameFile(locked, current)
}

// transact runs f in a transaction. Unlike bbolt's own View and Update it notes that the transaction has
// ended when f or the commit panicked: only then can the file be closed.
func (h *handle) transact(writable bool, f func(*bbolt.Tx) error) error {
	tx, err := h.bolt.Begin(writable)
	if err != nil {
		return err
	}
	defer func() {
		_ = tx.Rollback() // does nothing after a commit
		h.ended = true
	}()
	if err := f(tx); err != nil || !writable {
		return err
	}
	return tx.Commit()
}

// run runs f, which uses the open file, and closes it.
func (h *handle) run(f func() error) error {
	returned := false
	defer func() {
		if !returned {
			h.abandon()
		}
	}()
	err := guard(h.path, func() error {
		err := h.checkLength()
		if err == nil {
			err = f()
		}
		returned = true
		return err
	})
	if !returned {
		return err
	}
	if closed := guard(h.path, h.bolt.Close); closed != nil {
		return errors.Join(err, closed)
	}
	return err
}

// checkLength compares the file with the number of pages that its head names.
func (h *handle) checkLength() error {
	info, err := h.file.Stat()
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return h.bolt.View(func(b *bbolt.Tx) error {
		if size := b.Size(); size < 0 || size > info.Size() {
			return beyondRepair(h.path, fmt.Sprintf("the file has %d of %d bytes", info.Size(), size))
		}
		return nil
	})
}

// abandon closes the file after a panic. Where bbolt's own Close could wait for ever for a transaction that
// never ends, it unlocks and closes the file alone: then the mapping stays until the process ends, and
// keeps a lock that is not released.
func (h *handle) abandon() {
	if h.ended {
		_ = guard(h.path, h.bolt.Close)
		return
	}
	if h.file != nil {
		unlock(h.file)
		_ = h.file.Close()
	}
}

// checkVersion refuses a file that is not ours, or of another version.
func checkVersion(tx *bbolt.Tx, path string) error {
	meta := tx.Bucket(metaName)
	if meta == nil || string(meta.Get(applicationKey)) != application {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	v, ok := parseNumber(meta.Get(versionKey))
	switch {
	case !ok || v == 0:
		return beyondRepair(path, "its version is unreadable")
	case v > version:
		return fmt.Errorf("%s: %w of trunkstat: layout %d, this program reads %d", path, ErrNewer, v, version)
	case v < version:
		return fmt.Errorf("%s: %w of trunkstat: layout %d, this program reads %d", path, ErrOlder, v, version)
	}
	return nil
}

func putVersion(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaName)
	return errors.Join(meta.Put(applicationKey, []byte(application)), meta.Put(versionKey, numberKey(version)))
}
