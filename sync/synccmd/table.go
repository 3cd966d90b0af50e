package synccmd

import (
	"encoding/json"
	"fmt"
	"time"

	"trunkstat/report/render"
)

// A valuer is a row of a table: a value for each column, which is a text, an int, an *int (nil: not known) or
// a date.
type valuer interface{ values() []any }

// gridOf returns the rows as the package render takes them.
func gridOf[T valuer](columns []render.Column, rows []T) render.Grid {
	g := render.Grid{Columns: columns}
	for _, row := range rows {
		var cells []render.Cell
		for _, value := range row.values() {
			cells = append(cells, cellOf(value))
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// cellOf returns a value as a table shows it: a number that is not known and a date that is zero are empty.
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
	}
	return render.Text(fmt.Sprint(value))
}

// terminalOf returns what stdout can show.
func terminalOf(c call) render.Terminal {
	return render.TerminalOf(c.App.Writer, c.getenv, c.Bool("no-color"))
}

// A date is a time in UTC, null in JSON if it is zero.
type date struct{ time.Time }

func (d date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.UTC().Format(time.RFC3339))
}
