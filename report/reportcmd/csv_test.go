package reportcmd

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"trunkstat/report/render"
)

// parseCSV is a reader of RFC 4180 that, unlike encoding/csv, leaves line ends within a field
// as they are. A record ends with a line feed here.
func parseCSV(t *testing.T, s string) (records [][]string) {
	t.Helper()
	var record []string
	for s != "" {
		field := ""
		if strings.HasPrefix(s, `"`) {
			s = s[1:]
			for {
				before, after, found := strings.Cut(s, `"`)
				if !found {
					t.Fatalf("a quote is open at the end: %q", s)
				}
				field, s = field+before, after
				if !strings.HasPrefix(s, `"`) {
					break
				}
				field, s = field+`"`, s[1:]
			}
		} else {
			n := strings.IndexAny(s, ",\n\"\r")
			if n < 0 {
				t.Fatalf("the last record does not end: %q", s)
			}
			field, s = s[:n], s[n:]
		}
		record = append(record, field)
		switch s[0] {
		case '\n':
			records, record = append(records, record), nil
		case ',':
		default:
			t.Fatalf("%q stands behind field %q", s[0], field)
		}
		s = s[1:]
	}
	return records
}

// rowsOfCSV reads rows, and takes away the apostrophes that the contract puts before formulas.
func rowsOfCSV(t *testing.T, data []byte) []map[string]string {
	t.Helper()
	records := parseCSV(t, string(data))
	if head := strings.Join(records[0], ","); head != contractColumns {
		t.Fatalf("header\n%s\nwant\n%s", head, contractColumns)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, cell := range record {
			if cell != "" && strings.Contains("=+-@\t\r", cell[:1]) {
				t.Fatalf("cell %q is a formula", cell)
			}
			if len(cell) > 1 && cell[0] == '\'' && strings.Contains("=+-@\t\r", cell[1:2]) {
				cell = cell[1:]
			}
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSVOfCommits(t *testing.T) {
	w := newSampleWorld(t, 3_000, "acme/web", "acme/api", "zeta/api")
	data := w.export(t, export{output: output{format: "csv"}})
	wantRows(t, rowsOfCSV(t, data), w.want)
	if _, err := csv.NewReader(bytes.NewReader(data)).ReadAll(); err != nil {
		t.Errorf("encoding/csv: %v", err)
	}
}

func TestCSVFormulas(t *testing.T) {
	w := newSampleWorld(t, 500, "acme/web")
	data := string(w.export(t, export{output: output{format: "csv"}}))
	for _, want := range []string{",'=1+1,", ",'-dash,", ",'+plus,", ",'@at\tß", ",'\ttab,",
		",\"'\rcr\",", ",'=cmd|' /C calc'!A0,", ",'+only@example.com,"} {
		if !strings.Contains(data, want) {
			t.Errorf("%q is nowhere in the file", want)
		}
	}
}

func TestByteOrderMark(t *testing.T) {
	w := newSampleWorld(t, 1, "acme/web")
	if data := w.export(t, export{output: output{format: "csv", csv: render.CSVOptions{BOM: true}}}); !bytes.HasPrefix(data,
		[]byte{0xEF, 0xBB, 0xBF, 'w', 'o', 'r', 'k'}) {
		t.Errorf("begins with % x", data[:8])
	}
	if data := w.export(t, export{output: output{format: "csv"}}); data[0] != 'w' {
		t.Errorf("without --bom it begins with % x", data[:8])
	}
}
