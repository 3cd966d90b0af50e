package store

import (
	"cmp"
	"context"
	"fmt"
	"os"
)

// Backup copies the file as it is at this moment to dest, which must not exist. Others go on
// reading; a sync waits until the copy is made, and goes on.
func (db *DB) Backup(ctx context.Context, dest string) error {
	err := WriteFile(dest, Create, 0, func(f *os.File) error {
		return db.View(ctx, func(tx *Tx) error {
			out := &cancellable{ctx: ctx, file: f}
			_, err := tx.bolt.WriteTo(out) // the whole file, with its free pages
			return cmp.Or(out.failed, err)
		})
	})
	if err != nil {
		return fmt.Errorf("back up to %s: %w", dest, err)
	}
	return nil
}

// A cancellable file refuses to be written to once its context is done. It keeps its error: bbolt
// passes on only the text.
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

// Info is what db info tells of a file; --format json prints it under the names of its tags.
type Info struct {
	Path         string            `json:"path"`
	Version      int               `json:"version"`
	Size         int64             `json:"size"` // of the file
	Free         int64             `json:"free"` // of Size: what is used before the file grows
	Repositories int               `json:"repositories"`
	Commits      int               `json:"commits"` // boundaries are not counted
	Authors      int               `json:"authors"`
	Walks        int               `json:"unfinished"`
	Budgets      map[string]Budget `json:"-"`
}

// Info sums up a database. It reads no commit.
func (db *DB) Info(ctx context.Context) (info Info, err error) {
	info = Info{Path: db.path, Version: int(version)}
	if info.Size, err = db.size(); err != nil {
		return info, err
	}
	err = db.view(ctx, openOptions{freelist: true}, func(tx *Tx) error {
		// Free are the pages that bbolt uses again, and those behind the last page that it has used.
		free := tx.bolt.DB().Stats().FreePageN * tx.bolt.DB().Info().PageSize
		info.Free = info.Size - tx.bolt.Size() + int64(free)
		repositories, err := tx.Repositories()
		if err != nil {
			return err
		}
		info.Repositories = len(repositories)
		for _, r := range repositories {
			if columns := nested(tx.bolt, columnsName, r.UUID); columns != nil { // nil before the first commit
				info.Commits += int(columns.Sequence())
			}
		}
		walks, err := tx.Walks()
		if err != nil {
			return err
		}
		info.Walks = len(walks)
		authors, err := tx.countAuthors()
		if err != nil {
			return err
		}
		info.Authors = int(authors)
		info.Budgets, err = tx.Budgets()
		return err
	})
	return info, err
}
