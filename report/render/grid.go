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

	verbatim bool // a table heads the column with Name as it is
	spare    int  // not 0: may be left out of a table that is too wide, the highest first
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
		for i, col := range g.Columns {
			c.value(at(row, i), col.Number)
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

// value appends a cell of a column; in a column of numbers -3 is no formula, but a number.
func (c *csvWriter) value(s string, number bool) {
	if number { // asked first: Atoi makes an error of every other text, a sixth of a large report
		if _, err := strconv.Atoi(s); err == nil {
			c.record = append(c.record, s)
			return
		}
	}
	c.cell(s)
}

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
// = + - @, a tab or a carriage return gets a leading apostrophe. It is for text, not for numbers.
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

// at is the cell i of a row, empty where the row is shorter.
func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}
