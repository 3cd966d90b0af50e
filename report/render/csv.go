package render

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"trunkstat/store"
)

// bufferSize is how much CSV and JSON are written at once, in bytes. Exports have rows of several kilobytes.
const bufferSize = 1 << 15

// byteOrderMark at the beginning tells Excel that a CSV file is UTF-8.
const byteOrderMark = "\uFEFF"

// CSVOptions are how CSV is written. The zero value is a file as RFC 4180 has it.
type CSVOptions struct {
	BOM       bool // a byte order mark comes first
	Delimiter rune // between cells; 0: a comma
	Clean     bool // text has no control characters, as a terminal needs it
}

// ParseDelimiter reads the delimiter of a command line: one character, or tab or \t, which shells make hard
// to type. Characters that CSV needs for itself are refused, as package encoding/csv does, and so is NUL.
func ParseDelimiter(s string) (rune, error) {
	if s == "tab" || s == `\t` {
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || size < len(s) || strings.ContainsRune("\"\r\n\x00\uFFFD", r) {
		return 0, fmt.Errorf("invalid delimiter %q; use one character, such as ; or tab", s)
	}
	return r, nil
}

// CSV writes the names of the columns and the rows, without the total. It follows RFC 4180 but for
// the line's end, which is a plain newline as awk and diff want it. Cells are made safe for
// spreadsheets; see safeCell.
func CSV(w io.Writer, g Grid, o CSVOptions) error {
	c := NewCSVWriter(w, o)
	names := make([]Cell, len(g.Columns))
	for i, column := range g.Columns {
		names[i] = Text(column.Name)
	}
	if err := c.Write(names); err != nil {
		return err
	}
	for row := range g.rows() {
		if err := c.Write(row); err != nil {
			return err
		}
	}
	return c.Flush()
}

// A CSVWriter writes rows of cells, for tables that are too long for a Grid.
type CSVWriter struct {
	w      *csv.Writer
	record []string // the last one
	clean  bool
}

// NewCSVWriter begins a table. An error of w is reported by Write or Flush.
func NewCSVWriter(w io.Writer, o CSVOptions) *CSVWriter {
	b := bufio.NewWriterSize(w, bufferSize) // csv.NewWriter takes it as its own
	if o.BOM {
		b.WriteString(byteOrderMark)
	}
	c := &CSVWriter{w: csv.NewWriter(b), clean: o.Clean}
	if o.Delimiter != 0 {
		c.w.Comma = o.Delimiter
	}
	return c
}

// Write writes one row. The first one says how many cells all of them have; shorter rows get empty ones.
func (c *CSVWriter) Write(cells []Cell) error {
	if c.record == nil {
		c.record = make([]string, len(cells))
	}
	for i := range c.record {
		cell := at(cells, i)
		if c.clean {
			cell.text = store.Clean(cell.text)
		}
		c.record[i] = cell.csv()
	}
	return c.w.Write(c.record)
}

// Flush writes what is buffered, and returns the first error of the writer.
func (c *CSVWriter) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// safeCell keeps a spreadsheet from reading a cell of CSV as a formula: text that begins with
// = + - @, a tab or a carriage return gets a leading apostrophe. It is for text, not for numbers.
func safeCell(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
		return "'" + s
	}
	return s
}
