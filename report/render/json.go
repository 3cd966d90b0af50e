package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"trunkstat/report"
)

// writeJSON writes the report as one object, a line for each row, without ever holding more than
// one row of it. Keys are always in the same order, and rows have the names of CSV's columns.
func writeJSON(w io.Writer, res *report.Result, term Terminal) error {
	j := &jsonWriter{b: bufio.NewWriter(w)}
	j.b.WriteString(`{"schema":1`)
	j.head(res)
	j.b.WriteString(`,"rows":[`)
	all := dataFields(res, term)
	names, first := j.names(all), true
	var l line
	for row := range res.Rows.All() {
		j.separate(!first)
		first = false
		l = rowLine(res, row)
		j.object(all, names, &l)
	}
	if !first {
		j.b.WriteByte('\n')
	}
	j.b.WriteByte(']')
	if res.Others != nil {
		j.others(res, all)
	}
	j.b.WriteString(`,"total":`)
	total := totalLine(res)
	counted := totals(res, all)
	j.object(counted, j.names(counted), &total)
	notes := res.Notes
	if notes == nil {
		notes = []string{}
	}
	j.member("notes", notes)
	j.b.WriteString("}\n")
	if j.err != nil {
		return j.err
	}
	return j.b.Flush()
}

// head writes what the report is of, before its rows.
func (j *jsonWriter) head(res *report.Result) {
	j.member("generated_at", moments(res.GeneratedAt, res.Zone))
	j.member("timezone", zoneName(res))
	j.member("since", moments(res.Since, nil))
	j.member("until", moments(res.Until, nil))
	if res.PreviousTotal != nil {
		j.member("previous_since", moments(res.PreviousSince, nil))
		j.member("previous_until", moments(res.PreviousUntil, nil))
	}
	j.member("coverage", struct {
		Repositories int `json:"repositories"`
		Incomplete   int `json:"incomplete"`
		OldestSync   any `json:"oldest_sync"`
	}{res.Coverage.Repositories, res.Coverage.Incomplete, moments(res.Coverage.OldestSync, res.Zone)})
}

// totals are the fields that the total has: those of the rows that are counted.
func totals(res *report.Result, all []field) []field {
	for len(all) > 0 && !all[0].Number {
		all = all[1:]
	}
	if res.Pivot != "" && res.TotalCells == nil {
		return all[len(all)-1:]
	}
	return all
}

// others writes what --top cut off: how many rows, their counts, and with a pivot their cells.
func (j *jsonWriter) others(res *report.Result, all []field) {
	others := res.Others
	columns := append([]field{
		number("rows", 0, func(*line) int { return others.Rows }),
	}, countFields(res)...)
	if others.Previous != nil {
		columns = append(columns, compareFields()...)
	}
	j.b.WriteString(`,"others":`)
	l := line{counts: &others.Counts, previous: others.Previous, cells: others.Cells}
	j.open(columns, j.names(columns), &l)
	if res.Pivot != "" { // apart from the counts, whose names a value of the pivot may have
		j.b.WriteString(`,"cells":`)
		cells := totals(res, all)
		cells = cells[:len(cells)-1]
		j.object(cells, j.names(cells), &l)
	}
	j.b.WriteByte('}')
}

// moments is a time for JSON: null where there is none.
func moments(t time.Time, zone *time.Location) any {
	if t.IsZero() {
		return nil
	}
	if zone != nil {
		t = t.In(zone)
	}
	return t.Format(time.RFC3339)
}

// A jsonWriter writes JSON piece by piece. bufio keeps the first error of the writer for Flush;
// err is the first one of encoding.
type jsonWriter struct {
	b       *bufio.Writer
	err     error
	scratch []byte
}

// separate begins a new line for an element of an array.
func (j *jsonWriter) separate(comma bool) {
	if comma {
		j.b.WriteByte(',')
	}
	j.b.WriteByte('\n')
}

// names are the names of fields as members of an object have them.
func (j *jsonWriter) names(all []field) []string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = string(append(j.text(nil, f.Name), ':'))
	}
	return names
}

// object writes the fields of a line as one object.
func (j *jsonWriter) object(all []field, names []string, l *line) {
	j.open(all, names, l)
	j.b.WriteByte('}')
}

// open writes an object but for its end.
func (j *jsonWriter) open(all []field, names []string, l *line) {
	b := append(j.scratch[:0], '{')
	for i := range all {
		f := &all[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, names[i]...)
		if f.text != nil {
			b = j.text(b, f.text(l))
			continue
		}
		if f.date != nil {
			b = append(b, '"')
		}
		before := len(b)
		b = f.append(b, l)
		switch {
		case len(b) == before && f.date != nil:
			b = append(b[:before-1], "null"...)
		case len(b) == before:
			b = append(b, "null"...)
		case f.date != nil:
			b = append(b, '"')
		}
	}
	j.scratch = b
	j.b.Write(b)
}

// text appends a string. Most are letters that stand for themselves.
func (j *jsonWriter) text(b []byte, s string) []byte {
	if isPlain(s) && strings.IndexByte(s, '"') < 0 && strings.IndexByte(s, '\\') < 0 {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	j.note(enc.Encode(s))
	return append(b, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}

// note keeps the first error.
func (j *jsonWriter) note(err error) {
	if j.err == nil {
		j.err = err
	}
}

// member writes a comma, a name and a value.
func (j *jsonWriter) member(name string, v any) {
	j.b.WriteString("," + strconv.Quote(name) + ":")
	j.value(v)
}

// value writes v without the newline that an Encoder ends it with.
func (j *jsonWriter) value(v any) {
	enc := json.NewEncoder(trimmed{j.b})
	enc.SetEscapeHTML(false)
	j.note(enc.Encode(v))
}

// trimmed drops the newline at the end of each Write.
type trimmed struct{ w *bufio.Writer }

func (t trimmed) Write(p []byte) (int, error) {
	n := len(p)
	if n > 0 && p[n-1] == '\n' {
		p = p[:n-1]
	}
	_, err := t.w.Write(p)
	return n, err
}
