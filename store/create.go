package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// pageSize is the same on every platform, so that a file is what it is everywhere.
const pageSize = 4096

// create makes an empty database at path. It is made beside it and then linked into place,
// so that nobody ever meets a half-made file, and none that appeared meanwhile is replaced.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := createFolder(dir); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, filepath.Base(path)+beingMade+"*") // made with 0600
	if err != nil {
		return fmt.Errorf("create database %s: %w", path, err)
	}
	defer os.Remove(temp.Name())
	if err := temp.Close(); err != nil {
		return fmt.Errorf("create database %s: %w", path, err)
	}
	if err := layOut(temp.Name()); err != nil {
		return fmt.Errorf("create database %s: %w", path, err)
	}
	if err := putInPlace(temp.Name(), path); err != nil {
		return fmt.Errorf("create database %s: %w", path, err)
	}
	return nil
}

// createFolder leaves a folder that exists as it is, whatever its mode.
func createFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the folder of the database: %w", err)
	}
	return nil
}

// layOut makes the empty file at path a database with nothing in it.
func layOut(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		PageSize: pageSize, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range topNames {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return putVersion(tx, version)
	})
	return errors.Join(err, db.Close())
}

// putInPlace gives the file at temp the name path unless that is taken, which is fine: then
// another process made the database at the same moment.
func putInPlace(temp, path string) error {
	err := os.Link(temp, path)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil { // a file system without links
		if _, err := os.Lstat(path); err == nil {
			return nil
		}
		if err := os.Rename(temp, path); err != nil {
			return err
		}
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a new name outlive a power cut where the platform can do that. What it
// cannot do changes nothing about the file, so there is no error to tell.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
