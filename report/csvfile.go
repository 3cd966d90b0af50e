package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// readCSV reads a file of teams or groups: CSV in UTF-8, whose header has the first two of the columns, and
// perhaps the others, in any order. It calls use with the number and the cells of each line, of which the
// first two columns are not empty. Errors are ErrMisuse, and name path, as the user does, and the line.
func readCSV(
	path string, r io.Reader, columns []string, use func(line int, cells map[string]string) error,
) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	at := func(line int, format string, args ...any) error {
		return misuse("%s line %d: %w", path, line, fmt.Errorf(format, args...))
	}
	if !utf8.Valid(text) {
		return at(1, "the file is not UTF-8")
	}
	// Excel begins a file in UTF-8 with a byte order mark.
	lines := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	lines.FieldsPerRecord = -1    // cells at the end of a line may be missing
	lines.TrimLeadingSpace = true // people write "a, b", which CSV would take for a blank in the cell
	var header []string
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) && header != nil { // a file without a header is told what it lacks
			return nil
		}
		if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
			return at(parse.Line, "%v", parse.Err)
		}
		line := 1
		if err == nil {
			line, _ = lines.FieldPos(0) // a cell in quotation marks may be several lines
		}
		if header == nil {
			if header = headerOf(cells, columns); header == nil {
				return at(line, "the header is %q; use %s", strings.Join(cells, ","), wantedHeader(columns))
			}
			continue
		}
		byName, err := cellsByName(header, cells, columns[:2])
		if err == nil {
			err = use(line, byName)
		}
		if err != nil {
			return at(line, "%w", err)
		}
	}
}

// headerOf returns the names in a header, nil if they are not those that a header must have, and may have.
func headerOf(cells, columns []string) []string {
	var names []string
	for _, cell := range cells {
		name := strings.ToLower(strings.TrimSpace(cell))
		if !slices.Contains(columns, name) || slices.Contains(names, name) {
			return nil
		}
		names = append(names, name)
	}
	if !slices.Contains(names, columns[0]) || !slices.Contains(names, columns[1]) {
		return nil
	}
	return names
}

// wantedHeader writes the headers that a file may have: the shortest, and the one with all columns.
func wantedHeader(columns []string) string {
	text := strings.Join(columns[:2], ",")
	if more := columns[2:]; len(more) > 0 {
		text += " or " + strings.Join(columns, ",")
	}
	return text
}

// cellsByName returns the cells of a line, with single blanks in them.
func cellsByName(header, cells, required []string) (map[string]string, error) {
	if len(cells) > len(header) {
		return nil, fmt.Errorf("there are %d cells, and %d in the header", len(cells), len(header))
	}
	byName := map[string]string{}
	for i, cell := range cells {
		byName[header[i]] = strings.Join(strings.Fields(cell), " ")
	}
	for _, name := range required {
		if byName[name] == "" {
			return nil, fmt.Errorf("the %s is missing", name)
		}
	}
	return byName, nil
}
