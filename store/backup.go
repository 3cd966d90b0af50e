package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup copies the file as it is at this moment to dest, which must not exist. Others go on
// reading; a sync waits for the copy to be made, and goes on.
func (db *DB) Backup(ctx context.Context, dest string) error {
	if _, err := os.Lstat(dest); err == nil {
		return fmt.Errorf("back up to %s: %w: name one that does not", dest, fs.ErrExist)
	}
	removeLeftovers(dest)
	temp, err := os.CreateTemp(filepath.Dir(dest), filepath.Base(dest)+beingMade+"*")
	if err != nil {
		return fmt.Errorf("back up to %s: %w", dest, err)
	}
	defer os.Remove(temp.Name())
	err = db.View(ctx, func(tx *Tx) error {
		out := &cancellable{ctx: ctx, file: temp}
		_, err := tx.bolt.WriteTo(out)
		return cmp.Or(out.failed, err)
	})
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("back up to %s: %w", dest, err)
	}
	return publish(temp.Name(), dest)
}

// publish gives the copy its name, unless somebody took that meanwhile.
func publish(temp, dest string) error {
	err := os.Link(temp, dest)
	if err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links
		if _, taken := os.Lstat(dest); taken == nil {
			err = fs.ErrExist
		} else {
			err = os.Rename(temp, dest)
		}
	}
	if err != nil {
		return fmt.Errorf("back up to %s: %w", dest, err)
	}
	syncFolder(filepath.Dir(dest))
	return nil
}

// A cancellable file refuses to be written to once its context is done. It keeps its error:
// bbolt passes on the words alone.
type cancellable struct {
	ctx    context.Context
	file   *os.File
	failed error
}

func (c *cancellable) Write(b []byte) (n int, err error) {
	if err = c.ctx.Err(); err == nil {
		n, err = c.file.Write(b)
	}
	c.failed = err
	return n, err
}
