package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// checkRepository checks one repository in a transaction of its own.
func (db *DB) checkRepository(ctx context.Context, uuid UUID, authors int) ([]Finding, error) {
	found := &findings{repository: string(uuid)}
	err := db.View(ctx, func(tx *Tx) error {
		r, ok, err := tx.Repository(uuid)
		if err != nil {
			return err
		}
		if !ok { // dropped meanwhile
			return nil
		}
		found.repository = fullName(r)
		more, err := tx.countAuthors(authors)
		if err != nil {
			return err
		}
		g, err := tx.checkRecords(ctx, uuid, more, found)
		if err != nil {
			return err
		}
		tx.checkColumns(uuid, g, found)
		w, walking, err := tx.Walk(uuid)
		if err != nil {
			return err
		}
		for _, what := range g.check(r, w, walking) {
			found.add("%s", what)
		}
		return nil
	})
	if err = found.take(err); err != nil {
		return nil, err
	}
	return found.all(), nil
}

func fullName(r Repository) string {
	if r.Slug == "" {
		return string(r.UUID)
	}
	return r.Workspace + "/" + r.Slug
}

// countAuthors allows for authors that a sync stored while the check went on.
func (tx *Tx) countAuthors(atLeast int) (int, error) {
	next, err := tx.nextNumber()
	return max(int(next), atLeast), err
}

// checkRecords decodes all records, looks each up by its hash, and returns their graph.
func (tx *Tx) checkRecords(
	ctx context.Context, uuid UUID, authors int, found *findings,
) (*graph, error) {
	g := &graph{}
	s, err := tx.commitsOf(uuid)
	if s == nil || err != nil {
		return g, err
	}
	count := uint64(0)
	walkBucket(s.packs, func(key, value []byte) {
		err := eachPacked(key, value, func(at place, p packed) error {
			count++
			r, err := decodeRecord(p.record)
			switch {
			case err != nil:
				found.add("commit %s: %v", p.hash, err)
			case int(r.author) >= authors:
				found.add("commit %s: author %d is not stored", p.hash, r.author)
			default:
				g.add(p.hash, &r)
			}
			if is, ok, err := s.find(p.hash); err != nil || !ok || is != at {
				found.add("commit %s is not found by its hash", p.hash)
			}
			return nil
		})
		if err != nil {
			found.add("pack %x: %v", key, err)
		}
	})
	if count != s.packs.Sequence() {
		found.add("%d commits of %d are there", count, s.packs.Sequence())
	}
	s.checkPlaces(count, found)
	g.sort()
	return g, ctx.Err()
}

// checkPlaces sees to it that there is no place but those of the commits, each of which was found.
func (s *commitSet) checkPlaces(commits uint64, found *findings) {
	count := 0
	walkBucket(s.places, func(key, value []byte) {
		chunk, err := decodeChunk(key, value)
		if _, _, ok := parseChunkKey(key); !ok || err != nil {
			found.add("places up to %x: %v", key, cmp.Or(err, errForm))
		}
		count += len(chunk) / placeLength
	})
	if uint64(count) != commits {
		found.add("%d places of %d commits are there", count, commits)
	}
}

// checkColumns compares the columns with the records that g was made of.
func (tx *Tx) checkColumns(uuid UUID, g *graph, found *findings) {
	var d factDigest
	b, err := tx.columnsOf(uuid)
	if err != nil {
		found.add("%v", err)
		return
	}
	if b != nil {
		f := &Facts{}
		err := eachBlock(b, func(key, block []byte, e Extent) (bool, error) {
			if err := f.decodeBlock(key, block, e); err != nil {
				return false, err
			}
			if held := f.extent(); e != held {
				return false, fmt.Errorf("its head says %+v, but it holds %+v", e, held)
			}
			for i := range f.Dates {
				d.add(fact{f.Dates[i], f.Authors[i], f.Merges[i]})
			}
			return true, nil
		})
		if err != nil {
			found.add("columns: %v", err)
			return
		}
	}
	if d != g.digest {
		found.add("columns hold %d commits and differ from the %d that are stored",
			d.count, g.digest.count)
	}
}

// check holds a graph against what Repository and Walk promise of it:
//
//   - Head, where there is one, is stored, and everything that it reaches.
//   - A walk's target is stored or wanted.
//   - A stored commit's parents are stored, or wanted by the walk, or beyond a boundary.
//   - Roots are the ends of the graph.
//   - With no walk, nothing is stored that Head does not reach.
//
// The third and the last are not promised of a dirty repository: what an abandoned walk left has holes, and
// so has what was repaired; the walk that ends the state looks for them.
func (g *graph) check(r Repository, w Walk, walking bool) (list []string) {
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	reached := 0
	if !r.Head.IsZero() {
		var missing []Hash
		reached, missing = g.mark(r.Head)
		for _, h := range missing {
			say("the head reaches %s, which is not stored", h)
		}
	}
	wanted := map[Hash]bool{}
	for _, h := range w.Wanted {
		wanted[h] = true
	}
	if walking && !wanted[w.Target] {
		if _, ok := g.index(w.Target); !ok {
			say("the target %s of the unfinished walk is neither stored nor wanted", w.Target)
		}
	}
	if !sameHashes(r.Roots, g.roots()) {
		say("%d roots are known, and they are not the %d that are stored", len(r.Roots), len(g.roots()))
	}
	if !r.Dirty {
		for _, h := range g.missing() {
			if !wanted[h] {
				say("parent %s is neither stored nor wanted", h)
			}
		}
	}
	if !walking && !r.Dirty && reached < len(g.nodes) {
		say("%d commits are stored that the head does not reach", len(g.nodes)-reached)
	}
	return list
}

// sameHashes compares sets.
func sameHashes(a, b []Hash) bool {
	in := map[Hash]bool{}
	for _, h := range a {
		in[h] = true
	}
	return len(in) == len(b) && !slices.ContainsFunc(b, func(h Hash) bool { return !in[h] })
}
