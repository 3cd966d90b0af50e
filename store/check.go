package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"
)

// A Finding is one thing that is wrong with a database.
type Finding struct {
	Repository string // workspace/slug, or the UUID where that is not known; empty: the whole file
	What       string
}

// maxFindings bounds what is told of one repository, or of the file: a damaged page has a hundred records,
// and the remedy is the same for one.
const maxFindings = 20

// findings collects what is wrong with one repository, or with the file.
type findings struct {
	repository string
	list       []Finding
	more       int
	whole      bool // all that Repair keeps of a repository is sound
}

func (f *findings) add(format string, args ...any) {
	if len(f.list) == maxFindings {
		f.more++
		return
	}
	f.list = append(f.list, Finding{f.repository, fmt.Sprintf(format, args...)})
}

// addDamage makes a finding of damage, and returns every other error: of the system, of a context that
// ended, and of a file of which nothing can be read. A finding needs no path: there is one file.
func (f *findings) addDamage(err error) error {
	if !errors.Is(err, ErrDamaged) || errors.Is(err, ErrBeyondRepair) {
		return err
	}
	_, what, _ := strings.Cut(err.Error(), ErrDamaged.Error()+": ")
	f.add("%s", what)
	return nil
}

func (f *findings) all() []Finding {
	if f.more == 0 {
		return f.list
	}
	return append(f.list, Finding{f.repository, fmt.Sprintf("and %d more", f.more)})
}

// Check reads the whole file and returns what is wrong with it: everything must decode, the graph
// of each repository must be as Repository and Walk promise, what is derived must equal its source, and
// the pages of the file must be sound. It holds the file for one repository at a time, so that a sync
// goes on meanwhile. The error says why the file could not be checked at all.
func (db *DB) Check(ctx context.Context) ([]Finding, error) {
	found, _, err := db.check(ctx)
	return found, err
}

// check is Check. It also returns the repositories, and of each whether all that Repair keeps of it is sound.
func (db *DB) check(ctx context.Context) (found []Finding, whole map[UUID]bool, err error) {
	file := &findings{}
	var uuids []UUID
	err = db.View(ctx, func(tx *Tx) error {
		// By their keys, and before the rest: neither a document nor authors that cannot be read hide them.
		for key := range each(tx.bolt.Bucket(repositoriesName)) {
			uuids = append(uuids, UUID(key))
		}
		return tx.checkFile(file)
	})
	if err = file.addDamage(err); err != nil {
		return nil, nil, err
	}
	found, whole = file.all(), map[UUID]bool{}
	for _, uuid := range uuids {
		repository, err := db.checkRepository(ctx, uuid)
		if err != nil {
			return nil, nil, err
		}
		found, whole[uuid] = append(found, repository.all()...), repository.whole
	}
	if len(found) > 0 { // the pages of a damaged file could make bbolt's own check panic
		return found, whole, nil
	}
	err = db.view(ctx, openOptions{freelist: true}, func(tx *Tx) error {
		for err := range tx.bolt.Check() {
			file.add("%v", err)
		}
		return nil
	})
	err = file.addDamage(err)
	return file.all(), whole, err
}

// checkFile checks all but commits and columns.
func (tx *Tx) checkFile(file *findings) error {
	for _, bucket := range [][]byte{commitsName, columnsName, walksName} {
		isNested := !bytes.Equal(bucket, walksName)
		for key, value := range each(tx.bolt.Bucket(bucket)) {
			if isNested != (value == nil) { // bbolt has no value for a key that is a bucket
				file.add("%s/%.40x is not of the right kind", bucket, key)
			}
			if tx.bolt.Bucket(repositoriesName).Get(key) == nil {
				file.add("%s of %.40s, which is not a known repository", bucket, key)
			}
		}
	}
	_, err := tx.Workspaces()
	_, err2 := tx.Budgets()
	tx.checkAuthors(file)
	return errors.Join(file.addDamage(err), file.addDamage(err2))
}

// checkAuthors compares the authors with the index of their digests. An author has no checksum: a digest is
// one.
func (tx *Tx) checkAuthors(file *findings) {
	numbers := tx.bolt.Bucket(authorNumbersName)
	count, digests := 0, 0
	for key, value := range each(tx.bolt.Bucket(authorsName)) {
		if n, ok := parseNumber(key); !ok || int(n) != count {
			file.add("author %.20x is stored where %d should be", key, count)
		}
		if _, err := decodeAuthor(value); err != nil {
			file.add("author %d: %v", count, err)
		} else if !bytes.Equal(numbers.Get(authorNumberKey(value)), key) {
			file.add("author %d is not found by its digest", count)
		}
		count++
	}
	for range each(numbers) {
		digests++
	}
	if digests != count {
		file.add("%d authors, but %d numbers of authors", count, digests)
	}
}

