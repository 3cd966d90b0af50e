package reportcmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// An output is where an export goes. Nothing is seen at the place that was asked for before
// commit; after an error, or when the export was interrupted, discard leaves that place as it
// was. discard after commit does nothing.
type output interface {
	commit() error
	discard()
}

// A stream is an output that takes bytes as they come: stdout, a device, a pipe.
type stream struct{ io.Writer }

func (stream) commit() error { return nil }
func (stream) discard()      {}

// A newFile is an output that becomes a file: written beside the target, then renamed.
type newFile struct {
	*os.File
	target string
	done   bool
}

// createFile begins a file at path. Something that is there and is not a plain file, a device
// say, is written to as it is.
func createFile(path string) (io.Writer, output, error) {
	mode := fs.FileMode(0o666)
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			return nil, nil, fmt.Errorf("%s is a folder", path)
		case !info.Mode().IsRegular():
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			return f, stream{f}, err
		}
		mode = info.Mode().Perm()
		// The file that a link leads to is replaced, not the link.
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, nil, err
		}
	}
	f, err := os.OpenFile(beside(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, nil, err
	}
	return f, &newFile{File: f, target: path}, nil
}

func (f *newFile) commit() error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), f.target); err != nil {
		return err
	}
	f.done = true
	return nil
}

func (f *newFile) discard() {
	if !f.done {
		f.Close()
		os.Remove(f.Name())
	}
}

// A newFolder is an output that becomes a folder of files: filled beside the target, then
// renamed.
type newFolder struct {
	path   string // while it is filled
	target string
	was    fs.FileMode // of the empty folder that was there, or 0
	done   bool
}

// createFolder begins a folder at path, where there may be nothing or an empty folder. That one
// is taken away now: where it cannot be, this is known before all the work.
func createFolder(path string) (*newFolder, error) {
	f := &newFolder{target: filepath.Clean(path)}
	if info, err := os.Stat(path); err == nil {
		if f.target, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		if err := removeEmpty(f.target); err != nil {
			return nil, err
		}
		f.was = info.Mode()
	}
	f.path = beside(f.target)
	if err := os.Mkdir(f.path, 0o777); err != nil {
		f.discard()
		return nil, err
	}
	return f, nil
}

func removeEmpty(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: give a folder that is not there yet", folder)
	}
	return os.Remove(folder)
}

func (f *newFolder) commit() error {
	if err := os.Rename(f.path, f.target); err != nil {
		return err
	}
	f.done = true
	return nil
}

func (f *newFolder) discard() {
	if f.done {
		return
	}
	os.RemoveAll(f.path)
	if f.was != 0 {
		os.Mkdir(f.target, f.was.Perm())
	}
}

// beside is a name that is not taken, in the same folder as path and so on the same disk. The
// leading dot keeps others from reading it as data.
func beside(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8]+".tmp")
}

// isClosedPipe reports whether whoever read our output has gone, as head does: nothing failed.
func isClosedPipe(err error) bool {
	if runtime.GOOS == "windows" {
		const brokenPipe, noData = syscall.Errno(109), syscall.Errno(232)
		return errors.Is(err, brokenPipe) || errors.Is(err, noData)
	}
	return errors.Is(err, syscall.EPIPE)
}
