package reportcmd

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A partitioning cuts commits into the folders of a Hive table, NAME=VALUE. Commits are exported
// in the order of order first: all commits of one folder come together, so that one file is
// open at a time.
type partitioning struct {
	name  string
	order func(instant) int64 // nil: the order of repositories will do
	value func(commitRow) string
}

// partitionings are what --partition-by takes. Months and years are those of UTC, as the dates.
var partitionings = []partitioning{
	{"month",
		func(i instant) int64 { t := i.time(); return int64(t.Year())*12 + int64(t.Month()) },
		func(r commitRow) string { return r.Date.time().Format("2006-01") }},
	{"year",
		func(i instant) int64 { return int64(i.time().Year()) },
		func(r commitRow) string { return r.Date.time().Format("2006") }},
	{"repository", nil, func(r commitRow) string { return r.Repository }},
}

// A partitionedTable writes each run of rows of one partition to a file of its own, part-N.parquet
// in the partition's folder. N goes up where a partition comes again, as a repository's slug
// does that is in two workspaces.
type partitionedTable struct {
	*newFolder
	by    partitioning
	parts map[string]int // by the value of the partition; how many files it has

	value string
	file  *os.File // nil: none is open
	buf   *bufio.Writer
	table partTable
}

// A partTable is used for one file after the other: its buffers are large.
type partTable interface {
	table[commitRow]
	reset(io.Writer)
}

func (p *partitionedTable) Write(rows []commitRow) error {
	for len(rows) > 0 {
		value, n := p.by.value(rows[0]), 1
		for n < len(rows) && p.by.value(rows[n]) == value {
			n++
		}
		if err := p.open(value); err != nil {
			return err
		}
		if err := p.table.Write(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// open makes the partition of that value the one that is written to.
func (p *partitionedTable) open(value string) error {
	if p.file != nil && p.value == value {
		return nil
	}
	if err := p.Close(); err != nil {
		return err
	}
	folder := filepath.Join(p.path, p.by.name+"="+hiveEscape(value))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(folder, fmt.Sprintf("part-%d.parquet", p.parts[value])))
	if err != nil {
		return err
	}
	p.parts[value]++
	p.value, p.file = value, f
	if p.table != nil {
		p.buf.Reset(f)
		p.table.reset(p.buf)
		return nil
	}
	p.buf = bufio.NewWriterSize(f, 64<<10)
	p.table = p.newTable(p.buf)
	return nil
}

func (p *partitionedTable) newTable(w io.Writer) partTable {
	if p.by.name == "repository" {
		return &repositoryPart{parquetTable: newParquetTable[commitPartRow](w)}
	}
	return newParquetTable[commitRow](w)
}

// Close ends the file that is open, if one is, and leaves it on the disk for good.
func (p *partitionedTable) Close() error {
	if p.file == nil {
		return nil
	}
	err := p.table.Close()
	if err == nil {
		err = p.buf.Flush()
	}
	if err == nil {
		err = p.file.Sync()
	}
	if closing := p.file.Close(); err == nil {
		err = closing
	}
	p.file = nil
	return err
}

func (p *partitionedTable) discard() {
	if p.file != nil {
		p.file.Close()
	}
	p.newFolder.discard()
}

// A repositoryPart is a file in a repository's partition, without the column of that name.
type repositoryPart struct {
	*parquetTable[commitPartRow]
	rows []commitPartRow
}

func (p *repositoryPart) Write(rows []commitRow) error {
	p.rows = p.rows[:0]
	for _, r := range rows {
		p.rows = append(p.rows, commitPartRow{r.Workspace, r.commitFields})
	}
	return p.parquetTable.Write(p.rows)
}

// hiveEscape writes a value as a part of a path: what Hive escapes, and what no folder's name
// may have somewhere, as %XX.
func hiveEscape(value string) string {
	if value == "" {
		return "__HIVE_DEFAULT_PARTITION__"
	}
	var b strings.Builder
	for _, c := range []byte(value) {
		if c < ' ' || c == 0x7f || strings.IndexByte("\"#%'*/:=?\\{[]^<>|", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
