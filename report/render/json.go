package render

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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
func (j *jsonBuffer) object(columns []reportColumn, row *report.Row) {
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
	escaped := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch high, low := utf16.EncodeRune(r); {
		case !needsEscape(r):
			escaped = append(escaped, text[:n]...)
		case r > 0xFFFF:
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, high, low)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		}
		text = text[n:]
	}
	return escaped
}

// jsonHead is what the JSON of a report has before its rows.
type jsonHead struct {
	Schema        int          `json:"schema"`
	GeneratedAt   *string      `json:"generated_at"`
	Timezone      string       `json:"timezone"`
	Since         *string      `json:"since"`
	Until         *string      `json:"until"`
	PreviousSince *string      `json:"previous_since,omitempty"`
	PreviousUntil *string      `json:"previous_until,omitempty"`
	Coverage      jsonCoverage `json:"coverage"`
}

type jsonCoverage struct {
	Repositories      int     `json:"repositories"`
	Incomplete        int     `json:"incomplete"`
	OldestSync        *string `json:"oldest_sync"`
	Gone              int     `json:"gone,omitempty"`
	ListingIncomplete bool    `json:"listing_incomplete,omitempty"`
}

func newJSONHead(res *report.Result) jsonHead {
	c := res.Coverage
	return jsonHead{
		Schema:        1,
		GeneratedAt:   timestamp(inZone(res, res.GeneratedAt)),
		Timezone:      zoneName(res),
		Since:         timestamp(res.Since),
		Until:         timestamp(res.Until),
		PreviousSince: timestamp(res.PreviousSince),
		PreviousUntil: timestamp(res.PreviousUntil),
		Coverage: jsonCoverage{c.Repositories, c.Incomplete, timestamp(inZone(res, c.OldestSync)),
			c.Gone, c.ListingIncomplete},
	}
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
	j.value(newJSONHead(res))
	j.Truncate(j.Len() - 1) // the object goes on
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
	notes := res.Notes
	if notes == nil {
		notes = []string{}
	}
	j.member("notes", notes)
	j.WriteString("}\n")
	if err := j.writeTo(b); err != nil {
		return err
	}
	return b.Flush()
}

// totals appends what --top cut off, and the total.
func (j *jsonBuffer) totals(res *report.Result) {
	if res.Others != nil {
		j.WriteString(`,"others":`)
		j.others(res)
	}
	total := totalRow(res)
	j.WriteString(`,"total":`)
	j.object(valueColumns(res), &total)
}

// others appends how many rows were cut off, and their counts. With a pivot the cells stand apart
// from the counts, whose names a value of the pivot may have.
func (j *jsonBuffer) others(res *report.Result) {
	rows := numberColumn("rows", 0, func(*report.Row) int { return res.Others.Rows })
	columns := append([]reportColumn{rows}, countColumns(res)...)
	row := othersRow(res)
	j.object(append(columns, compareColumns(res)...), &row)
	if res.Pivot != "" {
		j.Truncate(j.Len() - 1)
		j.WriteString(`,"cells":`)
		j.object(pivotColumns(res), &row)
		j.WriteByte('}')
	}
}
