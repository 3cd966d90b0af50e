package render

import (
	"bufio"
	"encoding/json"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Column is one column of a Grid.
type Column struct {
	// Name is what scripts call the column, like last_commit. A table heads it LAST COMMIT.
	Name string
	// Number columns are aligned to the right; a table gives whole numbers thousands separators.
	Number bool
	// Date columns hold times in RFC 3339, of which a table shows the day.
	Date bool
	// Elastic columns are cut with … where a table is wider than the terminal.
	Elastic bool
	// Spare columns, those above 0, are left out of a table that is too wide, the highest first.
	Spare int

	verbatim bool // a table heads the column with Name as it is
	pivot    bool // a value of a pivot: where such columns are left out, the table says so
	bar      bool // whole numbers that are drawn as bars
	change   bool // a signed number: green or red
	faint    bool
}

// A Grid is a plain table: its columns, its rows of raw text, and perhaps a last row of totals.
// Rows may be shorter than Columns; the cells that are missing are empty.
type Grid struct {
	Columns []Column
	Rows    [][]string
	Footer  []string

	// made makes the rows where there are none in Rows; each is good until the next one.
	made iter.Seq[[]string]
}

// rows yields the rows. It may be called again.
func (g *Grid) rows() iter.Seq[[]string] {
	if g.made != nil {
		return g.made
	}
	return slices.Values(g.Rows)
}

// CSV writes the columns' names and the rows, as RFC 4180 has it but for the line's end, which is
// a plain newline as awk and diff want it. The footer is not written. Cells are made safe for
// spreadsheets; see SafeCell.
func CSV(w io.Writer, g Grid) error {
	c := newCSV(w)
	for _, col := range g.Columns {
		c.text(col.Name)
	}
	c.end()
	for row := range g.rows() {
		for i, col := range g.Columns {
			c.value(at(row, i), col.Number)
		}
		c.end()
	}
	return c.w.Flush()
}

// csvWriter writes lines cell by cell. Package encoding/csv wants a string for each cell, which
// is most of what a large report would allocate. bufio keeps the first error of the writer for
// Flush.
type csvWriter struct {
	w    *bufio.Writer
	line []byte
	next bool // a cell is in the line
}

func newCSV(w io.Writer) *csvWriter { return &csvWriter{w: bufio.NewWriterSize(w, 1<<15)} }

// separate begins a cell.
func (c *csvWriter) separate() {
	if c.next {
		c.line = append(c.line, ',')
	}
	c.next = true
}

func (c *csvWriter) text(s string) {
	c.separate()
	s = SafeCell(s)
	if !needsQuotes(s) {
		c.line = append(c.line, s...)
		return
	}
	c.line = append(c.line, '"')
	c.line = append(c.line, strings.ReplaceAll(s, `"`, `""`)...)
	c.line = append(c.line, '"')
}

// value writes a cell of a column; in a column of numbers -3 is no formula, but a number.
func (c *csvWriter) value(s string, number bool) {
	if number {
		if _, err := strconv.Atoi(s); err == nil {
			c.separate()
			c.line = append(c.line, s...)
			return
		}
	}
	c.text(s)
}

// field writes the cell of a report's field.
func (c *csvWriter) field(f *field, l *line) {
	if f.text != nil {
		c.text(f.text(l))
		return
	}
	c.separate()
	c.line = f.append(c.line, l)
}

func (c *csvWriter) end() {
	c.w.Write(c.line)
	c.w.WriteByte('\n')
	c.line, c.next = c.line[:0], false
}

// needsQuotes is as in package encoding/csv: what another program may take for something else is
// quoted too.
func needsQuotes(s string) bool {
	for i := range len(s) {
		if quoted[s[i]] {
			return true
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	return s == `\.` || s != "" && unicode.IsSpace(first)
}

var quoted = [256]bool{',': true, '"': true, '\r': true, '\n': true}

// SafeCell keeps a spreadsheet from reading a cell of CSV as a formula: text that begins with
// = + - @, a tab or a carriage return gets a leading apostrophe. It is for text, not for numbers.
func SafeCell(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '=', '+', '-', '@', '\t', '\r':
		return "'" + s
	}
	return s
}

// JSON writes v on one line. Unlike json.Marshal it leaves < > & as they are.
func JSON(w io.Writer, v any) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return b.Flush()
}

// at is the cell i of a row, empty where the row is shorter.
func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}
