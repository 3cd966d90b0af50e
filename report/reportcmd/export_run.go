package reportcmd

import (
	"context"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"trunkstat/report"
	"trunkstat/store"
	"trunkstat/store/command"
)

// An export is one run of the command.
type export struct {
	output
	db     *store.DB
	query  report.Query
	by     string // what --partition-by says; "": one file
	limits limits

	about report.Result // what is told of the exported data: coverage and notes
}

// newExport reads the flags, and refuses what cannot be written before anything is read.
func newExport(c *cli.Context, getenv func(string) string) (e *export, err error) {
	e = &export{db: command.OpenDB(c), by: c.String("partition-by"), limits: exportLimits}
	if e.by != "" {
		e.output, err = newFolderOutput(c)
	} else {
		e.output, err = newOutput(c, getenv, exportFormats)
	}
	if err == nil && e.format == "parquet" && e.term.Width > 0 { // its bytes would garble the terminal
		err = command.Misuse("cannot write parquet to a terminal; name a file with -o FILE")
	}
	if err == nil {
		e.query, err = parseQuery(c, getenv)
	}
	return e, err
}

// newFolderOutput reads the flags for a folder of partitions. A folder that has something in it is refused:
// what is there may be another export, and the new files would count beside the old ones.
func newFolderOutput(c *cli.Context) (output, error) {
	o := output{path: c.String("output"), format: "parquet"}
	if format := c.String("format"); format != "" && format != "parquet" {
		return o, command.Misuse("--partition-by is for parquet, not for %s", format)
	}
	if o.path == "" || o.path == "-" {
		return o, command.Misuse("--partition-by needs a folder to write to: -o DIR")
	}
	if info, err := os.Stat(o.path); err == nil {
		if entries, err := os.ReadDir(o.path); !info.IsDir() || err != nil || len(entries) > 0 {
			return o, command.Misuse("-o %s: not an empty folder; name a new one", o.path)
		}
	}
	return o, o.setCSV(c)
}

// tell keeps what is to be told of the data when it is written: how complete it is, and notes on patterns and
// files.
func (e *export) tell(scope *report.Scope) {
	e.about = report.Result{
		Coverage: scope.Coverage, Incomplete: scope.Incomplete, Zone: e.query.Zone,
		Notes: slices.Concat(scope.Unmatched, e.query.FileNotes()),
	}
}

// exportCommits reads each repository in a snapshot of its own, so that a sync need not wait for all of
// them.
func exportCommits(ctx context.Context, e *export) error {
	scope, err := command.Read(ctx, e.db, func(tx *store.Tx) (*report.Scope, error) {
		return report.NewScope(tx, e.query)
	})
	if err != nil {
		return err
	}
	e.tell(scope)
	r := &commitExport{e, scope, scope.Repositories}
	if e.by != "" {
		return r.writePartitions(ctx)
	}
	return writeTable(e, func(t table[commitRow]) error { return r.writeAll(ctx, t) })
}

// exportRepositories reads all repositories in one snapshot: there are few enough of them to be kept, so
// nothing is written, and no reader can be slow, while the database is open.
func exportRepositories(ctx context.Context, e *export) error {
	rows, err := command.Read(ctx, e.db, func(tx *store.Tx) ([]repositoryRow, error) {
		scope, err := report.NewScope(tx, e.query)
		if err != nil {
			return nil, err
		}
		e.tell(scope)
		return repositoryRows(ctx, tx, scope)
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

// writeTable writes one table. If fill fails, a file that is there stays as it was. The table is not closed
// then: closing would write a footer of Parquet, with which the part could be taken for the whole.
func writeTable[R any](e *export, fill func(table[R]) error) error {
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
