package reportcmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"trunkstat/store"
)

// A partitioning divides commits among the folders of a Hive table, NAME=VALUE.
type partitioning struct {
	name   string
	layout string // of the month or year in package time; "": by repository
}

// partitionings are what --partition-by takes. Months and years are those of UTC, as the dates.
var partitionings = []partitioning{{"month", "2006-01"}, {"year", "2006"}, {"repository", ""}}

// period is the month or year of a commit, in UTC.
func (p *partitioning) period(at position) string {
	return instant(at.date * 1000).time().Format(p.layout)
}

// writePartitions writes a Hive table. It is filled in a folder beside the one that was asked for, and then
// put in its place.
func (e *export) writePartitions(ctx context.Context, r *commitReader) error {
	folder, err := createFolder(e.path)
	if err != nil {
		return err
	}
	defer folder.discard()
	if e.by.layout == "" {
		err = r.eachRepository(ctx, func(repo *store.Repository, positions []position) error {
			return e.writePart(ctx, r, filepath.Join(folder.path, e.by.name+"="+hiveEscape(repo.Slug)), positions)
		})
	} else {
		err = e.writePeriods(ctx, r, folder.path)
	}
	if err != nil {
		return err
	}
	return folder.commit()
}

// writePeriods writes the partitions of months or years.
func (e *export) writePeriods(ctx context.Context, r *commitReader, folder string) error {
	positions, err := r.all(ctx)
	for len(positions) > 0 && err == nil {
		period := e.by.period(positions[0])
		n := 1
		for n < len(positions) && e.by.period(positions[n]) == period {
			n++
		}
		slices.SortFunc(positions[:n], comparePositions)
		err = e.writePart(ctx, r, filepath.Join(folder, e.by.name+"="+period), positions[:n])
		positions = positions[n:]
	}
	return err
}

// writePart writes the commits of one partition to a file of its own, part-N.parquet. N is the first that is
// not taken: a slug may be in two workspaces, and a file system may take two names for one.
func (e *export) writePart(ctx context.Context, r *commitReader, folder string, positions []position) error {
	if len(positions) == 0 {
		return nil
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for n := 0; ; n++ {
		path := filepath.Join(folder, fmt.Sprintf("part-%d.parquet", n))
		err := store.WriteFile(path, store.Create, newFileMode, func(f *os.File) error {
			t := e.by.newTable(f)
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

// newTable returns a table without the column that the folder's name says.
func (p *partitioning) newTable(w io.Writer) table[commitRow] {
	if p.layout == "" {
		return &repositoryPart{parquetTable: newParquetTable[commitPartRow](w)}
	}
	return newParquetTable[commitRow](w)
}

// A repositoryPart is a file in a repository's partition, without the column of that name.
type repositoryPart struct {
	*parquetTable[commitPartRow]
	rows []commitPartRow // used again
}

// Write drops the repository's name from rows.
func (p *repositoryPart) Write(rows []commitRow) error {
	p.rows = p.rows[:0]
	for _, r := range rows {
		p.rows = append(p.rows, commitPartRow{r.Workspace, r.commitFields})
	}
	return p.parquetTable.Write(p.rows)
}

// hiveDefault is what Hive calls the folder of an empty value.
const hiveDefault = "__HIVE_DEFAULT_PARTITION__"

// hiveEscape writes a value as a part of a path. It writes as %XX what Hive escapes, and what a file system
// may not accept or keep apart: a dot or a blank at the end, capital letters and other forms of letters, and
// what looks like the name for an empty value. So different values have different folders everywhere.
func hiveEscape(value string) string {
	if value == "" {
		return hiveDefault
	}
	mayFold := store.Fold(value) != value || strings.EqualFold(value, hiveDefault)
	var b strings.Builder
	for i, c := range []byte(value) {
		isPlain := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		isLast := i == len(value)-1
		switch {
		case c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{[]^<>|", c) >= 0,
			mayFold && !isPlain, isLast && (c == '.' || c == ' '):
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// A newFolder is filled beside its target, and then put in the target's place.
type newFolder struct {
	path   string // while it is filled
	target string
	mode   fs.FileMode // of the empty folder that was at the target; 0: there was none
	done   bool
}

// createFolder creates a folder for what is to be at path, where there is nothing or an empty folder. The
// latter is removed at once: if that is impossible, it is better known before all the work.
func createFolder(path string) (*newFolder, error) {
	f := &newFolder{target: filepath.Clean(path)}
	if info, err := os.Stat(path); err == nil {
		if f.target, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		if err := os.Remove(f.target); err != nil {
			return nil, err
		}
		f.mode = info.Mode().Perm()
	}
	// The leading dot keeps others from reading it as data.
	base := "." + filepath.Base(f.target) + ".new-" + rand.Text()[:8]
	f.path = filepath.Join(filepath.Dir(f.target), base)
	err := os.Mkdir(f.path, 0o777)
	if err == nil && f.mode != 0 {
		err = os.Chmod(f.path, f.mode)
	}
	if err != nil {
		f.discard()
		return nil, fmt.Errorf("create %s: %w", path, errors.Unwrap(err))
	}
	return f, nil
}

// commit puts the folder in its place.
func (f *newFolder) commit() error {
	if err := os.Rename(f.path, f.target); err != nil {
		return err
	}
	f.done = true
	return nil
}

// discard removes what was filled, and puts an empty folder back; after commit it does nothing.
func (f *newFolder) discard() {
	if f.done {
		return
	}
	os.RemoveAll(f.path)
	if f.mode != 0 {
		os.Mkdir(f.target, f.mode)
	}
}
