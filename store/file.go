package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A FileOption says how WriteFile treats a file that is already there.
type FileOption int

const (
	Replace FileOption = iota // put the new file in its place, with its mode
	Create                    // fail with fs.ErrExist, and leave it as it is
)

// WriteFile makes the file at path out of what write writes: into a temporary file beside it, which
// is flushed to the disk and then renamed. A failure or a crash at any moment leaves the old file, or
// none. A new file has mode 0600, or perm where that is not 0, less the process's umask. A symbolic
// link stays, and the file that it leads to is written. Errors name path, not the temporary file.
func WriteFile(path string, option FileOption, perm fs.FileMode, write func(*os.File) error) (err error) {
	real := resolve(path)
	if option == Create {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s: %w", path, fs.ErrExist)
		}
	}
	removeLeftovers(real) // before there is another one: on a full disk, that makes room
	defer func() { err = namingTarget(err, path) }()
	temp, err := writeTemp(real, perm, write)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if option == Create {
		err = link(temp, real)
	} else {
		err = rename(temp, real)
	}
	if err == nil {
		syncFolder(filepath.Dir(real))
	}
	return err
}

// writeTemp makes a temporary file beside path out of what write writes, gives it the mode and, where the
// system allows it, the owner that the file at path has, flushes it to the disk, and returns its name.
func writeTemp(path string, perm fs.FileMode, write func(*os.File) error) (name string, err error) {
	perm = cmp.Or(perm, 0o600)
	replaced, _ := os.Stat(path) // nil: it is a new file
	if replaced != nil {         // from the beginning, it may be read by no more people than that one
		perm = replaced.Mode().Perm() | 0o600
	}
	// os.CreateTemp would make a file of mode 0600, and others may read an exported one if the umask says so.
	random := strconv.FormatUint(rand.Uint64(), 10)
	temp, err := os.OpenFile(path+temporarySuffix+random, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return "", err
	}
	defer func() {
		_ = temp.Close()
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	if err := write(temp); err != nil {
		return "", err
	}
	if replaced != nil {
		adoptOwner(temp, replaced)
		if err := temp.Chmod(replaced.Mode().Perm()); err != nil {
			return "", err
		}
	}
	// Without the flush, a power cut after the rename could leave an empty file in place of the old one.
	return temp.Name(), errors.Join(temp.Sync(), temp.Close())
}

// namingTarget makes an error of the file system about a temporary file one about path. Users did not name
// the temporary file, and it is gone when they read the error.
func namingTarget(err error, path string) error {
	if e := (*os.LinkError)(nil); errors.As(err, &e) && strings.Contains(e.Old, temporarySuffix) {
		return &fs.PathError{Op: "replace", Path: path, Err: e.Err}
	}
	if e := (*fs.PathError)(nil); errors.As(err, &e) && strings.Contains(e.Path, temporarySuffix) {
		e.Path = path
	}
	return err
}

// link gives the file at temp the name path, unless that is taken. A rename would put it in the place of a
// file that another process made meanwhile, a database that has commits already.
func link(temp, path string) error {
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); err == nil { // a file system without links
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return rename(temp, path)
}

// rename puts a file in place. Windows refuses it while another process has the file open, which
// readers of a database do for moments only.
func rename(from, to string) (err error) {
	for range 200 { // for two seconds
		if err = os.Rename(from, to); err == nil || !isOpenElsewhere(err) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	if e := (*os.LinkError)(nil); errors.As(err, &e) {
		e.Err = fmt.Errorf("%w; another program may have it open", e.Err)
	}
	return err
}

// syncFolder makes a new name outlive a power cut where the platform can do that. The file itself
// is on the disk whether this succeeds or not.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

const (
	// temporarySuffix and a number are appended to the name of a file that is being written. A
	// process that is killed leaves it there.
	temporarySuffix = ".new-"
	// leftoverAfter is far longer than a file that is being written goes without a write.
	leftoverAfter = time.Hour
)

// removeLeftovers removes temporary files that killed processes left beside path. A failure does
// no harm, so none is reported.
func removeLeftovers(path string) {
	files, _ := os.ReadDir(filepath.Dir(path))
	for _, f := range files {
		number, ok := strings.CutPrefix(f.Name(), filepath.Base(path)+temporarySuffix)
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" || !f.Type().IsRegular() {
			continue
		}
		if info, err := f.Info(); err == nil && time.Since(info.ModTime()) > leftoverAfter {
			_ = os.Remove(filepath.Join(filepath.Dir(path), f.Name()))
		}
	}
}
