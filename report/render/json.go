package render

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
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
	for i := range res.Rows {
		j.separate(i > 0)
		l := rowLine(res, &res.Rows[i])
		j.object(all, &l)
	}
	if len(res.Rows) > 0 {
		j.b.WriteByte('\n')
	}
	j.b.WriteByte(']')
	if res.Others != nil {
		j.others(res, all)
	}
	j.b.WriteString(`,"total":`)
	total := totalLine(res)
	j.object(totals(res, all), &total)
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
	}, countFields(&report.Result{})...)
	j.b.WriteString(`,"others":`)
	l := line{counts: &others.Counts, cells: others.Cells}
	j.open(columns, &l)
	if res.Pivot != "" { // apart from the counts, whose names a value of the pivot may have
		j.b.WriteString(`,"cells":`)
		cells := totals(res, all)
		j.object(cells[:len(cells)-1], &l)
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
	b   *bufio.Writer
	err error
}

// separate begins a new line for an element of an array.
func (j *jsonWriter) separate(comma bool) {
	if comma {
		j.b.WriteByte(',')
	}
	j.b.WriteByte('\n')
}

// object writes the fields of a line as one object.
func (j *jsonWriter) object(all []field, l *line) {
	j.open(all, l)
	j.b.WriteByte('}')
}

// open writes an object but for its end.
func (j *jsonWriter) open(all []field, l *line) {
	j.b.WriteByte('{')
	for i, f := range all {
		if i > 0 {
			j.b.WriteByte(',')
		}
		j.value(f.Name)
		j.b.WriteByte(':')
		text := f.text(l)
		switch {
		case text == "" && (f.Number || f.Date):
			j.b.WriteString("null")
		case f.Number:
			j.b.WriteString(text)
		default:
			j.value(text)
		}
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
	if err := enc.Encode(v); err != nil && j.err == nil {
		j.err = err
	}
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
