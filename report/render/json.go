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
	"trunkstat/store"
)

// JSON writes v on one line, as a JSONWriter does.
func JSON(w io.Writer, v any) error {
	j := NewJSONWriter(w)
	if err := j.WriteLine(v); err != nil {
		return err
	}
	return j.Flush()
}

// A JSONWriter writes JSON: values a line each, or an object piece by piece. Unlike json.Marshal it
// leaves < > & as they are, and it escapes every character that a terminal might obey, or that hides
// or reorders text: DEL, C1 controls and bidirectional controls.
type JSONWriter struct {
	*bufio.Writer // keeps the first error of the writer below, and Flush returns it
	enc           *json.Encoder
}

// NewJSONWriter returns a writer that buffers what it writes.
func NewJSONWriter(w io.Writer) *JSONWriter {
	b := bufio.NewWriterSize(w, bufferSize)
	j := &JSONWriter{b, json.NewEncoder(valueWriter{b})}
	j.enc.SetEscapeHTML(false)
	return j
}

// WriteLine writes one value.
func (j *JSONWriter) WriteLine(v any) error {
	if err := j.enc.Encode(v); err != nil {
		return err
	}
	return j.WriteByte('\n')
}

// A valueWriter takes the values of an Encoder, each in one Write, and drops the newline that ends
// each.
type valueWriter struct{ b *bufio.Writer }

// Write reports the length that it was given: what is written may be longer.
func (v valueWriter) Write(value []byte) (int, error) {
	_, err := v.b.Write(escapeHidden(bytes.TrimSuffix(value, []byte("\n"))))
	return len(value), err
}

// member writes a name and a value, which is one that can be encoded.
func (j *JSONWriter) member(name string, value any) {
	j.enc.Encode(name)
	j.WriteByte(':')
	j.enc.Encode(value)
}

// members writes what the columns have of a row, in their order.
func (j *JSONWriter) members(columns []Column, row *report.Row) {
	for i, c := range columns {
		if i > 0 {
			j.WriteByte(',')
		}
		j.member(c.Name, c.cell(row).json())
	}
}

// escapeHidden writes hidden characters as \u escapes. JSON has them only within its strings.
func escapeHidden(text []byte) []byte {
	if !bytes.ContainsFunc(text, store.IsHidden) {
		return text
	}
	var escaped []byte
	for _, r := range string(text) {
		if !store.IsHidden(r) {
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
	j := NewJSONWriter(w)
	j.WriteByte('{')
	j.head(res)
	j.WriteString(`,"rows":[`)
	columns, begin, end := dataColumns(res), "\n{", ""
	for row := range res.Rows.All() {
		j.WriteString(begin)
		j.members(columns, row)
		if err := j.WriteByte('}'); err != nil {
			return err
		}
		begin, end = ",\n{", "\n"
	}
	j.WriteString(end + "]")
	j.totals(res)
	notes := []string{} // not null
	for _, note := range res.Notes {
		notes = append(notes, WithoutNUL(note))
	}
	if res.Pivot.IsPeriod() || slices.ContainsFunc(res.By, report.Dimension.IsPeriod) {
		partial := []string{} // not null
		for _, p := range res.Partial {
			partial = append(partial, p.Period)
		}
		j.WriteByte(',')
		j.member("partial", partial)
	}
	j.WriteByte(',')
	j.member("notes", notes)
	j.WriteString("}\n")
	return j.Flush()
}

// A jsonCoverage is report.Coverage in JSON.
type jsonCoverage struct {
	Repositories      int     `json:"repositories"`
	Incomplete        int     `json:"incomplete"`
	OldestSync        *string `json:"oldest_sync"`
	Gone              int     `json:"gone,omitempty"`
	ListingIncomplete bool    `json:"listing_incomplete,omitempty"`
}

// head writes what the report is of.
func (j *JSONWriter) head(res *report.Result) {
	member := func(name string, value any) {
		j.WriteByte(',')
		j.member(name, value)
	}
	j.member("schema", 1)
	member("generated_at", timestamp(inZone(res, res.GeneratedAt)))
	member("timezone", zoneName(res))
	member("since", timestamp(res.Since))
	member("until", timestamp(res.Until))
	if res.PreviousTotal != nil {
		member("previous_since", timestamp(res.PreviousSince))
		member("previous_until", timestamp(res.PreviousUntil))
	}
	c := res.Coverage
	oldest := timestamp(inZone(res, c.OldestSync))
	member("coverage", jsonCoverage{c.Repositories, c.Incomplete, oldest, c.Gone, len(c.IncompleteListings) > 0})
}

// totals writes what --top cut off, and the total. With a pivot the cells of what was cut off
// stand apart from its counts, whose names a value of the pivot may have.
func (j *JSONWriter) totals(res *report.Result) {
	if res.Others != nil {
		rows := numberColumn("rows", func(*report.Row) int { return res.Others.Rows })
		row := othersRow(res)
		j.WriteString(`,"others":{`)
		j.members(slices.Concat([]Column{rows}, countColumns(res), compareColumns(res)), &row)
		if res.Pivot != "" {
			j.WriteString(`,"cells":{`)
			j.members(pivotColumns(res), &row)
			j.WriteByte('}')
		}
		j.WriteByte('}')
	}
	total := totalRow(res)
	j.WriteString(`,"total":{`)
	j.members(valueColumns(res), &total)
	j.WriteByte('}')
}
