package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"trunkstat/report"
	"trunkstat/store"
)

func readCSV(t *testing.T, text string) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestCSVRoundTrip(t *testing.T) {
	res := hostile()
	records := readCSV(t, render(t, res, "csv", Terminal{}))
	if len(records) != 1+res.Rows.Len() {
		t.Fatalf("%d records of %d rows", len(records), res.Rows.Len())
	}
	for i, row := range rowsOf(res) {
		got := records[i+1]
		name := strings.ToValidUTF8(row.Keys[0], "\xff") // CSV leaves bytes as they are
		want := []string{safeCell(name), safeCell(row.Email), strconv.Itoa(row.Counts.Commits),
			strconv.Itoa(row.Counts.Merges), "1", row.Counts.First.Format(time.RFC3339),
			row.Counts.Last.Format(time.RFC3339)}
		if !slices.Equal(got, want) {
			t.Errorf("row %d: got %q, want %q", i, got, want)
		}
	}
}

func TestCSVOfGrid(t *testing.T) {
	g := Grid{
		Columns: []Column{{Name: "name"}, {Name: "change", Number: true}, {Name: "state"}},
		Rows: [][]Cell{
			{Text("=1+1"), Number(-3), Text("a\nb")}, {Text("-1"), Text("+cmd")},
			{Text("x"), Number(1000), Text("say \"ö\"")},
		},
		Total: []Cell{Text("Total"), Number(997)},
	}
	const want = "name,change,state\n'=1+1,-3,\"a\nb\"\n'-1,'+cmd,\nx,1000,\"say \"\"ö\"\"\"\n"
	var out bytes.Buffer
	if err := CSV(&out, g, CSVOptions{}); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestSafeCell(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a=b": "a=b", "=a": "'=a", "+a": "'+a", "-a": "'-a", "@a": "'@a", "\ta": "'\ta",
		"\ra": "'\ra", "'a": "'a", " =a": " =a",
	} {
		if got := safeCell(text); got != want {
			t.Errorf("safeCell(%q) = %q, want %q", text, got, want)
		}
	}
}

// decoded is a report's JSON, with the keys of its objects in their order.
type decoded struct {
	Schema   int              `json:"schema"`
	Since    *time.Time       `json:"since"`
	Until    *time.Time       `json:"until"`
	Timezone string           `json:"timezone"`
	Rows     []map[string]any `json:"rows"`
	Others   map[string]any   `json:"others"`
	Total    map[string]any   `json:"total"`
	Notes    []string         `json:"notes"`
	Coverage struct {
		Repositories, Incomplete int
		OldestSync               *time.Time `json:"oldest_sync"`
	} `json:"coverage"`
}

func decode(t *testing.T, text string) decoded {
	t.Helper()
	var d decoded
	dec := json.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := dec.Decode(&d); err != io.EOF {
		t.Fatalf("more than one value: %v", err)
	}
	return d
}

// TestJSONAgreesWithCSV holds names and values of the rows against each other.
func TestJSONAgreesWithCSV(t *testing.T) {
	for seed := range seeds(100) {
		res := randomReport(rand.New(rand.NewPCG(seed, 3)))
		rows := rowsOf(res)
		for i := range rows { // what CSV has to change is another test's business
			for k := range rows[i].Keys {
				rows[i].Keys[k] = "x" + store.Clean(rows[i].Keys[k])
			}
			rows[i].Email = "x@example.org"
		}
		res.Rows = report.NewRows(rows...)
		for i, v := range res.PivotValues {
			res.PivotValues[i] = "x" + store.Clean(v)
		}
		records := readCSV(t, render(t, res, "csv", Terminal{}))
		d := decode(t, render(t, res, "json", Terminal{}))
		if len(d.Rows) != len(records)-1 {
			t.Fatalf("seed %d: %d rows and %d records", seed, len(d.Rows), len(records)-1)
		}
		for i, object := range d.Rows {
			if len(object) != len(records[0]) {
				t.Fatalf("seed %d: %d names and %d columns", seed, len(object), len(records[0]))
			}
			for k, name := range records[0] {
				if got := jsonText(object[name]); got != records[i+1][k] {
					t.Errorf("seed %d: %s is %q and %q", seed, name, got, records[i+1][k])
				}
			}
		}
	}
}

