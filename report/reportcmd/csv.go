package reportcmd

import (
	"encoding/csv"
	"io"

	"trunkstat/report/render"
)

// byteOrderMark at the beginning tells Excel that a CSV file is UTF-8.
const byteOrderMark = "\xEF\xBB\xBF"

// A csvTable writes rows as the reports' CSV is written: RFC 4180, lines that end in a plain
// newline, cells made safe for spreadsheets. Messages keep their own line ends.
type csvTable[R row] struct {
	w     *csv.Writer
	cells []string
}

// newCSVTable begins a table with its header; bom writes a byte order mark before it.
func newCSVTable[R row](w io.Writer, bom bool) (*csvTable[R], error) {
	if bom {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return nil, err
		}
	}
	var head R
	t := &csvTable[R]{w: csv.NewWriter(w)}
	return t, t.w.Write(head.columns())
}

func (t *csvTable[R]) Write(rows []R) error {
	for _, r := range rows {
		t.cells = r.cells(t.cells[:0])
		for i, cell := range t.cells {
			t.cells[i] = render.SafeCell(cell)
		}
		if err := t.w.Write(t.cells); err != nil {
			return err
		}
	}
	return nil
}

func (t *csvTable[R]) Close() error {
	t.w.Flush()
	return t.w.Error()
}
