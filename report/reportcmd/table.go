package reportcmd

import (
	"io"
	"reflect"
	"strconv"

	"trunkstat/report/render"
)

// A table writes rows of one type in one format. All have the same columns, those of the type, and the same
// values; they differ in how a value is written that is missing.
type table[R any] interface {
	// Write writes some rows, and keeps none of them.
	Write(rows []R) error
	// Close writes what is buffered; it does not close what the table is written to.
	Close() error
}

// newTable begins a table in the output's format.
func newTable[R any](w io.Writer, o *output) (table[R], error) {
	switch o.format {
	case "jsonl":
		return jsonlTable[R]{render.NewJSONWriter(w)}, nil
	case "parquet":
		return newParquetTable[R](w), nil
	}
	return newCSVTable[R](w, o.csv)
}

// A csvTable writes rows as the CSV of reports is written.
type csvTable[R any] struct {
	w     *render.CSVWriter
	cells []render.Cell // used again for each row
}

// newCSVTable begins a table with its header: the names that the columns have in JSON.
func newCSVTable[R any](w io.Writer, o render.CSVOptions) (*csvTable[R], error) {
	t := &csvTable[R]{w: render.NewCSVWriter(w, o)}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[R]()) {
		t.cells = append(t.cells, render.Text(f.Tag.Get("json")))
	}
	return t, t.w.Write(t.cells)
}

// Write reads the fields by reflection, so that a column is named once: in the type of its row.
func (t *csvTable[R]) Write(rows []R) error {
	for i := range rows {
		v := reflect.ValueOf(&rows[i]).Elem()
		for j := range t.cells {
			t.cells[j] = cellOf(v.Field(j))
		}
		if err := t.w.Write(t.cells); err != nil {
			return err
		}
	}
	return nil
}

func (t *csvTable[R]) Close() error { return t.w.Flush() }

// instantType tells instants, which are numbers too, from counts.
var instantType = reflect.TypeFor[instant]()

// cellOf returns the cell of a field. What is missing is an empty cell. Fields of all rows are texts,
// booleans, instants and counts, or pointers to them.
func cellOf(v reflect.Value) render.Cell {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return render.Cell{}
		}
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.String:
		return render.Text(v.String())
	case v.Kind() == reflect.Bool:
		return render.Text(strconv.FormatBool(v.Bool()))
	case v.Type() == instantType:
		return render.Date(instant(v.Int()).time())
	}
	return render.Number(int(v.Int()))
}

// A jsonlTable writes rows as one JSON object a line; missing values are null.
type jsonlTable[R any] struct{ w *render.JSONWriter }

func (t jsonlTable[R]) Write(rows []R) error {
	for i := range rows {
		if err := t.w.WriteLine(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t jsonlTable[R]) Close() error { return t.w.Flush() }
