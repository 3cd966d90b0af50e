package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"trunkstat/report"
)

// JSON writes v on one line. Unlike json.Marshal it leaves < > & as they are, and it escapes
// every character that a terminal might obey, or that hides or reorders text: DEL, C1 controls
// and bidirectional controls.
func JSON(w io.Writer, v any) error {
	j := newJSONBuffer()
	j.value(v)
	j.WriteByte('\n')
	return j.writeTo(w)
}

// A jsonBuffer builds JSON piece by piece. Package json encodes each value.
type jsonBuffer struct {
	bytes.Buffer
	enc *json.Encoder
	err error // the first one of encoding
}

func newJSONBuffer() *jsonBuffer {
	j := &jsonBuffer{}
	j.enc = json.NewEncoder(&j.Buffer)
	j.enc.SetEscapeHTML(false)
	return j
}

// value appends v, without the newline that an Encoder ends it with.
func (j *jsonBuffer) value(v any) {
	if err := j.enc.Encode(v); err != nil {
		if j.err == nil {
			j.err = err
		}
		return
	}
	j.Truncate(j.Len() - 1)
}

// member appends a comma, a name and a value.
func (j *jsonBuffer) member(name string, v any) {
	j.WriteByte(',')
	j.value(name)
	j.WriteByte(':')
	j.value(v)
}

// object appends what the columns have of a row, as an object whose members keep their order.
func (j *jsonBuffer) object(columns []Column, row *report.Row) {
	j.WriteByte('{')
	for i, c := range columns {
		if i > 0 {
			j.WriteByte(',')
		}
		j.value(c.Name)
		j.WriteByte(':')
		j.value(c.cell(row).json())
	}
	j.WriteByte('}')
}

// writeTo empties the buffer into w.
func (j *jsonBuffer) writeTo(w io.Writer) error {
	if j.err != nil {
		return j.err
	}
	_, err := w.Write(escapeHidden(j.Bytes()))
	j.Reset()
	return err
}

// escapeHidden writes hidden characters as \u escapes. JSON has them only within its strings.
func escapeHidden(text []byte) []byte {
	needsEscape := func(r rune) bool { return r != '\n' && isHidden(r) }
	if !bytes.ContainsFunc(text, needsEscape) {
		return text
	}
	var escaped []byte
	for _, r := range string(text) {
		if !needsEscape(r) {
			escaped = utf8.AppendRune(escaped, r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	return escaped
}

// timestamp is a time in RFC 3339; nil where there is none. Package json refuses years beyond 9999.
func timestamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.Format(time.RFC3339)
	return &text
}

// inZone is a time in the report's zone.
func inZone(res *report.Result, t time.Time) time.Time {
	if res.Zone == nil || t.IsZero() {
		return t
	}
	return t.In(res.Zone)
}

// writeJSON writes the report as one object, a line for each row, and never holds more than one
// row of it. Keys are always in the same order, and rows have the names of CSV's columns.
func writeJSON(w io.Writer, res *report.Result) error {
	b := bufio.NewWriter(w)
	j := newJSONBuffer()
	j.head(res)
	j.WriteString(`,"rows":[`)
	columns, separator := dataColumns(res), "\n"
	for row := range res.Rows.All() {
		j.WriteString(separator)
		separator = ",\n"
		j.object(columns, row)
		if err := j.writeTo(b); err != nil {
			return err
		}
	}
	if res.Rows.Len() > 0 {
		j.WriteByte('\n')
	}
	j.WriteByte(']')
	j.totals(res)
	notes := []string{} // not null
	for _, note := range res.Notes {
		notes = append(notes, withoutNUL(note))
	}
	j.member("notes", notes)
	j.WriteString("}\n")
	if err := j.writeTo(b); err != nil {
		return err
	}
	return b.Flush()
}

// head begins the object with what the report is of.
func (j *jsonBuffer) head(res *report.Result) {
	j.WriteString(`{"schema":1`)
	j.member("generated_at", timestamp(inZone(res, res.GeneratedAt)))
	j.member("timezone", zoneName(res))
	j.member("since", timestamp(res.Since))
	j.member("until", timestamp(res.Until))
	if res.PreviousTotal != nil {
		j.member("previous_since", timestamp(res.PreviousSince))
		j.member("previous_until", timestamp(res.PreviousUntil))
	}
	c := res.Coverage
	j.member("coverage", struct {
		Repositories      int     `json:"repositories"`
		Incomplete        int     `json:"incomplete"`
		OldestSync        *string `json:"oldest_sync"`
		Gone              int     `json:"gone,omitempty"`
		ListingIncomplete bool    `json:"listing_incomplete,omitempty"`
	}{c.Repositories, c.Incomplete, timestamp(inZone(res, c.OldestSync)), c.Gone, c.ListingIncomplete})
}

// totals appends what --top cut off, and the total. With a pivot the cells of what was cut off
// stand apart from its counts, whose names a value of the pivot may have.
func (j *jsonBuffer) totals(res *report.Result) {
	if res.Others != nil {
		rows := numberColumn("rows", func(*report.Row) int { return res.Others.Rows })
		columns := slices.Concat([]Column{rows}, countColumns(), compareColumns(res))
		row := othersRow(res)
		j.WriteString(`,"others":`)
		j.object(columns, &row)
		if res.Pivot != "" {
			j.Truncate(j.Len() - 1) // the object goes on
			j.WriteString(`,"cells":`)
			j.object(pivotColumns(res), &row)
			j.WriteByte('}')
		}
	}
	total := totalRow(res)
	j.WriteString(`,"total":`)
	j.object(valueColumns(res), &total)
}
