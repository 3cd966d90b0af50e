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

// A handle is an open file for the time of one transaction.
type handle struct {
	db   *DB
	bolt *bbolt.DB
	file *os.File // bbolt's own
	real string   // the path behind symbolic links
}

type openOptions struct {
	write    bool
	freelist bool // reading needs the list of free pages
}

// open tries until the file is free. bbolt's own loop looks every 50 ms, ignores contexts, and
// meets the gaps that writers leave too rarely.
func (db *DB) open(ctx context.Context, w *wait, options openOptions) (*handle, error) {
	if err := w.sleep(ctx, 0); err != nil { // the context may have ended already
		return nil, err
	}
	for {
		if err := db.checkPinned(); err != nil {
			return nil, err
		}
		h, err := db.tryOpen(options)
		if !errors.Is(err, errBusy) {
			return h, err
		}
		if err := w.pause(ctx); err != nil {
			return nil, err
		}
	}
}

// tryOpen opens the file if no other process has it, or returns errBusy.
func (db *DB) tryOpen(options openOptions) (*handle, error) {
	h := &handle{db: db, real: resolve(db.path)}
	if err := h.precheck(); err != nil {
		return nil, err
	}
	boltOptions := &bbolt.Options{
		Timeout:         time.Millisecond, // one attempt: open has the loop
		ReadOnly:        !options.write,   // takes a lock that other readers share
		PreLoadFreelist: options.freelist,
		FreelistType:    bbolt.FreelistMapType, // whose cost does not grow with the number of free pages
		NoStatistics:    !options.freelist,     // they have the number of free pages
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			// Without O_CREATE, since the file may have been removed after precheck saw it.
			f, err := os.OpenFile(name, flag&^os.O_CREATE, mode)
			if h.file == nil { // a backup opens the file once more
				h.file = f
			}
			return f, err
		},
	}
	err := guard(db.path, ErrBeyondRepair, func() (err error) {
		h.bolt, err = bbolt.Open(h.real, 0o600, boltOptions)
		return err
	})
	switch {
	case errors.Is(err, ErrDamaged): // bbolt panicked half-way
		h.abandon()
		return nil, err
	case err != nil: // bbolt closed the file
		return nil, openError(db.path, err)
	case h.replaced(): // the next attempt opens the new file
		return nil, errors.Join(errBusy, h.bolt.Close())
	}
	return h, nil
}

// precheck looks at the file before it is mapped. bbolt would make a database of an empty file, and its error
// for a file without its marks is the same for another program's file and for one of ours that was zeroed by
// a crash, where the advice differs.
func (h *handle) precheck() error {
	info, err := os.Stat(h.real) // before opening it: that would wait for the writer of a named pipe
	if err != nil {
		return openError(h.db.path, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w: it is not a regular file", h.db.path, ErrForeign)
	}
	f, err := os.Open(h.real)
	if err != nil {
		return openError(h.db.path, err)
	}
	defer f.Close()
	head := make([]byte, 2*pageSize) // bbolt's meta pages, of which the newer one that is whole counts
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) { // EOF: the file is shorter
		return fmt.Errorf("database: %w", err)
	}
	if head = head[:n]; !hasBoltMagic(head) && len(bytes.Trim(head, "\x00")) > 0 {
		return fmt.Errorf("%s: %w", h.db.path, ErrForeign)
	}
	if n < 2*pageSize {
		return beyondRepair(h.db.path, "the file is cut off")
	}
	return nil
}

// hasBoltMagic reports whether one of the two pages at the head of a file is bbolt's. bbolt writes them in
// turn, so one of them may be damaged in a file that can be read. The mark stands behind the header of the
// page, in the byte order of the machine.
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
	case errors.Is(err, berrors.ErrTimeout), isOpenElsewhere(err): // on Windows while it is being replaced
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

// transact runs f in a transaction, and closes the file. Damage that shows itself as a fault or a panic of
// bbolt is ErrDamaged; any other panic of f goes on. bbolt's own View and Update do not serve: after a panic,
// they do not tell whether the transaction has ended, and Close waits for one that has not for ever.
func (h *handle) transact(f func(*Tx) error) (err error) {
	unfinished := true
	defer func() {
		if unfinished {
			h.abandon()
		} else if closed := guard(h.db.path, ErrDamaged, h.bolt.Close); closed != nil {
			err = errors.Join(err, closed)
		}
	}()
	return guard(h.db.path, ErrDamaged, func() error {
		b, err := h.bolt.Begin(!h.bolt.IsReadOnly())
		if err != nil {
			unfinished = false
			return err
		}
		defer func() {
			_ = b.Rollback() // does nothing after a commit
			unfinished = false
		}()
		tx, err := h.newTx(b)
		if err == nil {
			err = f(tx)
		}
		if err != nil || !b.Writable() {
			return err
		}
		return b.Commit()
	})
}

// newTx checks what every transaction relies on, so that none has to ask whether a bucket is there: the
// length of the file, its version, and the top buckets. It returns ErrBeyondRepair where they cannot be
// read.
func (h *handle) newTx(b *bbolt.Tx) (*Tx, error) {
	tx := &Tx{bolt: b, db: h.db, authors: map[uint32]Author{}, numbers: map[Author]uint32{}}
	return tx, guard(h.db.path, ErrBeyondRepair, func() error {
		info, err := h.file.Stat()
		if err != nil {
			return fmt.Errorf("database: %w", err)
		}
		// Its head says how long the file is. A read beyond its end would be a fault, and a write would
		// extend the file with zeros.
		if size := b.Size(); size < 0 || size > info.Size() {
			return beyondRepair(h.db.path, fmt.Sprintf("the file has %d of %d bytes", info.Size(), size))
		}
		if err := checkVersion(b, h.db.path); err != nil {
			return err
		}
		for _, name := range topNames {
			if b.Bucket(name) == nil {
				return beyondRepair(h.db.path, fmt.Sprintf("bucket %s is missing", name))
			}
		}
		return nil
	})
}

// abandon unlocks and closes the file alone, after a panic that left a transaction unfinished: bbolt's own
// Close would wait for its end for ever. The mapping stays until the process ends.
func (h *handle) abandon() {
	if h.file != nil {
		unlock(h.file)
		_ = h.file.Close()
	}
}
