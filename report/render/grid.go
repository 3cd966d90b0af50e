package render

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
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

	verbatim bool   // Name is data (a value of a pivot): a table heads the column with it as it is
	spare    int    // not 0: may be left out of a table that is too wide, the highest first
	colour   string // SGR parameters for the cells
}

// A Grid is a plain table: its columns, its rows of raw text, and perhaps a last row of totals.
// Rows may be shorter than Columns; the cells that are missing are empty.
type Grid struct {
	Columns []Column
	Rows    [][]string
	Footer  []string
}

// CSV writes the columns' names and the rows, as RFC 4180 has it but for the line's end, which is
// a plain newline as awk and diff want it. The footer is not written. Cells are made safe for
// spreadsheets; see SafeCell.
func CSV(w io.Writer, g Grid) error {
	c := newCSV(w)
	for _, col := range g.Columns {
		c.cell(col.Name)
	}
	if err := c.end(); err != nil {
		return err
	}
	for _, row := range g.Rows {
		for i := range g.Columns {
			c.cell(at(row, i))
		}
		if err := c.end(); err != nil {
			return err
		}
	}
	return c.flush()
}

// csvWriter writes lines cell by cell, into a record that is used again.
type csvWriter struct {
	w      *csv.Writer
	record []string
}

func newCSV(w io.Writer) *csvWriter { return &csvWriter{w: csv.NewWriter(w)} }

func (c *csvWriter) cell(s string) { c.record = append(c.record, SafeCell(s)) }

// number appends a cell that the program itself made, so that -3 stays a number.
func (c *csvWriter) number(n int) { c.record = append(c.record, strconv.Itoa(n)) }

func (c *csvWriter) end() error {
	err := c.w.Write(c.record)
	c.record = c.record[:0]
	return err
}

func (c *csvWriter) flush() error {
	c.w.Flush()
	return c.w.Error()
}

// SafeCell keeps a spreadsheet from reading a cell of CSV as a formula: text that begins with
// = + - @, a tab or a carriage return gets a leading apostrophe. Numbers of the program's own
// making do not go through it.
func SafeCell(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
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

// Count writes n with thousands separators: 1,234,567.
func Count(n int) string { return separated(strconv.Itoa(n)) }

// separated puts the separators into a whole number; any other text is returned as it is.
func separated(s string) string {
	sign, digits := "", s
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		sign, digits = s[:1], s[1:]
	}
	if len(digits) <= 3 || strings.Trim(digits, "0123456789") != "" {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(digits)/3)
	b.WriteString(sign)
	head := len(digits) % 3
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// at is the cell i of a row, empty where the row is shorter.
func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}