// checkRepository checks one repository in a transaction of its own, because its head, walk, records and
// columns must be of one moment.
func (db *DB) checkRepository(ctx context.Context, uuid UUID) (*findings, error) {
	found := &findings{repository: string(uuid)}
	err := db.View(ctx, func(tx *Tx) error {
		r, ok, err := tx.Repository(uuid)
		if err != nil || !ok { // dropped meanwhile
			return err
		}
		if r.Slug != "" {
			found.repository = r.Workspace + "/" + r.Slug
		}
		graph, rows, err := tx.checkRecords(ctx, uuid, found)
		if err != nil {
			return err
		}
		w, walking, err := tx.Walk(uuid)
		if err == nil && len(found.list) == 0 {
			err = graph.check(ctx, &r, &w, walking, found)
		}
		if err != nil {
			return err
		}
		found.whole = len(found.list) == 0 // what is wrong with columns does not count: they can be derived anew
		tx.checkColumns(uuid, rows, found)
		return nil
	})
	return found, found.addDamage(err)
}

// checkRecords decodes all records. It returns their graph, and how often the columns must hold which row.
func (tx *Tx) checkRecords(
	ctx context.Context, uuid UUID, found *findings) (graph *Graph, rows map[columnRow]int, err error) {

	graph, rows = &Graph{}, map[columnRow]int{}
	authors, err := tx.countAuthors()
	if err != nil {
		return nil, nil, err
	}
	for r, err := range tx.records(uuid, Hash{}) {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil {
			if err := found.addDamage(err); err != nil {
				return nil, nil, err
			}
			continue
		}
		if r.author >= authors { // authors are numbered without gaps, which checkAuthors checks
			found.add("commit %s: author %d is not stored", r.hash, r.author)
		}
		graph.add(&r)
		if !r.boundary {
			rows[r.row()]++
		}
	}
	return graph, rows, nil
}

// checkColumns compares the columns with the rows that the records have: every row of a block is taken off
// its count, which must end at 0 for all. The order of rows means nothing.
func (tx *Tx) checkColumns(uuid UUID, rows map[columnRow]int, found *findings) {
	stored, derived := 0, 0
	for _, n := range rows {
		stored += n
	}
	for b, err := range tx.Blocks(uuid) {
		if err != nil {
			_ = found.addDamage(err)
			return
		}
		for i := range b.Dates {
			rows[b.row(i)]--
			derived++
		}
	}
	for _, n := range rows {
		if n != 0 {
			found.add("columns hold %d commits and differ from the %d that are stored", derived, stored)
			return
		}
	}
}

// check compares a graph with what Repository and Walk promise:
//
//   - Head, where there is one, is stored, and all that it reaches, up to boundaries, accepted ends,
//     and what the walk wants.
//   - The target of a walk is stored or wanted.
//   - Each parent of a stored commit is stored, wanted, beyond a boundary, or an accepted end; where
//     the repository needs a sweep, this is promised of what Head reaches alone.
//   - Where no walk is unfinished and no sweep is needed, Roots are as they should be, and nothing
//     is stored that Head does not reach.
func (g *Graph) check(ctx context.Context, r *Repository, w *Walk, walking bool, found *findings) error {
	var m Marking
	var err error
	known := hashSet(w.Wanted, w.Hidden, r.Ends()) // what may be missing
	// Every boundary is older than the latest of all floors, so that its parents may be missing.
	if r.Head.IsZero() {
		m.Unreached = make([]Hash, len(g.nodes))
	} else if m, err = g.Mark(ctx, r.Head, math.MaxInt64); err != nil {
		return err
	}
	for _, h := range m.Missing {
		if !known[h] {
			found.add("the head reaches %s, which is not stored", h)
		}
	}
	if walking && !known[w.Target] && g.absent(w.Target) {
		found.add("the target %s of the unfinished walk is neither stored nor wanted", w.Target)
	}
	if !r.NeedsSweep {
		g.checkParents(known, found)
	}
	if walking || r.NeedsSweep {
		return nil
	}
	if n := len(m.Unreached); n > 0 {
		found.add("%d commits are stored that the head does not reach", n)
	}
	if got, want := hashSet(r.Roots), hashSet(m.Roots); !maps.Equal(got, want) {
		found.add("%d roots are stored, which are not the %d of the commits", len(got), len(want))
	}
	return nil
}

// checkParents finds parents that are neither stored nor among those that may be missing.
func (g *Graph) checkParents(known map[Hash]bool, found *findings) {
	for i := range g.nodes {
		if g.nodes[i].boundary {
			continue
		}
		for _, parent := range g.parentsOf(i) {
			if g.absent(parent) && !known[parent] {
				found.add("parent %s is neither stored nor wanted", parent)
				known[parent] = true // say so once
			}
		}
	}
}

func hashSet(lists ...[]Hash) map[Hash]bool {
	set := map[Hash]bool{}
	for _, list := range lists {
		for _, h := range list {
			set[h] = true
		}
	}
	return set
}
