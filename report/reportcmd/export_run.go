package reportcmd

import (
	"context"
	"io"
	"io/fs"
	"os"
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
	output
	db     *store.DB
	query  report.Query
	by     *partitioning // nil: one file
	limits limits

	about report.Result // what is told of the exported data: coverage and notes
}

// newExport reads the flags.
func newExport(c *cli.Context, getenv func(string) string) (*export, error) {
	e := &export{db: command.OpenDB(c), limits: exportLimits}
	by := c.String("partition-by")
	i := slices.IndexFunc(partitionings, func(p partitioning) bool { return p.name == by })
	if i >= 0 {
		e.by = &partitionings[i]
	}
	if err := e.setOutput(c, getenv); err != nil {
		return nil, err
	}
	var err error
	e.query, err = parseQuery(c, getenv)
	return e, err
}

// setOutput takes a file or stdout, or a folder for partitions.
func (e *export) setOutput(c *cli.Context, getenv func(string) string) (err error) {
	if e.by != nil {
		if err := e.setFolder(c.String("output"), c.String("format")); err != nil {
			return err
		}
		return e.setCSV(c)
	}
	if e.output, err = newOutput(c, getenv, exportFormats); err != nil {
		return err
	}
	if e.format == "parquet" && e.term.Width > 0 {
		return command.Misuse("cannot write parquet to a terminal; name a file with -o FILE")
	}
	return e.checkFile()
}

// setFolder takes a folder for partitions.
func (e *export) setFolder(path, format string) error {
	entries, err := os.ReadDir(path)
	if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() {
		err = fs.ErrExist // on Windows, reading a file as a folder says that there is none
	}
	switch {
	case format != "" && format != "parquet":
		return command.Misuse("--partition-by is for parquet, not for %s", format)
	case path == "" || path == "-":
		return command.Misuse("--partition-by needs a folder to write to: -o DIR")
	case len(entries) > 0, err != nil && !os.IsNotExist(err):
		return command.Misuse("-o %s: not an empty folder; name a new one", path)
	}
	e.output = output{path: path, format: "parquet"}
	return nil
}

// tell keeps what is to be told of the data.
func (e *export) tell(scope *report.Scope) {
	e.about = report.Result{
		Coverage: scope.Coverage, Incomplete: scope.Incomplete, Zone: e.query.Zone,
		Notes: slices.Concat(scope.Unmatched, e.query.FileNotes()),
	}
}

// footer is what is told on stderr; "" if there is nothing to tell.
func (e *export) footer() string {
	lines := append(render.Shortcomings(&e.about), e.about.Notes...)
	for i, line := range lines {
		lines[i] = store.Clean(line) + "\n"
	}
	return strings.Join(lines, "")
}

// exportCommits reads each repository in a snapshot of its own, so that a sync need not wait for all of them.
func exportCommits(ctx context.Context, e *export) error {
	var scope *report.Scope
	err := e.db.View(ctx, func(tx *store.Tx) (err error) {
		scope, err = report.NewScope(tx, e.query)
		return err
	})
	if err != nil {
		return err
	}
	e.tell(scope)
	r := &commitReader{
		db: e.db, query: e.query, scope: scope, repos: scope.Repositories, limits: e.limits,
	}
	if e.by != nil {
		return e.writePartitions(ctx, r)
	}
	return writeTable(e, func(t table[commitRow]) error {
		return r.eachRepository(ctx, func(_ *store.Repository, positions []position) error {
			return r.writeTo(ctx, t, positions)
		})
	})
}

// exportRepositories reads all repositories in one snapshot.
func exportRepositories(ctx context.Context, e *export) error {
	var rows []repositoryRow
	err := e.db.View(ctx, func(tx *store.Tx) error {
		scope, err := report.NewScope(tx, e.query)
		if err != nil {
			return err
		}
		e.tell(scope)
		rows, err = repositoryRows(ctx, tx, scope)
		return err
	})
	if err != nil {
		return err
	}
	return writeTable(e, func(t table[repositoryRow]) error { return t.Write(rows) })
}

// exportAuthors writes the rows of a report by author, so that both name and count people alike.
func exportAuthors(ctx context.Context, e *export) error {
	e.query.By = []report.Dimension{report.AuthorDim}
	res, err := report.Volume(ctx, e.db, e.query)
	if err != nil {
		return err
	}
	e.about = *res
	rows := authorRows(res)
	return writeTable(e, func(t table[authorRow]) error { return t.Write(rows) })
}

// writeTable writes one table. If fill fails, a file that is there stays as it was.
func writeTable[R row](e *export, fill func(table[R]) error) error {
	return e.write(func(w io.Writer) error {
		t, err := newTable[R](w, &e.output)
		if err != nil {
			return err
		}
		if err := fill(t); err != nil {
			return err
		}
		return t.Close()
	})
}
