package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

const (
	// version is the number of the layout in doc.go. No release was ever made of 1 and 2. From the
	// first release on, a file of an older version is migrated in one transaction.
	version     uint32 = 3
	application        = "trunkstat"

	// pageSize is the same on every platform, so that a file can be moved between them. bbolt would take that of
	// the operating system: 16 kB on Apple's processors.
	pageSize = 4096
)

// create makes an empty database at path, unless another process has made one meanwhile. It is made beside
// path: a reader never sees a file without its buckets.
func create(path string) error {
	if err := createFolder(filepath.Dir(resolve(path))); err != nil {
		return err
	}
	err := WriteFile(resolve(path), Create, 0, func(f *os.File) error { return initialize(f.Name()) })
	if err != nil && !errors.Is(err, fs.ErrExist) { // the other process's file is as good
		return fmt.Errorf("create database %s: %w", path, err)
	}
	return nil
}

// initialize makes the empty file at path a database with nothing in it.
func initialize(path string) error {
	db, err := openNew(path)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range topNames {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(metaName)
		return errors.Join(
			meta.Put(applicationKey, []byte(application)), meta.Put(versionKey, numberKey(version)))
	})
	return errors.Join(err, db.Close())
}

// openNew opens the empty file at path, in which bbolt makes a database. The mode is for a file that bbolt
// would create, and counts for nothing here.
func openNew(path string) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600, &bbolt.Options{PageSize: pageSize, FreelistType: bbolt.FreelistMapType})
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