func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.Itoa(int(v))
	}
	return fmt.Sprint(v)
}

func TestJSONDocument(t *testing.T) {
	d := decode(t, render(t, withOthers(), "json", Terminal{}))
	if d.Schema != 1 || d.Timezone != "Europe/Berlin" || d.Coverage.Incomplete != 2 ||
		d.Coverage.Repositories != 300 || len(d.Notes) != 1 {
		t.Errorf("head is %+v", d)
	}
	if d.Others["rows"] != 1297.0 || d.Others["commits"] != 683.0 || d.Total["commits"] != 14655.0 {
		t.Errorf("others %v, total %v", d.Others, d.Total)
	}
	open := blankReport(report.Repository)
	open.Since, open.Until, open.Coverage.OldestSync = time.Time{}, time.Time{}, time.Time{}
	text := render(t, open, "json", Terminal{})
	for _, want := range []string{
		`"since":null,"until":null`, `"oldest_sync":null`, `"rows":[],"total":{`, `"notes":[]}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, "others") {
		t.Errorf("others where nothing was cut off: %s", text)
	}
}

func TestJSONLeavesMarkup(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, map[string]string{"author": "<a> & b"}); err != nil {
		t.Fatal(err)
	}
	if want := `{"author":"<a> & b"}` + "\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if text := render(t, hostile(), "json", Terminal{}); !strings.Contains(text, "<script>") {
		t.Error("the report's JSON escapes < or >")
	}
}

// TestPivotNames has values that are called as other columns are; JSON would lose them.
func TestPivotNames(t *testing.T) {
	res := blankReport(report.AuthorDim)
	res.Pivot = report.Project
	res.PivotValues = []string{"", "author", "email", "total", "X"}
	res.TotalCells = []int{1, 2, 3, 4, 5}
	r := row(report.Counts{Commits: 15}, "Ada")
	r.Cells = res.TotalCells
	push(res, r)
	res.Total = r.Counts
	const want = "author,email,(none),author (2),email (2),total (2),X,total"
	if got, _, _ := strings.Cut(render(t, res, "csv", Terminal{}), "\n"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	d := decode(t, render(t, res, "json", Terminal{}))
	if len(d.Rows[0]) != 8 || d.Rows[0]["total (2)"] != 4.0 || d.Rows[0]["total"] != 15.0 {
		t.Errorf("got %v", d.Rows[0])
	}
}

// TestDataOnTerminal: CSV and JSON on a terminal have no control characters.
func TestDataOnTerminal(t *testing.T) {
	for _, format := range []string{"csv", "json"} {
		for l := range strings.Lines(render(t, hostile(), format, Terminal{Width: 80})) {
			if l = strings.TrimSuffix(l, "\n"); store.Clean(l) != l {
				t.Errorf("%s: not clean: %q", format, l)
			}
		}
	}
}

// TestNUL: no format has a NUL, and each shows where one was.
func TestNUL(t *testing.T) {
	res := blankReport(report.AuthorDim)
	res.Pivot, res.PivotValues, res.TotalCells = report.Project, []string{"P\x00Q"}, []int{3}
	r := row(report.Counts{Commits: 3}, "A\x00B")
	r.Cells = []int{3}
	push(res, r)
	res.Total, res.Notes = r.Counts, []string{"N\x00M"}
	for _, format := range Formats {
		for _, term := range []Terminal{{}, {Width: 100}} {
			text := render(t, res, format, term)
			if strings.Contains(text, "\x00") || strings.Contains(text, `\u0000`) {
				t.Errorf("%s has a NUL: %q", format, text)
			}
			if !strings.Contains(text, "A\uFFFDB") || !strings.Contains(text, "P\uFFFDQ") {
				t.Errorf("%s does not show it: %q", format, text)
			}
		}
	}
}

func TestCSVOptions(t *testing.T) {
	g := Grid{
		Columns: []Column{{Name: "name"}, {Name: "n", Number: true}},
		Rows: [][]Cell{
			{Text("a;b"), Number(-1)}, {Text("a,b")}, {Text("-a\x1b[31m"), Number(2)}, {Text("x\ty"), Number(3)},
		},
	}
	tests := []struct {
		name string
		o    CSVOptions
		want string
	}{
		{"as it is", CSVOptions{}, "name,n\na;b,-1\n\"a,b\",\n'-a\x1b[31m,2\nx\ty,3\n"},
		{"semicolon", CSVOptions{Delimiter: ';'}, "name;n\n\"a;b\";-1\na,b;\n'-a\x1b[31m;2\nx\ty;3\n"},
		{"tab", CSVOptions{Delimiter: '\t'}, "name\tn\na;b\t-1\na,b\t\n'-a\x1b[31m\t2\n\"x\ty\"\t3\n"},
		{"mark", CSVOptions{BOM: true}, "\uFEFFname,n\na;b,-1\n\"a,b\",\n'-a\x1b[31m,2\nx\ty,3\n"},
		{"clean", CSVOptions{Clean: true}, "name,n\na;b,-1\n\"a,b\",\n'-a,2\nx y,3\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := CSV(&out, g, tt.o); err != nil || out.String() != tt.want {
				t.Errorf("got %q, %v, want %q", out.String(), err, tt.want)
			}
		})
	}
	var out bytes.Buffer
	o := Options{CSV: CSVOptions{BOM: true, Delimiter: ';'}}
	if err := Write(&out, byRepository(), "csv", o); err != nil ||
		!strings.HasPrefix(out.String(), "\uFEFFrepository;commits;merges;") {
		t.Errorf("Write does not pass the options on: %v, %q", err, out.String())
	}
}

func TestParseDelimiter(t *testing.T) {
	for text, want := range map[string]rune{";": ';', "|": '|', `\t`: '\t', "tab": '\t', "\t": '\t', "·": '·'} {
		if got, err := ParseDelimiter(text); got != want || err != nil {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", ";;", `"`, "\n", "\r", "\x00", "\xff", "\uFFFD", "comma"} {
		if _, err := ParseDelimiter(text); err == nil {
			t.Errorf("%q is a delimiter", text)
		}
	}
}

// TestJSONEscapesHidden: what a terminal obeys, and what hides or reorders text, is escaped in
// every JSON, and reads back as it was.
func TestJSONEscapesHidden(t *testing.T) {
	const name = "a\x1b[31m\x7f\u009b\u202e\u2066\u00ad\u200b\ufeff\U000E0041\u200dz\U0001F1E9 \"\\\n"
	var out bytes.Buffer
	if err := JSON(&out, name); err != nil {
		t.Fatal(err)
	}
	const want = `"a\u001b[31m\u007f\u009b\u202e\u2066\u00ad\u200b\ufeff\udb40\udc41` + "\u200dz\U0001F1E9" +
		` \"\\\n"` + "\n"
	if out.String() != want {
		t.Errorf("got %s, want %s", out.String(), want)
	}
	res := blankReport(report.Repository)
	push(res, row(counts(1, 0, 1), name))
	for _, term := range []Terminal{{}, {Width: 80}} {
		text := render(t, res, "json", term)
		if got := decode(t, text).Rows[0]["repository"]; got != name || !strings.Contains(text, want[1:len(want)-2]) {
			t.Errorf("got %q in %s", got, text)
		}
	}
}
