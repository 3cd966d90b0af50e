package synccmd

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"trunkstat/report/render"
)

// gridOf returns rows, which are structs, as a table. A column shows the field whose key in JSON is its name,
// so that a script finds the same names in every format.
func gridOf[T any](columns []render.Column, rows []T) render.Grid {
	g := render.Grid{Columns: columns, Rows: make([][]render.Cell, len(rows))}
	for _, col := range columns {
		index := fieldIndex[T](col.Name)
		for i, row := range rows {
			value := reflect.ValueOf(row).FieldByIndex(index).Interface()
			g.Rows[i] = append(g.Rows[i], cellOf(value))
		}
	}
	return g
}

// fieldIndex returns where the struct T, or one that it embeds, has the field with a key in JSON, nil if it
// has none.
func fieldIndex[T any](key string) []int {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if f.Tag.Get("json") == key {
			return f.Index
		}
	}
	return nil
}

// cellOf returns a value as a table shows it: a number that is not known and a date that is zero are empty.
// The cells stay typed until the format writes them: 1,234 in a table is 1234 in CSV.
func cellOf(value any) render.Cell {
	switch v := value.(type) {
	case int:
		return render.Number(v)
	case *int:
		if v == nil {
			return render.Cell{}
		}
		return render.Number(*v)
	case date:
		return render.Date(v.UTC())
	case []string:
		return render.Text(strings.Join(v, " "))
	}
	return render.Text(fmt.Sprint(value))
}

// terminalOf returns what stdout can show. A pipe shows everything, without colour and lines.
func terminalOf(c call) render.Terminal {
	return render.TerminalOf(c.App.Writer, c.getenv, c.Bool("no-color"))
}

// A date is a time that is written in UTC, in RFC 3339, and as null in JSON if it is zero. encoding/json
// would write a zero time as the year 1, and a local one with its offset.
type date struct{ time.Time }

func (d date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.UTC().Format(time.RFC3339))
}
