package reportcmd

import (
	"encoding/json"
	"io"
)

// A jsonlTable writes rows as one JSON object a line; missing values are null.
type jsonlTable[R row] struct{ e *json.Encoder }

func newJSONLTable[R row](w io.Writer) jsonlTable[R] {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // the lines are read by programs, and <a@b.c> by people
	return jsonlTable[R]{e}
}

func (t jsonlTable[R]) Write(rows []R) error {
	for _, r := range rows {
		if err := t.e.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func (jsonlTable[R]) Close() error { return nil }
