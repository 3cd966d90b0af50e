package reportcmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/report/render"
	"trunkstat/store"
	"trunkstat/store/command"
)

// An export is one run of the command.
type export struct {
	db     *store.DB
	query  report.Query
	format string        // csv, jsonl or parquet
	path   string        // "": stdout
	by     *partitioning // nil: one file
	bom    bool
	stdout io.Writer
	limits limits

	scope *report.Scope // as the export begins
	note  string        // what is not complete
}

// newExport reads the flags. What it refuses, it refuses before anything is written.
func newExport(c *cli.Context, getenv func(string) string) (*export, error) {
	e := &export{
		format: c.String("format"), path: c.String("output"), bom: c.Bool("bom"),
		stdout: c.App.Writer, limits: exportLimits,
	}
	if e.path == "-" {
		e.path = ""
	}
	e.partition(c.String("partition-by"))
	if e.format == "" {
		e.format = e.defaultFormat()
	}
	terminal := render.TerminalOf(e.stdout, getenv, true).Width > 0
	if err := e.check(terminal); err != nil {
		return nil, err
	}
	var err error
	e.db = command.OpenDB(c)
	if e.query, err = parseFilters(c, getenv); err != nil {
		return nil, err
	}
	e.query, err = e.query.Validate()
	return e, commandError(err)
}

func (e *export) partition(by string) {
	if i := slices.IndexFunc(partitionings, func(p partitioning) bool { return p.name == by }); i >= 0 {
		e.by = &partitionings[i]
	}
}

func (e *export) defaultFormat() string {
	if e.by != nil {
		return "parquet"
	}
	switch strings.ToLower(filepath.Ext(e.path)) {
	case ".parquet":
		return "parquet"
	case ".jsonl", ".ndjson":
		return "jsonl"
	}
	return "csv"
}

// check refuses what does not go together. A file in the way is a misuse too.
func (e *export) check(terminal bool) error {
	info, err := os.Stat(e.path)
	isFolder := e.path != "" && err == nil && info.IsDir()
	switch {
	case e.bom && e.format != "csv":
		return command.Misuse("--bom is for csv, not for %s", e.format)
	case e.by != nil && e.format != "parquet":
		return command.Misuse("--partition-by is for parquet, not for %s", e.format)
	case e.by != nil && e.path == "":
		return command.Misuse("--partition-by needs a folder to write to: -o DIR")
	case e.by != nil && err == nil && (!isFolder || !isEmpty(e.path)):
		return command.Misuse("-o %s: not an empty folder; name a new one", e.path)
	case e.by == nil && isFolder:
		return command.Misuse("-o %s is a folder: name a file", e.path)
	case e.format == "parquet" && e.path == "" && terminal:
		return command.Misuse("parquet is not for a terminal: name a file with -o FILE")
	}
	return nil
}

func isEmpty(folder string) bool {
	entries, err := os.ReadDir(folder)
	return err == nil && len(entries) == 0
}

// begin looks at the database before anything is written.
func (e *export) begin(ctx context.Context) error {
	return e.db.View(ctx, func(tx *store.Tx) (err error) {
		if e.scope, err = report.NewScope(tx, e.query); err != nil {
			return err
		}
		walks, err := tx.Walks()
		e.note = coverageNote(report.CoverageOf(e.scope.Repositories, walks))
		return err
	})
}

// coverageNote says how many repositories are partial, failed or never synced, or that there are none.
func coverageNote(c report.Coverage) string {
	switch {
	case c.Repositories == 0:
		return "no repository matches the filters, see trunkstat repos\n"
	case c.Incomplete > 0:
		return fmt.Sprintf("%s of %s repositories incomplete, see trunkstat repos\n",
			render.Count(c.Incomplete), render.Count(c.Repositories))
	}
	return ""
}

func exportCommits(ctx context.Context, e *export) error {
	r := newCommitReader(e.db, e.scope, e.query, e.limits)
	if e.by == nil {
		return writeTable(e, func(t table[commitRow]) error { return r.copyTo(ctx, t) })
	}
	r.group = e.by.order
	return e.writePartitions(func(t table[commitRow]) error { return r.copyTo(ctx, t) })
}

func exportRepositories(ctx context.Context, e *export) error {
	rows, err := repositoryRows(ctx, e.db, e.query)
	if err != nil {
		return err
	}
	return writeTable(e, func(t table[repositoryRow]) error { return t.Write(rows) })
}

func exportAuthors(ctx context.Context, e *export) error {
	rows, err := authorRows(ctx, e.db, e.query)
	if err != nil {
		return err
	}
	return writeTable(e, func(t table[authorRow]) error { return t.Write(rows) })
}

// copyTo writes all commits to a table.
func (r *commitReader) copyTo(ctx context.Context, t table[commitRow]) error {
	for !r.done() {
		rows, err := r.read(ctx)
		if err != nil {
			return err
		}
		if err := t.Write(rows); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// writeTable writes one table to the file or to stdout. Where fill fails, what is on the disk
// stays as it was.
func writeTable[R row](e *export, fill func(table[R]) error) error {
	w, out, err := e.open()
	if err != nil {
		return fmt.Errorf("write %s: %w", e.place(), err)
	}
	defer out.discard()
	buf := bufio.NewWriterSize(w, 64<<10)
	t, err := newTable[R](buf, e.format, e.bom)
	if err == nil {
		err = fill(t)
	}
	if err == nil {
		err = t.Close()
	}
	if err == nil {
		err = buf.Flush()
	}
	if err == nil {
		err = out.commit()
	}
	return err
}

func (e *export) writePartitions(fill func(table[commitRow]) error) error {
	folder, err := createFolder(e.path)
	if err != nil {
		return fmt.Errorf("write %s: %w", e.place(), err)
	}
	t := &partitionedTable{newFolder: folder, by: *e.by, parts: map[string]int{}}
	defer t.discard()
	err = fill(t)
	if err == nil {
		err = t.Close()
	}
	if err == nil {
		err = t.commit()
	}
	return err
}

func (e *export) open() (io.Writer, output, error) {
	if e.path == "" {
		s := stream{e.stdout}
		return s, s, nil
	}
	return createFile(e.path)
}

// place is where the export goes, for errors.
func (e *export) place() string {
	if e.path == "" {
		return "stdout"
	}
	return e.path
}

func newTable[R row](w io.Writer, format string, bom bool) (table[R], error) {
	switch format {
	case "jsonl":
		return newJSONLTable[R](w), nil
	case "parquet":
		return newParquetTable[R](w), nil
	}
	return newCSVTable[R](w, bom)
}
