package store

import (
	"bytes"
	"context"
	"encoding/json"
)

// Repair drops what is not sound, derives anew what is derived, and leaves every repository
// in a state from which the next sync fetches what is missing. It returns what it found; where
// Check finds nothing it changes nothing. The whole file is written anew, so there must be
// room for a second one. A file of which nothing can be read is ErrBeyondRepair.
func (db *DB) Repair(ctx context.Context) ([]Finding, error) {
	found, err := db.Check(ctx)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	list, err := db.rewriteFile(ctx, true)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 { // derived data alone
		return found, nil
	}
	return list, nil
}

// salvageable reports whether a damaged file has anything left that Repair would keep.
func (db *DB) salvageable(ctx context.Context) bool {
	source, meta, err := openPages(db.path)
	if err != nil {
		return false
	}
	defer source.Close()
	rw := &rewrite{path: db.path, source: source, meta: meta, salvage: true, found: &findings{}}
	return rw.readSmall(ctx) == nil && rw.ours()
}

// mend makes the state of a repository agree with the commits that are left of it. Where they
// do not have what they must have:
//
//   - The repository is dirty, so that a walk marks from its target before it ends, which finds
//     each hole (and each commit that is not reached) whatever is said elsewhere.
//   - It has no head, so that there is a walk at the next sync, though nothing was pushed. A
//     walk whose target is stored asks for nothing but the holes.
//   - Its roots are those of what is left.
//   - A walk that was under way keeps its target and base, and wants what is missing below
//     its target. A range that excludes base leaves holes below it out; they are filled after it.
//
// A crash before the file is in place leaves the old file, and one after it this state.
func (c *repositoryCopy) mend() error {
	walk, walking := c.walk()
	for _, what := range c.graph.check(c.Repository, walk, walking) {
		c.found.add("%s", what)
	}
	if !c.found.any() {
		return nil
	}
	r := c.Repository
	r.Dirty, r.Head, r.Roots = true, Hash{}, c.graph.roots()
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := c.out.tx.Bucket(repositoriesName).Put(repositoryKey(r.UUID), value); err != nil {
		return err
	}
	if !walking {
		return nil
	}
	_, walk.Wanted = c.graph.mark(walk.Target)
	return c.out.tx.Bucket(walksName).Put(walkKey(r.UUID), encodeWalk(r.UUID, walk))
}

// walk returns the walk of the repository, if it survived.
func (c *repositoryCopy) walk() (Walk, bool) {
	key := walkKey(c.UUID)
	value, ok := c.small[string(walksName)][string(key)]
	if !ok {
		return Walk{}, false
	}
	w, err := decodeWalk(key, bytes.Clone(value))
	return w, err == nil
}
