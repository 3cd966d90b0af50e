package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkstat/report"
)

// A Cell is one value of a table. It stays typed until a format writes it: a count is 1,234 in a
// table, 1234 in CSV, and a number in JSON. The zero Cell is empty.
type Cell struct {
	kind    cellKind
	text    string
	number  int // of a count
	signed  bool
	percent float64
	date    time.Time
}

// A cellKind says which of a Cell's fields has its value.
type cellKind int

const (
	emptyCell cellKind = iota
	textCell
	countCell // or, signed, a difference
	percentageCell
	dateCell
)

// Text is a cell of text that others may have written. A NUL in it becomes U+FFFD.
func Text(s string) Cell { return Cell{kind: textCell, text: WithoutNUL(s)} }

// Number is a cell of a whole number. A table gives it thousands separators.
func Number(n int) Cell { return Cell{kind: countCell, number: n} }

// Date is a cell of a time, in the zone that it is to be written in. A table shows the day; CSV
// and JSON have RFC 3339. The zero time makes an empty cell.
func Date(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{kind: dateCell, date: t}
}

// difference is a count that a table shows with its sign.
func difference(n int) Cell { return Cell{kind: countCell, number: n, signed: true} }

// percentage is a part of 100, or, signed, a change in percent.
func percentage(p float64, signed bool) Cell {
	return Cell{kind: percentageCell, percent: p, signed: signed}
}

// WithoutNUL puts U+FFFD in the place of each NUL. Databases and spreadsheets that read what is
// written refuse a NUL, or take it for the end of the text.
func WithoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

// display is the cell as people read it in a table.
func (c Cell) display() string {
	switch c.kind {
	case textCell:
		return trimmed(c.text)
	case countCell:
		if c.signed && c.number > 0 {
			return "+" + Count(c.number)
		}
		return Count(c.number)
	case percentageCell:
		if c.signed {
			return fmt.Sprintf("%+.1f", c.percent)
		}
		return fmt.Sprintf("%.1f", c.percent)
	case dateCell:
		return c.date.Format(time.DateOnly)
	}
	return ""
}

// csv is the cell as CSV has it. Only text can be mistaken for a formula: -3 is a number.
func (c Cell) csv() string {
	switch c.kind {
	case textCell:
		return safeCell(c.text)
	case countCell:
		return strconv.Itoa(c.number)
	case dateCell:
		return c.date.Format(time.RFC3339)
	}
	return ""
}

// json is the cell as a value for package json; nil where it is empty.
func (c Cell) json() any {
	switch c.kind {
	case textCell:
		return c.text
	case countCell:
		return c.number
	case dateCell:
		return c.date.Format(time.RFC3339)
	}
	return nil
}

// Count writes n with thousands separators: 1,234,567.
func Count(n int) string { return report.Grouped(n) }

// drawBar draws n as a bar that is width columns wide where n is highest, in steps of an eighth of
// a column. A number above 0 has at least one of them.
func drawBar(n, highest, width int) string {
	if n <= 0 || highest <= 0 {
		return ""
	}
	eighths := max(1, int(float64(n)/float64(highest)*float64(8*width)+0.5))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune(" ▏▎▍▌▋▊▉")[rest])
	}
	return text
}

// drawSparkline draws one block for each number, as high as it is beside the highest of them. A
// point stands for 0.
func drawSparkline(numbers []int) string {
	highest := slices.Max(append([]int{1}, numbers...))
	var b strings.Builder
	for _, n := range numbers {
		if n <= 0 {
			b.WriteRune('·')
			continue
		}
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[min(7, int(float64(n)/float64(highest)*8))])
	}
	return b.String()
}
