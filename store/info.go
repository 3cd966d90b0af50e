package store

import (
	"context"
	"fmt"
	"os"
)

// Info is what db info tells of a file.
type Info struct {
	Path         string
	Version      int
	Size         int64 // of the file
	Free         int64 // of Size: what is used before the file grows
	Repositories int
	Commits      int // boundaries are not counted
	Authors      int
	Walks        int // unfinished
	Budgets      []BudgetInfo
}

// A BudgetInfo is what is kept of one budget.
type BudgetInfo struct {
	Name  string
	Limit int // requests an hour; 0: not known
	Spent map[int64]int
}

// Info sums up a database; it reads no commit.
func (db *DB) Info(ctx context.Context) (info Info, err error) {
	info = Info{Path: db.path, Version: int(version)}
	err = db.View(ctx, func(tx *Tx) error {
		if err := tx.sizes(&info); err != nil {
			return err
		}
		if err := tx.counts(&info); err != nil {
			return err
		}
		names, err := tx.Budgets()
		for _, name := range names {
			b, err := tx.budget(name)
			if err != nil {
				return err
			}
			info.Budgets = append(info.Budgets, BudgetInfo{name, b.limit, b.spent})
		}
		return err
	})
	return info, err
}

func (tx *Tx) sizes(info *Info) error {
	f, err := os.Open(tx.path)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	meta, _, err := readMeta(f)
	if err != nil {
		return tx.damaged("%v", err)
	}
	free, err := meta.readFreelist(f)
	if err != nil {
		return tx.damaged("%v", err)
	}
	info.Size = stat.Size()
	info.Free = info.Size - int64(meta.pages-free)*meta.pageSize
	return nil
}

func (tx *Tx) counts(info *Info) error {
	repositories, err := tx.Repositories()
	if err != nil {
		return err
	}
	info.Repositories = len(repositories)
	for _, r := range repositories {
		e, err := tx.Extent(r.UUID)
		if err != nil {
			return err
		}
		info.Commits += e.Commits
	}
	walks, err := tx.Walks()
	info.Walks = len(walks)
	if err != nil {
		return err
	}
	next, err := tx.nextNumber()
	info.Authors = int(next)
	return err
}
