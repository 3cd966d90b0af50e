package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// copyMeta refuses other versions: what follows reads the values of this one.
func (rw *rewrite) copyMeta() error {
	meta := rw.small[string(metaName)]
	v, ok := parseNumber(meta[string(versionKey)])
	switch {
	case ok && v > version:
		return fmt.Errorf("%s: %w of trunkstat: layout %d, known up to %d",
			rw.path, ErrNewer, v, version)
	case !rw.ours():
		return fmt.Errorf("%s: %w; give another path", rw.path, ErrForeign)
	case !ok || v != version:
		if err := rw.broken("its version is unreadable"); err != nil {
			return err
		}
	}
	return putVersion(rw.out.tx, version)
}

// ours reports whether there is anything that this program wrote.
func (rw *rewrite) ours() bool {
	return string(rw.small[string(metaName)][string(applicationKey)]) == application ||
		len(rw.small[string(repositoriesName)]) > 0
}

// copyAuthors leaves no gap: where an author is lost, the others move up, and records are
// written with their new numbers.
func (rw *rewrite) copyAuthors() error {
	rw.authors = map[uint32]uint32{}
	numbers := map[string]uint32{} // by value
	stored := rw.small[string(authorsName)]
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		value := stored[key]
		n, ok := parseNumber([]byte(key))
		_, err := decodeAuthor(value)
		if !ok || err != nil {
			if err := rw.broken("author %x: %v", key, err); err != nil {
				return err
			}
			continue
		}
		now, twice := numbers[string(value)]
		if !twice {
			now = uint32(len(numbers))
			numbers[string(value)] = now
			if err := rw.putAuthor(now, value); err != nil {
				return err
			}
		}
		rw.authors[n] = now
	}
	return nil
}

func (rw *rewrite) putAuthor(n uint32, value []byte) error {
	b := rw.out.tx.Bucket(authorsName)
	b.FillPercent = 1
	if err := b.Put(authorKey(n), value); err != nil {
		return err
	}
	return rw.out.tx.Bucket(authorNumbersName).Put(authorNumberKey(value), authorKey(n))
}

// copyValues copies what can be decoded of the other small buckets.
func (rw *rewrite) copyValues() error {
	decoders := []struct {
		bucket []byte
		decode func(key, value []byte) error
	}{
		{workspacesName, func(_, value []byte) error { return json.Unmarshal(value, &Workspace{}) }},
		{repositoriesName, func(_, value []byte) error { return json.Unmarshal(value, &Repository{}) }},
		{walksName, func(key, value []byte) error { _, err := decodeWalk(key, value); return err }},
		{budgetsName, func(key, value []byte) error { _, err := decodeBudget(key, value); return err }},
	}
	for _, d := range decoders {
		values := rw.small[string(d.bucket)]
		for _, key := range slices.Sorted(maps.Keys(values)) {
			value := values[key]
			if err := d.decode([]byte(key), value); err != nil {
				if err := rw.broken("%s/%s: %v", d.bucket, key, err); err != nil {
					return err
				}
				delete(values, key)
				continue
			}
			if err := rw.out.tx.Bucket(d.bucket).Put([]byte(key), value); err != nil {
				return err
			}
		}
	}
	return rw.dropOrphanWalks()
}

func (rw *rewrite) dropOrphanWalks() error {
	for uuid := range rw.small[string(walksName)] {
		if rw.small[string(repositoriesName)][uuid] != nil {
			continue
		}
		if err := rw.broken("walk of %s, which is no known repository", uuid); err != nil {
			return err
		}
		if err := rw.out.tx.Bucket(walksName).Delete(walkKey(UUID(uuid))); err != nil {
			return err
		}
	}
	return nil
}

// copyCommits copies the records of each known repository and derives its columns.
func (rw *rewrite) copyCommits(ctx context.Context) error {
	all := &allCommits{rewrite: rw, ctx: ctx, done: map[string]bool{}}
	w := newPageWalk(rw.source, rw.meta)
	w.found, w.enter, w.item, w.leave = all.found, all.enter, all.item, all.leave
	if err := errors.Join(w.run(), all.failed); err != nil {
		return err
	}
	return rw.finishEmpty(all.done)
}

// allCommits takes what a walk over the pages finds in the bucket of commits.
type allCommits struct {
	*rewrite
	ctx     context.Context
	current *repositoryCopy // whose records are being read
	done    map[string]bool
	failed  error
}

func (a *allCommits) fail(err error) { a.failed = errors.Join(a.failed, err) }

func (a *allCommits) found(what string) {
	if a.current == nil {
		a.fail(a.rewrite.broken("%s", what))
	} else {
		a.fail(a.current.broken("%s", what))
	}
}

func (a *allCommits) enter(path []string) bool {
	if len(path) == 1 {
		return path[0] == string(commitsName)
	}
	if len(path) > 2 {
		a.found("a bucket among the commits")
		return false
	}
	value := a.small[string(repositoriesName)][path[1]]
	if value == nil {
		a.fail(a.broken("commits of %s, which is no known repository", path[1]))
		return false
	}
	a.current = newRepositoryCopy(a.rewrite, value)
	return true
}

func (a *allCommits) item(_ []string, key, value []byte) error {
	if a.current == nil {
		a.fail(a.broken("key %x among the buckets of commits", key))
		return a.failed
	}
	return errors.Join(a.failed, a.ctx.Err(), a.current.pack(key, value))
}

func (a *allCommits) leave(path []string) error {
	if a.current == nil {
		return a.failed
	}
	a.done[path[1]] = true
	err := a.current.finish()
	a.current = nil
	return errors.Join(a.failed, err)
}

// finishEmpty looks after the repositories that have no bucket of commits, or lost it.
func (rw *rewrite) finishEmpty(done map[string]bool) error {
	repositories := rw.small[string(repositoriesName)]
	for _, uuid := range slices.Sorted(maps.Keys(repositories)) {
		if done[uuid] {
			continue
		}
		if err := newRepositoryCopy(rw, repositories[uuid]).finish(); err != nil {
			return err
		}
	}
	return nil
}
