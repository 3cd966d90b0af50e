package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// A Finding is one thing that is wrong with a database.
type Finding struct {
	Repository string // workspace/slug, or the UUID where that is not known; empty: the whole file
	What       string
}

// maxFindings bounds what is told of one repository, or of the file.
const maxFindings = 20

// findings collects for one repository.
type findings struct {
	repository string
	list       []Finding
	more       int
}

func (f *findings) add(format string, args ...any) {
	finding := Finding{f.repository, fmt.Sprintf(format, args...)}
	if slices.Contains(f.list, finding) { // pages are read more than once
		return
	}
	if len(f.list) == maxFindings {
		f.more++
		return
	}
	f.list = append(f.list, finding)
}

func (f *findings) all() []Finding {
	if f.more == 0 {
		return f.list
	}
	return append(f.list, Finding{f.repository, fmt.Sprintf("and %d more", f.more)})
}

func (f *findings) any() bool { return len(f.list) > 0 }

// Check reads the whole file and returns what is wrong with it: pages and values must be
// sound, the graph of each repository must be as Repository and Walk say, and what is derived
// must equal its source. It holds the file for one repository at a time, so that a sync goes on
// meanwhile. Where the pages are not sound it looks no further: what bbolt does with those is
// anybody's guess, an endless loop included. Damage is a finding, as long as Repair can save
// something; the error says why the file could not be checked at all.
func (db *DB) Check(ctx context.Context) ([]Finding, error) {
	file := &findings{}
	var uuids []UUID
	var authors int
	err := db.View(ctx, func(tx *Tx) (err error) {
		if err := db.checkPages(ctx, tx, file); err != nil || file.any() {
			return err
		}
		if uuids, err = tx.checkNames(file); err != nil {
			return err
		}
		tx.checkSmall(file)
		authors = tx.checkAuthors(file)
		return ctx.Err()
	})
	if err = file.take(err); err != nil {
		return nil, err
	}
	list := file.all()
	if file.any() && !db.salvageable(ctx) {
		return nil, beyondRepair(db.path, "%s", list[0].What)
	}
	for _, uuid := range uuids {
		found, err := db.checkRepository(ctx, uuid, authors)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

// take makes a finding of damage that may be repaired, and returns every other error.
func (f *findings) take(err error) error {
	if !errors.Is(err, ErrDamaged) || errors.Is(err, ErrBeyondRepair) {
		return err
	}
	_, what, _ := strings.Cut(err.Error(), ErrDamaged.Error()+": ")
	f.add("%s", what)
	return nil
}

// checkPages walks the pages by hand and, only when all are sound, lets bbolt do the same.
func (db *DB) checkPages(ctx context.Context, tx *Tx, file *findings) error {
	f, err := os.Open(db.path)
	if err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	defer f.Close()
	meta, _, err := readMeta(f)
	if err != nil {
		return damaged(db.path, "%v", err)
	}
	w := newPageWalk(f, meta)
	w.found = func(what string) { file.add("%s", what) }
	w.item = func([]string, []byte, []byte) error { return ctx.Err() }
	if err := w.run(); err != nil {
		return err
	}
	if file.any() {
		return nil
	}
	if err := w.free(); err != nil {
		file.add("%v", err)
	}
	if file.any() {
		return nil
	}
	for err := range tx.bolt.Check() {
		file.add("%v", err)
	}
	return nil
}

// checkNames returns every repository that is known or has anything stored.
func (tx *Tx) checkNames(file *findings) ([]UUID, error) {
	known := map[string]bool{}
	var uuids []UUID
	err := tx.bolt.Bucket(repositoriesName).ForEach(func(key, _ []byte) error {
		known[string(key)] = true
		uuids = append(uuids, UUID(key))
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range [][]byte{commitsName, placesName, columnsName, walksName} {
		nested := !bytes.Equal(name, walksName)
		err := tx.bolt.Bucket(name).ForEach(func(key, value []byte) error {
			if nested != (value == nil) {
				file.add("%s/%x is of another kind", name, key)
			}
			if !known[string(key)] {
				file.add("%s of %s, which is no known repository", name, key)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return uuids, nil
}

// checkSmall decodes workspaces and budgets.
func (tx *Tx) checkSmall(file *findings) {
	if _, err := tx.Workspaces(); err != nil {
		file.add("%v", err)
	}
	names, err := tx.Budgets()
	if err != nil {
		file.add("%v", err)
	}
	for _, name := range names {
		if _, err := tx.budget(name); err != nil {
			file.add("%v", err)
		}
	}
}

// checkAuthors returns how many authors there are.
func (tx *Tx) checkAuthors(file *findings) int {
	authors := tx.bolt.Bucket(authorsName)
	numbers := tx.bolt.Bucket(authorNumbersName)
	count, indexed := 0, 0
	walkBucket(authors, func(key, value []byte) {
		n, ok := parseNumber(key)
		if !ok || int(n) != count {
			file.add("author %x stands where %d should", key, count)
		}
		count++
		if _, err := decodeAuthor(value); err != nil {
			file.add("author %d: %v", n, err)
			return
		}
		if string(numbers.Get(authorNumberKey(value))) != string(authorKey(n)) {
			file.add("author %d is not found by its digest", n)
		}
	})
	walkBucket(numbers, func(_, _ []byte) { indexed++ })
	if indexed != count {
		file.add("%d authors, but %d numbers of authors", count, indexed)
	}
	return count
}

func walkBucket(b *bbolt.Bucket, f func(key, value []byte)) {
	cursor := b.Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		f(key, value)
	}
}
