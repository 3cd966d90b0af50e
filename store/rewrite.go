package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"go.etcd.io/bbolt"
)

// A rewrite lays the content of a file down anew in another beside it, which then takes its
// place: records in packs with nothing dropped between them, columns in full blocks by date. Compact
// stops at the first thing that is not sound; Repair leaves it out.
type rewrite struct {
	path    string
	source  *os.File
	meta    metaPage
	out     *sink
	salvage bool

	small   map[string]map[string][]byte // all buckets but commits and what is derived of them
	authors map[uint32]uint32            // number before to number now
	found   *findings
	list    []Finding // of the repositories that are done
}

// rewriteFile replaces the file at db.path. Nobody else may read or write it meanwhile.
func (db *DB) rewriteFile(ctx context.Context, salvage bool) (list []Finding, err error) {
	h, err := db.seize(ctx, salvage)
	if err != nil {
		return nil, err
	}
	defer h.release()
	path, err := filepath.EvalSymlinks(db.path) // a link to the file stays one
	if err != nil {
		return nil, fmt.Errorf("rewrite database: %w", err)
	}
	source, meta, err := openPages(path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	out, err := newSink(path)
	if err != nil {
		return nil, err
	}
	defer out.discard()
	rw := &rewrite{path: db.path, source: source, meta: meta, out: out, salvage: salvage,
		found: &findings{}}
	if err := rw.run(ctx); err != nil {
		return nil, err
	}
	if err := out.finish(); err != nil {
		return nil, fmt.Errorf("rewrite database %s: %w", db.path, err)
	}
	if err := replace(out.path, path, source, h); err != nil {
		return nil, fmt.Errorf("rewrite database %s: %w", db.path, err)
	}
	return append(rw.found.all(), rw.list...), nil
}

// openPages opens a file to be read page by page: of one that was cut off, the pages there are.
func openPages(path string) (*os.File, metaPage, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, metaPage{}, fmt.Errorf("rewrite database: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, metaPage{}, errors.Join(fmt.Errorf("rewrite database: %w", err), f.Close())
	}
	meta, _, err := readMeta(f)
	if err != nil {
		err = beyondRepair(path, "%v", err)
		return nil, metaPage{}, errors.Join(err, f.Close())
	}
	meta.pages = min(meta.pages, uint64(info.Size()/meta.pageSize))
	return f, meta, nil
}

// replace puts the file temp in the place of path while h keeps everybody out. Windows does
// not let go of a name while the file is open or mapped; there the lock ends a moment before.
// A transaction that slipped in between is seen by its number.
func replace(temp, path string, source *os.File, h *seized) error {
	if runtime.GOOS == "windows" {
		before, _, err := readMeta(source)
		if err != nil {
			return err
		}
		_ = source.Close()
		h.releaseFile()
		if err := unchanged(path, before); err != nil {
			return err
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

func unchanged(path string, before metaPage) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if now, _, err := readMeta(f); err != nil || now.txid != before.txid {
		return errors.Join(errors.New("somebody wrote to it meanwhile: try again"), err)
	}
	return nil
}

// run copies everything: first what is small, because what is known of the repositories
// decides on their commits.
func (rw *rewrite) run(ctx context.Context) error {
	if err := rw.readSmall(ctx); err != nil {
		return err
	}
	if err := rw.copyMeta(); err != nil {
		return err
	}
	if err := rw.copyAuthors(); err != nil {
		return err
	}
	if err := rw.copyValues(); err != nil {
		return err
	}
	return rw.copyCommits(ctx)
}

// broken tells of something that is not sound: the end for Compact, a finding for Repair.
func (rw *rewrite) broken(format string, args ...any) error {
	if !rw.salvage {
		return damaged(rw.path, format, args...)
	}
	rw.found.add(format, args...)
	return nil
}

// readSmall reads all buckets but commits, and what is derived of them, into memory.
func (rw *rewrite) readSmall(ctx context.Context) error {
	rw.small = map[string]map[string][]byte{}
	var failed error
	w := newPageWalk(rw.source, rw.meta)
	w.found = func(what string) { failed = errors.Join(failed, rw.broken("%s", what)) }
	w.enter = func(path []string) bool {
		if len(path) > 1 {
			w.say("bucket %q should not be", path)
			return false
		}
		rw.small[path[0]] = map[string][]byte{}
		return path[0] != string(commitsName) && path[0] != string(placesName) && path[0] != string(columnsName)
	}
	w.item = func(path []string, key, value []byte) error {
		if len(path) == 1 {
			rw.small[path[0]][string(key)] = value
		}
		return errors.Join(failed, ctx.Err())
	}
	return errors.Join(w.run(), failed)
}

// A sink is a new file that is filled in the order of keys.
type sink struct {
	path  string
	bolt  *bbolt.DB
	tx    *bbolt.Tx
	dirty int // bytes since the last commit
}

// sinkBatch bounds the memory that a rewrite takes.
const sinkBatch = 8 << 20

func newSink(path string) (*sink, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+beingMade+"*")
	if err != nil {
		return nil, fmt.Errorf("rewrite database %s: %w", path, err)
	}
	s := &sink{path: temp.Name()}
	if err := temp.Close(); err != nil {
		return nil, errors.Join(err, os.Remove(s.path))
	}
	s.bolt, err = bbolt.Open(s.path, 0o600, &bbolt.Options{
		PageSize: pageSize, FreelistType: bbolt.FreelistMapType,
		NoSync: true, // finish does it, once
	})
	if err == nil {
		err = s.begin()
	}
	if err != nil {
		s.discard()
		return nil, fmt.Errorf("rewrite database %s: %w", path, err)
	}
	for _, name := range topNames {
		if _, err := s.tx.CreateBucketIfNotExists(name); err != nil {
			s.discard()
			return nil, fmt.Errorf("rewrite database %s: %w", path, err)
		}
	}
	return s, nil
}

func (s *sink) begin() (err error) {
	s.tx, err = s.bolt.Begin(true)
	return err
}

// wrote counts; it commits when enough came together, after which buckets must be looked up anew.
func (s *sink) wrote(n int) error {
	if s.dirty += n; s.dirty < sinkBatch {
		return nil
	}
	s.dirty = 0
	if err := s.tx.Commit(); err != nil {
		return err
	}
	return s.begin()
}

// finish makes the file durable, and no longer than its pages.
func (s *sink) finish() error {
	if err := s.tx.Commit(); err != nil {
		return err
	}
	if err := s.bolt.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	meta, _, err := readMeta(f)
	if err == nil {
		err = f.Truncate(int64(meta.pages) * meta.pageSize)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// discard removes the file where it did not take the place of the old one.
func (s *sink) discard() {
	if s.tx != nil {
		_ = s.tx.Rollback()
	}
	if s.bolt != nil {
		_ = s.bolt.Close()
	}
	_ = os.Remove(s.path)
}
