package reportcmd

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"trunkstat/store"
)

// byRepository is what --partition-by takes besides periods.
const byRepository = "repository"

// periodLayouts are the periods that --partition-by takes, as package time writes them. Months and years are
// those of UTC, as the dates.
var periodLayouts = map[string]string{"month": "2006-01", "year": "2006"}

// writePartitions writes a Hive table: folders called NAME=VALUE with Parquet files in them. It is filled
// in a folder beside the one that was asked for, and then put in its place, so that no reader sees a part
// of it.
func (r *commitExport) writePartitions(ctx context.Context) error {
	target := filepath.Clean(r.path)
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real // a link stays
	}
	// The leading dot keeps others from reading it as data; the random end is for two exports at once.
	folder := filepath.Join(filepath.Dir(target), "."+filepath.Base(target)+".new-"+rand.Text()[:8])
	if err := os.Mkdir(folder, 0o777); err != nil {
		return fmt.Errorf("create %s: %w", r.path, errors.Unwrap(err))
	}
	defer os.RemoveAll(folder) // after the renaming there is nothing to remove

	if info, err := os.Stat(target); err == nil { // its mode may be there to keep others out
		if err := os.Chmod(folder, info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := r.fill(ctx, folder); err != nil {
		return err
	}
	// Remove refuses a folder into which files were put meanwhile.
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(folder, target)
}

// fill writes the partitions. A period has commits of all repositories, so the positions of all of them are
// in memory, and sorted by date; each period is then one part of them. A partition of one repository needs no
// more than its own.
func (r *commitExport) fill(ctx context.Context, folder string) (err error) {
	var positions []position
	for i, repo := range r.repos {
		if positions, err = r.collect(ctx, positions, i); err != nil {
			return err
		}
		if r.by == byRepository {
			if err = r.writePart(ctx, folder, hiveEscape(repo.Slug), positions); err != nil {
				return err
			}
			positions = positions[:0]
		}
	}
	slices.SortFunc(positions, func(a, b position) int { return cmp.Compare(a.date, b.date) })
	period := func(p position) string { return instant(p.date * 1000).time().Format(periodLayouts[r.by]) }
	for len(positions) > 0 && err == nil {
		value, n := period(positions[0]), 1
		for n < len(positions) && period(positions[n]) == value {
			n++
		}
		err = r.writePart(ctx, folder, value, positions[:n])
		positions = positions[n:]
	}
	return err
}

// writePart writes the commits of one partition to a file of its own, part-N.parquet. N is the first that is
// not taken: a slug may be in two workspaces, and a file system may take two names for one.
func (r *commitExport) writePart(ctx context.Context, folder, value string, positions []position) error {
	if len(positions) == 0 {
		return nil
	}
	folder = filepath.Join(folder, r.by+"="+value)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	var options []parquet.WriterOption
	if r.by == byRepository {
		// The folder's name says the repository. A file must not have it again: BigQuery refuses such a
		// table.
		options = append(options, parquet.StructTag(`parquet:"-"`, "Repository"))
	}
	for n := 0; ; n++ {
		path := filepath.Join(folder, fmt.Sprintf("part-%d.parquet", n))
		err := store.WriteFile(path, store.Create, newFileMode, func(f *os.File) error {
			t := newParquetTable[commitRow](f, options...)
			if err := r.writeTo(ctx, t, positions); err != nil {
				return err
			}
			return t.Close()
		})
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

// hiveEscape writes a slug as a part of a path, with %XX for each byte that Hive escapes, or that a file
// system may not accept or not keep apart: capital letters, other forms of a letter, a dot at the end. So
// different slugs have different folders everywhere. Those of Bitbucket rarely need an escape.
func hiveEscape(slug string) string {
	var b strings.Builder
	for i, c := range []byte(slug) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && i < len(slug)-1:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
