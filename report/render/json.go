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

// A member is a name and a value of a JSON object. The value may be members, of an object in the object.
type member struct {
	name  string
	value any
}

// object writes members in their order. Their values are such that encoding cannot fail, and errors of the
// writer are kept for Flush.
func (j *JSONWriter) object(members []member) {
	j.WriteByte('{')
	j.members(members)
	j.WriteByte('}')
}

// members writes what stands between the braces of an object.
func (j *JSONWriter) members(members []member) {
	for i, m := range members {
		if i > 0 {
			j.WriteByte(',')
		}
		j.enc.Encode(m.name)
		j.WriteByte(':')
		if object, is := m.value.([]member); is {
			j.object(object)
		} else {
			j.enc.Encode(m.value)
		}
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

// writeJSON writes the report as one object, a line for each row, and never holds more than one
// row of it. Members are always in the same order, and rows have the names of CSV's columns.
func writeJSON(w io.Writer, res *report.Result) error {
	j := NewJSONWriter(w)
	j.WriteByte('{')
	j.members(headMembers(res))
	j.WriteString(`,"rows":[`)
	columns, begin, end := dataColumns(res), "\n", ""
	var members []member // used again
	for row := range res.Rows.All() {
		members = appendMembers(members[:0], columns, row)
		if _, err := j.WriteString(begin); err != nil {
			return err
		}
		j.object(members)
		begin, end = ",\n", "\n"
	}
	j.WriteString(end + "],")
	j.members(footMembers(res))
	j.WriteString("}\n")
	return j.Flush()
}

// headMembers say what the report is of. As in all JSON of the program, names are never changed; what only
// some reports have is there only in these.
func headMembers(res *report.Result) []member {
	head := []member{
		{"schema", 1},
		{"generated_at", timestamp(res.GeneratedAt.In(res.Zone))},
		{"timezone", res.ZoneName},
		{"since", timestamp(res.Since)},
		{"until", timestamp(res.Until)},
	}
	if res.PreviousTotal != nil {
		head = append(head, member{"previous_since", timestamp(res.PreviousSince)},
			member{"previous_until", timestamp(res.PreviousUntil)})
	}
	c := res.Coverage
	coverage := []member{
		{"repositories", c.Repositories},
		{"incomplete", c.Incomplete},
		{"oldest_sync", timestamp(c.OldestSync.In(res.Zone))},
	}
	if c.Gone > 0 {
		coverage = append(coverage, member{"gone", c.Gone})
	}
	if len(c.IncompleteListings) > 0 {
		coverage = append(coverage, member{"listing_incomplete", true})
	}
	return append(head, member{"coverage", coverage})
}

// footMembers have what --top cut off, the total, and what is to be known about the numbers. With a pivot
// the cells of what was cut off stand apart from its counts, whose names a value of the pivot may have.
func footMembers(res *report.Result) (foot []member) {
	if res.Others != nil {
		row := othersRow(res)
		others := appendMembers([]member{{"rows", res.Others.Rows}},
			append(countColumns(res), compareColumns(res)...), &row)
		if res.Pivot != "" {
			others = append(others, member{"cells", appendMembers(nil, pivotColumns(res), &row)})
		}
		foot = append(foot, member{"others", others})
	}
	total := totalRow(res)
	foot = append(foot, member{"total", appendMembers(nil, valueColumns(res), &total)})
	if res.Pivot.IsPeriod() || slices.ContainsFunc(res.By, report.Dimension.IsPeriod) {
		partial := []string{} // not null
		for _, p := range res.Partial {
			partial = append(partial, p.Period)
		}
		foot = append(foot, member{"partial", partial})
	}
	notes := []string{} // not null
	for _, note := range res.Notes {
		notes = append(notes, WithoutNUL(note))
	}
	return append(foot, member{"notes", notes})
}

// appendMembers appends what the columns have of a row.
func appendMembers(members []member, columns []Column, row *report.Row) []member {
	for _, c := range columns {
		members = append(members, member{c.Name, c.cell(row).json()})
	}
	return members
}

// timestamp is a time in RFC 3339; nil where there is none. It is a text because package json refuses times
// of years beyond 9999, which a clock that was wrong may have given a commit.
func timestamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.RFC3339)
}
