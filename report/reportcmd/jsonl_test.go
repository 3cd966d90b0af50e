package reportcmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestJSONLOfCommits(t *testing.T) {
	w := newSampleWorld(t, 2_000, "acme/web", "acme/api")
	data := w.export(t, export{output: output{format: "jsonl"}})
	var rows []map[string]string
	for line := range bytes.Lines(data) {
		var values map[string]any
		if err := json.Unmarshal(line, &values); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		rows = append(rows, textOfJSON(t, values))
	}
	wantRows(t, rows, w.want)
}

// textOfJSON holds the types against the contract, and makes text of the values.
func textOfJSON(t *testing.T, values map[string]any) map[string]string {
	t.Helper()
	row := map[string]string{}
	for name, v := range values {
		switch v.(type) {
		case bool:
			if name != "is_merge" {
				t.Fatalf("%s is %v", name, v)
			}
		case nil:
			if name != "author_uuid" {
				t.Fatalf("%s is null", name)
			}
			v = ""
		case string:
			if name == "is_merge" || name == "author_uuid" && v == "" {
				t.Fatalf("%s is %q", name, v)
			}
		}
		row[name] = fmt.Sprint(v)
	}
	if n := len(strings.Split(contractColumns, ",")); len(row) != n {
		t.Fatalf("%d names in %v, want %d", len(row), row, n)
	}
	return row
}

func TestJSONLOrderAndText(t *testing.T) {
	w := newSampleWorld(t, 300, "acme/web")
	first, _, _ := strings.Cut(string(w.export(t, export{output: output{format: "jsonl"}})), "\n")
	at := -1
	for _, column := range strings.Split(contractColumns, ",") {
		i := strings.Index(first, `"`+column+`":`)
		if i <= at {
			t.Errorf("%s is not where the contract has it in %s", column, first)
		}
		at = i
	}
	if !strings.Contains(string(w.export(t, export{output: output{format: "jsonl"}})), "<b>&amp;</b>") {
		t.Error("< > & are escaped")
	}
}

// TestInstantFarYears has years that four digits cannot hold, which time.Time refuses as JSON.
func TestInstantFarYears(t *testing.T) {
	for year, want := range map[int]string{
		-1:     `"-0001-03-04T05:06:07Z"`,
		0:      `"0000-03-04T05:06:07Z"`,
		10_000: `"10000-03-04T05:06:07Z"`,
	} {
		at := instantOf(time.Date(year, 3, 4, 5, 6, 7, 0, time.UTC))
		if got, err := json.Marshal(at); err != nil || string(got) != want {
			t.Errorf("year %d is %s (%v), want %s", year, got, err, want)
		}
	}
}
