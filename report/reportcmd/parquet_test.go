package reportcmd

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"trunkstat/store"
)

// rowsOfParquet reads a file without the types that wrote it: names and values by its schema.
func rowsOfParquet(t *testing.T, data []byte) []map[string]string {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	columns := f.Schema().Columns()
	var rows []map[string]string
	for _, group := range f.RowGroups() {
		r := group.Rows()
		buf := make([]parquet.Row, 100)
		for {
			n, err := r.ReadRows(buf)
			for _, values := range buf[:n] {
				row := map[string]string{}
				for _, v := range values {
					row[columns[v.Column()][0]] = textOfValue(columns[v.Column()][0], v)
				}
				rows = append(rows, row)
			}
			if n == 0 || err != nil {
				break
			}
		}
		r.Close()
	}
	return rows
}

func textOfValue(column string, v parquet.Value) string {
	switch {
	case v.IsNull():
		return ""
	case column == "date":
		return time.UnixMilli(v.Int64()).UTC().Format("2006-01-02T15:04:05Z")
	case v.Kind() == parquet.Boolean:
		return fmt.Sprint(v.Boolean())
	case v.Kind() == parquet.Int64:
		return fmt.Sprint(v.Int64())
	}
	return string(v.ByteArray())
}

func TestParquetOfCommits(t *testing.T) {
	w := newSampleWorld(t, 3_000, "acme/web", "acme/api")
	data := w.export(t, export{output: output{format: "parquet"}})
	wantRows(t, rowsOfParquet(t, data), w.want)
}

func TestParquetSchema(t *testing.T) {
	w := newSampleWorld(t, 10, "acme/web")
	data := w.export(t, export{output: output{format: "parquet"}})
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, field := range f.Schema().Fields() {
		names = append(names, field.Name())
		want := "STRING"
		switch field.Name() {
		case "date":
			want = "TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS)"
		case "is_merge":
			want = "BOOLEAN"
		}
		if got := field.Type().String(); got != want {
			t.Errorf("%s is %s, want %s", field.Name(), got, want)
		}
		if got := field.Optional(); got != (field.Name() == "author_uuid") {
			t.Errorf("%s: optional is %v", field.Name(), got)
		}
	}
	if got := strings.Join(names, ","); got != contractColumns {
		t.Errorf("columns\n%s\nwant\n%s", got, contractColumns)
	}
	for _, c := range f.Metadata().RowGroups[0].Columns {
		if got := c.MetaData.Codec.String(); got != "ZSTD" {
			t.Errorf("%v is compressed with %s", c.MetaData.PathInSchema, got)
		}
	}
}

func TestPartitions(t *testing.T) {
	w := newSampleWorld(t, 2_000, "acme/api", "acme/web", "zeta/api")
	for _, by := range []struct {
		name  string
		value func(sampleRow) string
	}{
		{"month", func(r sampleRow) string { return r.v["date"][:7] }},
		{"year", func(r sampleRow) string { return r.v["date"][:4] }},
		{"repository", func(r sampleRow) string { return r.v["repository"] }},
	} {
		t.Run(by.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "out")
			// Reads of a few commits, so that partitions need many.
			small := limits{commits: 700, rows: 90, bytes: 1 << 20}
			w.export(t, export{output: output{format: "parquet", path: folder}, by: by.name, limits: small})
			want := slices.Clone(w.want)
			slices.SortStableFunc(want, func(a, b sampleRow) int {
				return cmp.Compare(by.value(a), by.value(b))
			})
			wantRows(t, rowsOfFolder(t, folder, by.name), want)
		})
	}
}

// rowsOfFolder reads a Hive table in the order of its folders and parts. It holds that the
// partition's column is in the folders' names alone.
func rowsOfFolder(t *testing.T, folder, by string) (rows []map[string]string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, by+"=*", "part-*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, value, _ := strings.Cut(filepath.Base(filepath.Dir(path)), "=")
		for _, row := range rowsOfParquet(t, data) {
			if in, there := row[by]; there {
				t.Fatalf("%s holds %s=%s in its rows", path, by, in)
			}
			if by == "repository" {
				row[by] = value
			}
			rows = append(rows, row)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(folder))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the folder is something else: %v %v", entries, err)
	}
	return rows
}

func TestHiveEscape(t *testing.T) {
	for value, want := range map[string]string{
		"web-app_1.0": "web-app_1.0", "a/b": "a%2Fb", "a=b": "a%3Db", "50%": "50%25",
		"a:b": "a%3Ab", "a\nb": "a%0Ab", "ü": "%C3%BC", "Web": "%57eb", "a.": "a%2E",
	} {
		if got := hiveEscape(value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
}

// TestFoldersKeptApart has slugs whose folders a file system could take for one: of macOS or Windows, which
// fold case and forms of letters, and drop dots and blanks at the end.
func TestFoldersKeptApart(t *testing.T) {
	slugs := []string{"foo", "Foo", "FOO", "trail", "trail.", "trail ", "trail..",
		"__HIVE_DEFAULT_PARTITION__", "__hive_default_partition__", "ü", "u\u0308", "Ü", "stra\u00dfe", "strasse", "a%62", "ab"}
	var names []string
	for i, slug := range slugs {
		names = append(names, "acme/"+slug)
		onDisk := func(s string) string { return store.Fold(strings.TrimRight(hiveEscape(s), ". ")) }
		for _, other := range slugs[:i] {
			if onDisk(slug) == onDisk(other) {
				t.Errorf("%q and %q have the folders %q and %q", slug, other, hiveEscape(slug), hiveEscape(other))
			}
		}
	}
	w := newSampleWorld(t, 20, names...)
	folder := filepath.Join(t.TempDir(), "out")
	w.export(t, export{output: output{format: "parquet", path: folder}, by: byRepository})
	got := map[string]string{} // hash → repository
	for _, row := range rowsOfFolder(t, folder, "repository") {
		got[row["hash"]] = row["repository"]
	}
	for _, row := range w.want {
		if name, err := url.PathUnescape(got[row.v["hash"]]); err != nil || name != row.v["repository"] {
			t.Fatalf("a commit of %q is in %q (%v)", row.v["repository"], name, err)
		}
	}
}

// TestPartsAreNumbered has a slug in two workspaces, which have one folder.
func TestPartsAreNumbered(t *testing.T) {
	w := newSampleWorld(t, 20, "acme/api", "zeta/api")
	folder := filepath.Join(t.TempDir(), "out")
	w.export(t, export{output: output{format: "parquet", path: folder}, by: byRepository})
	wantRows(t, rowsOfFolder(t, folder, "repository"), w.want)
	parts, _ := os.ReadDir(filepath.Join(folder, "repository=api"))
	if len(parts) != 2 || parts[0].Name() != "part-0.parquet" || parts[1].Name() != "part-1.parquet" {
		t.Errorf("the parts are %v", parts)
	}
}
